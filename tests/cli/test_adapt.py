import json

import pytest


@pytest.mark.slow
def test_weights_and_record_are_written_and_used_by_extract(run_cli, tmp_path, demo_dir, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    output = tmp_path / "adapted.weights.h5"
    words = ("adapt", demo_dir, "-o", output, "--minutes", 5, "--steps", 2, "--weights", "random")
    words = (*words, "--until", "mixed0", "--frames", 8, "--face", "none")
    result = run_cli(*words)
    assert result.exit_code == 0, result.output
    assert "2 steps in" in result.output
    assert "too small for one pass" in result.output
    assert f"Written   {tmp_path / 'adapted.json'}" in result.output
    record = json.loads((tmp_path / "adapted.json").read_text())
    assert {clip["part"] for clip in record["seen"]} == {"train", "val"}
    again = run_cli(*words)
    assert "was adapted in this way before" in again.output
    run_cli("catalog", demo_dir, "-o", tmp_path / "catalog.csv")
    extracted = run_cli(
        "extract", tmp_path / "catalog.csv", "--root", demo_dir, "--store", tmp_path / "store",
        "--frames", 1, "--face", "none", "--weights", output, "--layers", "mixed0",
    )  # fmt: skip
    assert extracted.exit_code == 0, extracted.output
    assert "ok: 24" in extracted.output


def test_bad_options_are_refused_before_anything_is_read(run_cli, tmp_path):
    for words, message in (
        (("-o", tmp_path / "a.h5"), "must end in .weights.h5"),
        (("-o", tmp_path / "a.weights.h5", "--until", "top"), "from mixed0 to mixed10"),
        (("-o", tmp_path / "a.weights.h5", "--fakes", "some"), "auto, real, pseudo, both"),
        (("-o", tmp_path / "a.weights.h5"), "There is no"),
    ):
        result = run_cli("adapt", tmp_path / "nowhere", *words)
        assert result.exit_code == 2
        assert message in result.output

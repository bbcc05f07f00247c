import pytest


@pytest.mark.slow
def test_clips_of_a_catalog_are_extracted_once(run_cli, tmp_path, demo_dir, demo_catalog):
    (tmp_path / "videos/real").mkdir(parents=True)
    (tmp_path / "videos/fake").mkdir()
    (tmp_path / "videos/real/a.mp4").write_bytes((demo_dir / "person_000/take0.mp4").read_bytes())
    (tmp_path / "videos/fake/b.mp4").write_text("no video")
    result = run_cli("catalog", tmp_path / "videos", "-o", tmp_path / "catalog.csv")
    assert result.exit_code == 0
    assert "1 real, 1 fake" in result.output
    words = (
        "extract",
        tmp_path / "catalog.csv",
        "--root",
        tmp_path / "videos",
        "--store",
        tmp_path / "store",
    )
    options = ("--frames", 2, "--weights", "random", "--layers", "mixed0")
    result = run_cli(*words, *options)
    assert result.exit_code == 0, result.output
    assert "2 of 2 clips extracted now" in result.output
    assert "fake/b: unreadable" in result.output
    assert "0 of 2 clips extracted now" in run_cli(*words, *options).output


def test_missing_catalog_is_refused(run_cli, tmp_path):
    result = run_cli("extract", tmp_path / "no.csv", "--root", tmp_path, "--store", tmp_path / "s")
    assert result.exit_code == 2
    assert "There is no catalog" in result.output

import pytest


@pytest.mark.parametrize("command", ["catalog", "report"])
def test_missing_data_set_is_refused(run_cli, command, tmp_path, home):
    words = ("--data", tmp_path / "nowhere") if command == "report" else (tmp_path / "nowhere",)
    result = run_cli(command, *words)
    assert result.exit_code == 2
    assert "There is no" in result.output
    assert "Traceback" not in result.output


def test_data_set_of_one_class_is_refused_before_anything_runs(run_cli, tmp_path, home):
    (tmp_path / "videos/fake").mkdir(parents=True)
    for i in range(5):
        (tmp_path / f"videos/fake/{i}.mp4").write_bytes(b"x")
    assert run_cli("catalog", tmp_path / "videos").exit_code == 0
    result = run_cli("report", "--data", tmp_path / "videos")
    assert result.exit_code == 2
    assert "No clip is real" in result.output
    assert not (home / "reports").exists()


@pytest.mark.slow
def test_unknown_profile_parameter_or_name_is_refused(run_cli, home):
    for words, message in (
        (("--profile", "huge"), "Unknown profile"),
        (("-p", "speed=3"), "No notebook has a parameter 'speed'"),
        (("-p", "epochs"), "KEY=VALUE"),
        (("--name", "other"), "There is no workspace"),
        (("--only", "12"), "There is no notebook '12'. Known: 01_data_loading, 02"),
        (("--only", "02", "--from", "04"), "not both (--only, --from)"),
        (("--cell-limit", "0"), "0 is not in the range"),
    ):
        result = run_cli("report", *words)
        assert result.exit_code == 2, words
        assert message in result.output

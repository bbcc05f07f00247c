"""Wrong detectors are named before the app starts."""


def test_missing_detector_is_named(run_cli, home, tmp_path):
    result = run_cli("app")
    assert result.exit_code == 2
    assert "There is no detector in" in result.output
    result = run_cli("app", "--model", tmp_path / "nowhere")
    assert result.exit_code == 2
    assert f"There is no detector in {tmp_path / 'nowhere'}" in result.output

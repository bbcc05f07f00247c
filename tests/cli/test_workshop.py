def test_command_writes_both_editions(run_cli, tmp_path):
    run = run_cli("workshop", "-o", tmp_path / "out")
    assert run.exit_code == 0
    assert "9 notebooks for students" in run.output
    assert len(list((tmp_path / "out/solutions").glob("*.ipynb"))) == 9

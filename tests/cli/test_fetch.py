def test_unknown_data_set_name_is_refused(run_cli, home):
    done = run_cli("fetch", "nonsense")
    assert done.exit_code == 2
    assert "owner/name" in done.stderr

def test_demo_writes_a_contact_sheet(run_cli, tmp_path, demo_dir):
    sheet = tmp_path / "people.jpg"
    result = run_cli("demo", demo_dir, "--identities", 6, "--sheet", sheet)
    assert result.exit_code == 0, result.output
    assert sheet.read_bytes().startswith(b"\xff\xd8")
    assert "0 rendered now" in result.output
    assert run_cli("demo", demo_dir, "--identities", 6, "--sheet", tmp_path / "people.txt").exit_code == 2


def test_odd_number_of_people_is_refused(run_cli, tmp_path):
    result = run_cli("demo", tmp_path / "d", "--identities", 3)
    assert result.exit_code == 2
    assert "even number" in result.output

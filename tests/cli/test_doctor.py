from dfutils import doctor


def test_command_prints_one_line_per_check_and_its_remedy(run_cli, home, monkeypatch):
    checks = [doctor.Check("Disk", "problem", "Full.", "Free some."), doctor.Check("Data", "ok", "None yet.")]
    monkeypatch.setattr(doctor, "examine", lambda: iter(checks))
    run = run_cli("doctor")
    assert run.exit_code == 1
    assert run.output.splitlines() == ["✗ Disk       Full.", f"{'':13}→ Free some.", "✓ Data       None yet."]
    monkeypatch.setattr(doctor, "examine", lambda: iter(checks[1:]))
    assert run_cli("doctor").exit_code == 0

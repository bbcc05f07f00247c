import subprocess
import sys

from dfutils.cli import main


def test_help_of_every_command_has_an_example(run_cli):
    for name, command in main.commands.items():
        result = run_cli(name, "--help")
        assert result.exit_code == 0
        assert "Example" in result.output
        assert f"dfutils {name}" in result.output
        assert command.help


def test_help_loads_no_tensorflow():
    code = "import sys; from dfutils.cli import main; main(['--help'], standalone_mode=False); " \
        "sys.exit('tensorflow' in sys.modules)"  # fmt: skip
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0


def test_module_is_the_same_program():
    run = subprocess.run(
        [sys.executable, "-m", "dfutils", "--version"], capture_output=True, text=True, check=True
    )
    assert run.stdout.startswith("dfutils")

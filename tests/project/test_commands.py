"""The commands of README.md and CONTRIBUTING.md do what they say."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

CLONE = Path(__file__).resolve().parents[2]
DOCUMENTS = (
    *("README.md", "CONTRIBUTING.md", "data/README.md", "benchmarks/README.md"),
    *("docs/scale.md", "docs/workshop.md"),
)


def commands() -> list[tuple[str, str]]:
    """Return (document, command) for each line of each bash block, without its comment."""
    found = []
    for document in DOCUMENTS:
        for block in re.findall(r"```bash\n(.*?)```", (CLONE / document).read_text(), re.DOTALL):
            lines = block.replace("\\\n", " ").splitlines()
            found += [(document, line.partition("  #")[0].strip()) for line in lines if line.strip()]
    return found


COMMANDS = commands()


@pytest.mark.parametrize("command", sorted({c for _, c in COMMANDS if c.startswith("make ")}))
def test_make_target_is_there(command):
    target = [word for word in shlex.split(command)[1:] if "=" not in word]
    text = (CLONE / "Makefile").read_text()
    for name in target:
        assert re.search(rf"^{name}:.*## ", text, re.MULTILINE), f"{command}: no target {name}"


@pytest.mark.slow
@pytest.mark.parametrize("command", sorted({c for _, c in COMMANDS if c.startswith("python ")}))
def test_benchmark_says_how_it_is_used(command):
    script = CLONE / shlex.split(command)[1]
    assert script.is_file()
    run = subprocess.run([sys.executable, str(script), "--help"], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    for option in re.findall(r"(?<= )--[a-z-]+", command):
        assert option in run.stdout, f"{script.name} has no {option}"


@pytest.mark.slow
def test_commands_of_the_readme_run_one_after_the_other(tmp_path, demo_dir, monkeypatch):
    """In order, in an empty folder; what needs the network, a download or minutes is only parsed."""
    monkeypatch.setenv("DFUTILS_HOME", str(tmp_path / "home"))
    lines = [c for document, c in COMMANDS if document == "README.md" and c.startswith("dfutils ")]
    assert len(lines) >= 6
    for line in lines:
        words = shlex.split(line)[1:]
        is_long = words[0] in (
            "fetch",
            "report",
            "forge",
            "adapt",
            "detect",
            "app",
            "upload",
            "evaluate",
            "search",
        )
        is_long |= any(word.startswith("~/") for word in words)  # a data set that is not here
        if words[0] == "demo":
            (tmp_path / words[1]).symlink_to(demo_dir)  # rendered already
            words = [*words[:2], "--identities", "6"]
        if words[0] == "extract":
            words += ["--frames", "2", "--weights", "random", "--layers", "mixed0"]
        run = subprocess.run(
            [sys.executable, "-m", "dfutils", *([words[0], "--help"] if is_long else words)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, f"{line}\n{run.stdout}\n{run.stderr}"
        if is_long:
            for option in (word for word in words if word.startswith("-")):
                assert re.search(rf"(?<!\S){option}\b", run.stdout), f"{line}: no option {option}"

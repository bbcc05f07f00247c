"""The lines and the bar that a report shows while it runs."""

import io

import pytest

from dfutils.reporting.execution import Finished
from dfutils.reporting.plan import plan_report
from dfutils.reporting.progress import Progress


class Terminal(io.StringIO):
    """Text that claims to be shown in a terminal."""

    def isatty(self):
        return True


@pytest.fixture
def plan(make_series, home):
    folder = make_series("1", "2")
    (folder / "durations.yml").write_text("demo:\n  01_a: [60, 6]\n  02_b: [600, 60]\n")
    options = {"name": "demo", "data_root": None, "profile": "demo", "parameters": {}, "notebooks": folder}
    return plan_report(**options, jobs=1, only=(), start="", cell_limit=None)


def test_bar_counts_cells_and_says_how_long_is_left(plan, monkeypatch):
    monkeypatch.setattr("sys.stderr", terminal := Terminal())
    monkeypatch.setenv("COLUMNS", "120")
    progress = Progress(plan)
    progress.start("01_a")
    progress.advance("01_a", 2)
    assert "33%|" in (shown := terminal.getvalue().replace(" ", ""))  # two of the six cells of both notebooks
    assert "01_a2/3,about11minutesleft" in shown
    progress.end(Finished("01_a", "", 30.0))
    progress.start("02_b")
    progress.advance("02_b", 99)  # cells that were injected do not count
    assert "02_b3/3,about5minutesleft" in terminal.getvalue().replace(" ", "")
    assert progress.running == ["02_b"]
    progress.close("Open it.")


def test_elsewhere_there_are_only_lines(plan, capsys):
    progress = Progress(plan)
    progress.start("01_a")
    progress.advance("01_a", 1)
    progress.end(Finished("01_a", "ValueError: x", 12.3))
    progress.close("Open it.")
    shown = capsys.readouterr()
    assert shown.err == ""
    assert shown.out.splitlines()[2:] == [
        "[1/2] 01_a …",
        "      01_a failed in 12 s: ValueError: x",
        "Open it.",
    ]
    assert progress.status == {"01_a": "failed", "02_b": "not run"}
    assert progress.seconds == {"01_a": 12.3, "02_b": 0.0}

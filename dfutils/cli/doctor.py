"""The command `dfutils doctor`: check whether this machine can run the notebooks."""

import json
import sys
from dataclasses import asdict

import click

from dfutils.cli.base import Command

_MARKS = {"ok": ("✓", "green"), "note": ("!", "yellow"), "problem": ("✗", "red")}


@click.command("doctor", cls=Command, example="dfutils doctor\ndfutils doctor --json")
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
def doctor_command(as_json: bool) -> None:
    """Check whether this machine can run the notebooks, and say what to do.

    Packages, TensorFlow, video, processor, memory, disk, weights, fonts, ports and data are checked. Nothing is changed
    or downloaded. The exit status is 1 if there is a problem.
    """
    from dfutils.doctor import examine

    found = []
    for check in examine():
        found.append(check)
        if not as_json:
            mark, colour = _MARKS[check.status]
            click.echo(f"{click.style(mark, fg=colour)} {check.name:<11}{check.found}")
            if check.remedy:
                click.echo(f"{'':13}→ {check.remedy}")
    if as_json:
        click.echo(json.dumps([asdict(check) for check in found], indent=2))
    sys.exit(1 if any(check.status == "problem" for check in found) else 0)

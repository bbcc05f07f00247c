"""The command `dfutils detect`: judge new files with a saved detector."""

import json
import sys
from pathlib import Path
from typing import Any, Literal

import click

from dfutils.cli.base import Command


@click.command("detect", cls=Command, example="dfutils detect holiday.mp4 clips/ --csv verdicts.csv")
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option("--model", help="A detector's folder. Default: the newest models/best of all workspaces.")
@click.option("--recursive", is_flag=True, help="Also look into the folders of folders.")
@click.option(
    "--faces",
    type=click.Choice(["main", "all"]),
    default="main",
    show_default=True,
    help="Judge the main face, or everybody: then the most fake person decides.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print everything as JSON, with the scores of all frames."
)
@click.option("--csv", help="Also write the table to this CSV file.")
@click.option(
    "--pictures", help="Write a picture of each file into this folder: scores over time, heat maps."
)
@click.option("--html", help="Write a page of each file into this folder, and an index of them.")
@click.option(
    "--store", help="A folder in which features are kept. A second run does not extract them again."
)
@click.option(
    "--workers",
    type=click.IntRange(1),
    help="Files decoded in parallel. Default: half the cores, from 2 to 8.",
)
def detect_command(
    files: tuple[str, ...],
    model: str | None,
    recursive: bool,
    faces: Literal["main", "all"],
    as_json: bool,
    csv: str | None,
    pictures: str | None,
    html: str | None,
    store: str | None,
    workers: int | None,
) -> None:
    """Judge videos, pictures and folders: is this face fake, real, or can the detector not tell?

    FILE is a video, a picture, a folder of stills, a folder of clips, a pattern in quotes, or a CSV file that lists
    clips (columns path and label). Of a CSV file, --csv keeps labels and groups. A file that cannot be judged gets a
    status and a reason, and no score. Write -- before a file name that starts with a dash.

    Exit status: 0 if all files were judged, 1 if some could not be judged, 2 if the command was wrong.
    """
    import pandas as pd
    from tqdm import tqdm

    from dfutils.detection import Detector, PageFolder, newest_best
    from dfutils.detection.detection import COLUMNS
    from dfutils.detection.files import find_clips, read_catalogs
    from dfutils.errors import DataError
    from dfutils.media.files import stills
    from dfutils.tables import write_table
    from dfutils.training import describe_decision

    listed, known = read_catalogs(files)
    paths = find_clips(listed, recursive=recursive)
    if all(Path(path).is_dir() and not stills(Path(path)) for path in paths):
        hint = "" if recursive else " With --recursive, the folders in them are searched, too."
        raise DataError(f"There is no video or picture in {', '.join(files)}.{hint}")
    folder = Path(model) if model else newest_best()
    detector = Detector.load(folder)
    saved = detector.saved
    click.echo(f"Detector: {saved.name}, from {folder}", err=as_json)
    bar = tqdm(
        detector.detect_all(
            paths,
            explain=pictures is not None or html is not None,
            faces=faces,
            store=store,
            workers=workers,
        ),
        total=len(paths),
        desc="files",
        unit="file",
        disable=None,  # no bar if the output is not a terminal
    )
    pages = PageFolder(Path(html), saved) if html else None
    found = []
    try:
        for number, result in enumerate(bar, 1):
            if pictures and result.status == "ok":
                name = f"{number:03d}_{Path(result.path).stem[:60]}.png"
                _draw(result, saved.decision, Path(pictures) / name)
            if pages:
                pages.add(result)
            found.append(result.without_pictures())
            if not as_json:
                tqdm.write(_line(result), file=sys.stdout)
    finally:  # after Ctrl-C, what was judged can still be looked at
        if pages and found:
            click.echo(f"Written: {pages.write_index()}", err=as_json)
    columns = [*COLUMNS, "person"] if faces == "all" else list(COLUMNS)
    table = pd.DataFrame([row for result in found for row in result.rows], columns=columns)
    if as_json:
        described: dict[str, Any] = {
            "detector": saved.name,
            "folder": str(folder),
            "notes": list(saved.notes),
        }
        click.echo(json.dumps(described | {"files": [result.to_dict() for result in found]}, indent=2))
    if csv:
        write_table(
            known.join(table.set_index("file"), how="right").reset_index() if len(known) else table, Path(csv)
        )
        click.echo(f"Written: {csv}", err=as_json)
    counts = pd.Series([result.verdict or "not judged" for result in found]).value_counts()
    click.echo(", ".join(f"{count} {verdict}" for verdict, count in counts.items()) + ".", err=as_json)
    click.echo(describe_decision(saved), err=as_json)
    for note in saved.notes:
        click.echo(f"Note: {note}", err=True)
    if any(result.status != "ok" for result in found):
        sys.exit(1)


def _draw(result: Any, decision: Any, path: Path) -> None:
    """Write the picture of a judged file."""
    from dfutils import plots
    from dfutils.atomic import atomic_path

    figure = plots.evidence(result, fake_from=decision.fake_from, real_below=decision.real_below)
    with atomic_path(path) as temporary:
        temporary.write_bytes(plots.to_png(figure))


def _line(result: Any) -> str:
    """Return the result of a file as one line of text, and one more for each person if there are several."""
    import numpy as np

    from dfutils.plots.words import count

    name = _printable(result.path)
    if result.status != "ok":
        return f"  {'–':>6}  {'–':6}  {name}: {result.status}, {_printable(result.reason)}"
    unlike = f" (unlike the training clips: {'; '.join(result.remarks)})" if result.remarks else ""
    reason = f" ({_printable(result.reason)})" if result.reason else ""
    lines = [f"  {result.verdict:>6}  {result.score:6.3f}  {name}{reason}{unlike}"]
    for number, person in enumerate(result.people, 1):
        x, y, width, height = (round(float(value)) for value in np.median(person.boxes, axis=0))
        where = f"{count(len(person.times), 'frame')}, face at {x}, {y}, {width} x {height} pixels"
        lines.append(f"  {person.verdict:>6}  {person.score:6.3f}    person {number}: {where}")
    return "\n".join(lines)


def _printable(text: str) -> str:
    """Return a text without characters that would change what a terminal shows, such as line breaks."""
    return text if text.isprintable() else ascii(text)[1:-1]

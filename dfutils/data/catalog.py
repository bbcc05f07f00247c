"""The catalog: one row a clip, and an account of every file that is not one."""

import os
from pathlib import Path, PurePosixPath

import pandas as pd

from dfutils.data.layouts import LAYOUTS, VIDEO_SUFFIXES, Entry, Layout
from dfutils.errors import DataError
from dfutils.workspace import CATALOG_COLUMNS

_ALWAYS_IGNORED = ("Thumbs.db", "desktop.ini")


def read_catalog(root: str | Path, layout: str = "auto") -> pd.DataFrame:
    """Index a data set. Nothing is decoded.

    Args:
        root: str or Path. The data set's folder, or a CSV file with columns `path` and `label` whose
            paths are relative to the CSV's folder.
        layout: str. A name in `LAYOUTS`, or `"auto"` to recognise it. Defaults to `"auto"`.

    Returns:
        DataFrame. One row a clip, sorted by `clip_id`, with the columns of
        `dfutils.workspace.CATALOG_COLUMNS`; `label` is Int64 (1 = fake, 0 = real).
        `attrs["layout"]` is the layout's name, `attrs["root"]` the folder that paths are relative to,
        `attrs["left_out"]` a DataFrame (path, reason) of the files that became no clip, and
        `attrs["remarks"]` a list of sentences the user should know.

    Raises:
        DataError: If the root is not there, is empty, or has no layout that is known.
    """
    given = Path(root).expanduser()
    if not given.exists():
        raise DataError(f"There is no {given}. Give the folder that holds the data set, or a CSV file.")
    if layout != "auto" and layout not in LAYOUTS:
        raise DataError(f"Unknown layout {layout!r}. Known: auto, {', '.join(LAYOUTS)}.")
    if given.is_file():
        if given.suffix.lower() != ".csv":
            raise DataError(f"{given} is a file, but neither a folder nor a CSV. Give the folder it lies in.")
        if layout not in ("auto", "table"):
            raise DataError(f"{given} is a CSV: its layout is 'table'. Received: layout={layout!r}")
        folder, chosen, files = given.parent, LAYOUTS["table"], [given.name]
    else:
        folder = given
        files = list_files(folder)
        if not files:
            raise DataError(f"{folder} holds no files. Give the folder that holds the data set.")
        chosen = LAYOUTS[layout] if layout != "auto" else _recognise(folder, files)

    folder = folder.resolve()
    entries, remarks = chosen.read(folder, files)
    catalog, left_out = _as_tables(entries)
    if catalog.empty:
        reasons = "; ".join(f"{row.path}: {row.reason}" for row in left_out.head(3).itertuples())
        raise DataError(f"{given} read as {chosen.name!r} holds no clip ({reasons or 'no file fits'}).")
    catalog.attrs.update(
        layout=chosen.name, root=str(folder), left_out=left_out, remarks=remarks + _remarks(catalog)
    )
    return catalog


def list_files(root: Path) -> list[str]:
    """Return the files below `root`, as sorted paths relative to it, `/` separated.

    Hidden files and folders are passed over; linked folders are not entered, so a loop cannot occur.

    Raises:
        DataError: If a folder cannot be read.
    """

    def refuse(error: OSError):
        raise DataError(f"{error.filename} cannot be read: {error.strerror}. Change its permissions.")

    files = []
    for folder, subfolders, names in os.walk(root, onerror=refuse):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        relative = Path(folder).relative_to(root)
        # A folder named like a video is no clip, yet the person who made it should hear of it.
        odd = [name for name in subfolders if PurePosixPath(name).suffix.lower() in VIDEO_SUFFIXES]
        files.extend(
            (relative / name).as_posix()
            for name in [*names, *odd]
            if not name.startswith(".") and name not in _ALWAYS_IGNORED
        )
    return sorted(files)


def _recognise(root: Path, files: list[str]) -> Layout:
    fitting = [layout for layout in LAYOUTS.values() if layout.recognises(root, files)]
    if not fitting:
        known = "\n".join(f"  {layout.name:16} {layout.looks_like}" for layout in LAYOUTS.values())
        raise DataError(
            f"The layout of {root} is not recognised (its first file: {files[0]}). Known layouts:\n{known}\n"
            "Put the clips into folders named real and fake, or write a CSV with columns path and label."
        )
    # A layout that is true of any real and fake folders gives way to one that knows the data set.
    best = min(layout.rank for layout in fitting)
    fitting = [layout for layout in fitting if layout.rank == best]
    if len(fitting) > 1:
        names = " or ".join(layout.name for layout in fitting)
        raise DataError(f"{root} could be {names}. Say which: `--layout NAME`, or `-p layout=NAME` for a report.")
    return fitting[0]


def _as_tables(entries: list[Entry]) -> tuple[pd.DataFrame, pd.DataFrame]:
    rows, left_out, taken = [], [], {}
    for entry in sorted(entries, key=lambda entry: entry.path):
        readable = entry.path.encode("utf-8", "backslashreplace").decode()
        if readable != entry.path:
            left_out.append((readable, "its name is no valid UTF-8: rename it"))
            continue
        if entry.left_out:
            left_out.append((entry.path, entry.left_out))
            continue
        clip_id = entry.clip_id or str(PurePosixPath(entry.path).with_suffix(""))
        if clip_id in taken:
            left_out.append((entry.path, f"has the same clip_id {clip_id!r} as {taken[clip_id]}"))
            continue
        taken[clip_id] = entry.path
        rows.append(
            (clip_id, entry.path, entry.media, entry.label, entry.method, entry.group or clip_id, entry.split)
        )
    catalog = pd.DataFrame(rows, columns=list(CATALOG_COLUMNS)).astype({"label": "Int64"})
    catalog = catalog.sort_values("clip_id", ignore_index=True)
    return catalog, pd.DataFrame(left_out, columns=["path", "reason"])


def _remarks(catalog: pd.DataFrame) -> list[str]:
    remarks = []
    labels = set(catalog["label"].dropna())
    if len(labels) == 1:
        only = "fake" if labels == {1} else "real"
        remarks.append(
            f"All {len(catalog)} clips are {only}: enough to index, extract and detect, but splitting, "
            "training and evaluating need both classes."
        )
    if len(catalog) > 1 and catalog["group"].is_unique:
        remarks.append(
            "Nothing tells which clips share a person or a source, so each clip is a group of its own. If some "
            "do share one, the split leaks and every score is too good: name the groups in a CSV's `group` column."
        )
    return remarks

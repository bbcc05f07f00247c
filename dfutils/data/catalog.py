"""The catalog: one row a clip, and an account of every file that is not one."""

from collections import defaultdict
from pathlib import Path

import pandas as pd

from dfutils.data.layouts import LAYOUTS, Entry, Layout, Reading, by_rank, find_layout
from dfutils.data.layouts.dfdc import why_no_list
from dfutils.data.layouts.folder_names import label_of_folder
from dfutils.data.layouts.table import contradicts_folders, why_no_table
from dfutils.errors import DataError
from dfutils.media.files import Files, leaves_root, list_files, media_of, split_path
from dfutils.media.files import stills as stills_in
from dfutils.tables import CATALOG_COLUMNS, ORIGIN_COLUMNS, Catalog


def read_catalog(root: str | Path, *, layout: str = "auto") -> Catalog:
    """Index a data set. Nothing is decoded.

    Args:
        root: str or Path. The data set's folder, or a CSV file with columns `path` and `label` whose
            paths are relative to the CSV's folder.
        layout: str. A name in `LAYOUTS`, or `"auto"` to recognise it. Defaults to `"auto"`.

    Returns:
        Catalog. Its table has one row per clip, sorted by `clip_id`.

    Raises:
        DataError: If the root is not there, is empty or has no layout that is known, or if no layout has the
            name given.
    """
    try:
        given = Path(root).expanduser()
        exists = given.exists()
    except (OSError, RuntimeError, ValueError) as error:
        raise DataError(f"{root} is no path that can be: {error}") from error
    if not exists:
        raise DataError(f"There is no {given}. Give the folder that holds the data set, or a CSV file.")
    chosen = None if layout == "auto" else find_layout(layout)
    if not given.is_dir():
        if given.suffix.lower() != ".csv":
            raise DataError(
                f"{given} is neither a folder nor a CSV. Give the folder that holds the data set."
            )
        if chosen not in (None, LAYOUTS["table"]):
            raise DataError(f"{given} is a CSV: its layout is 'table'. Received: layout={layout!r}")
        files = Files(given.parent.resolve(), [given.name])
        chosen = LAYOUTS["table"]
    else:
        files = list_files(given.resolve())
        if not files.paths:
            unusable = "; ".join(f"{path}: {reason}" for path, reason in files.unusable[:3])
            raise DataError(
                f"{given} holds no files{f' that can be used ({unusable})' if unusable else ''}. "
                "Give the folder that holds the data set."
            )
    overruled: list[str] = []
    if chosen is None:
        chosen, overruled = _recognise(files)
    reading = chosen.read(files)
    if overruled:
        reading.remarks.append(
            f"Your table {reading.lists[0]} was read, and nothing else. It could also be "
            f"{' or '.join(overruled)} (`--layout {overruled[0]}`)."
        )
    from_list = chosen.name in ("table", "dfdc") and not given.is_file()
    if layout == "auto" and from_list and contradicts_folders(reading):
        raise DataError(
            f"{reading.lists[0]} in {given} labels most clips against the names of their folders (here 1 = fake and "
            f"0 = real). Say which is right: `--layout {chosen.name}` or `--layout folders` (`-p layout=NAME` for a "
            "report)."
        )
    return _make_catalog(files, chosen, reading, given)


def _recognise(files: Files) -> tuple[Layout, list[str]]:
    """Return the layout that fits, and the names of data sets that fit too but give way to the user's table."""
    fitting = [layout for layout in by_rank() if layout.recognises(files)]
    if not fitting:
        hint = why_no_table(files) or why_no_list(files)
        if label_of_folder(files.root.name) is not None:
            hint = f" It is itself named like a class: did you mean {files.root.parent}?" + hint
        known = "\n".join(f"  {layout.name:16} {layout.looks_like}" for layout in by_rank())
        raise DataError(
            f"The layout of {files.root} is not recognised (its first file: {files.paths[0]}).{hint} Known layouts:\n"
            f"{known}\nPut the clips into folders named real and fake, or write one CSV with columns path and label."
        )
    # A layout that is true of any real and fake folders gives way to one that knows the data set.
    best = min(layout.rank for layout in fitting)
    overruled = [layout.name for layout in fitting if best == 0 and layout.rank == 1]
    fitting = [layout for layout in fitting if layout.rank == best]
    if len(fitting) > 1:
        names = " or ".join(layout.name for layout in fitting)
        raise DataError(
            f"{files.root} could be {names}. Say which (`--layout NAME`, or `-p layout=NAME` for a report), or "
            "give the folder of one data set."
        )
    return fitting[0], overruled


def _make_catalog(files: Files, layout: Layout, reading: Reading, given: Path) -> Catalog:
    clips, left_out = _sort_out(reading.entries)
    stills = {entry.path for entry in clips if entry.media == "frames"}
    clip_files = {entry.path for entry in clips} - stills
    paths = {*files.paths, *clip_files}
    lists, explained = set(reading.lists), {path for path, _ in left_out}
    if given.is_file():  # a table was given: what it names is all that is looked at
        paths |= {path for path in explained if _is_file(files.root, path)}
        paths |= {
            f"{folder}/{picture.name}" for folder in stills for picture in stills_in(files.root / folder)
        }
    counts = dict.fromkeys(("found", "clips", "stills", "lists", "left_out", "other"), 0)
    for path in sorted(paths):
        folder, is_picture = split_path(path)[0], media_of(path) == "image"
        if path in clip_files:
            kind = "clips"
        elif path in lists:
            kind = "lists"
        elif folder in stills and is_picture:
            kind = "stills"
        else:
            kind = "left_out" if media_of(path) else "other"
            if path not in explained and not (folder in explained and is_picture):
                left_out.append((path, layout.otherwise if media_of(path) else _no_media(path)))
        counts[kind] += 1
    left_out += files.unusable
    counts["left_out"] += len(files.unusable)
    counts["found"] = sum(counts.values())
    left_out = [(_readable(path), reason) for path, reason in left_out]

    if not clips:
        reasons = "; ".join(f"{path}: {reason}" for path, reason in left_out[:3])
        raise DataError(
            " ".join([f"{given} read as {layout.name!r} holds no clip ({reasons}).", *reading.remarks])
        )
    table = _tabulate(clips)
    return Catalog(
        table,
        left_out=pd.DataFrame(sorted(left_out), columns=["path", "reason"]),
        remarks=(*reading.remarks, *_remarks(table, sum(not clip.group for clip in clips))),
        layout=layout.name,
        root=files.root,
        files=counts,
    )


def _tabulate(clips: list[Entry]) -> pd.DataFrame:
    """Return the clips as a table, without the optional columns that no clip has a value for."""
    columns = [*CATALOG_COLUMNS, *ORIGIN_COLUMNS]
    rows = [[getattr(clip, name) for name in columns] for clip in clips]
    table = pd.DataFrame(rows, columns=columns).astype({"label": "Int64"})
    table["group"] = table["group"].where(table["group"] != "", table["clip_id"])
    empty = [name for name in ORIGIN_COLUMNS if not table[name].any()]
    return table.drop(columns=empty).sort_values("clip_id", ignore_index=True)


def _sort_out(entries: list[Entry]) -> tuple[list[Entry], list[tuple[str, str]]]:
    """Return the clips, each once, and (path, reason) for every entry that is none."""
    clips, left_out, by_path = [], [], defaultdict(list)
    for entry in entries:
        if any(ord(letter) < 32 for letter in entry.path):
            entry.left_out = "its name holds a line break or the like: rename it"
        elif _readable(entry.path) != entry.path:
            entry.left_out = "its name is no valid UTF-8: rename it"
        if entry.left_out:
            left_out.append((entry.path, entry.left_out))
        else:
            entry.clip_id = entry.clip_id or entry.without_suffix
            by_path[entry.path].append(entry)
    taken: dict[str, str] = {}
    # Videos first: where a clip's frames lie beside it, the clip is the video. Of two files of one name, the one that
    # a list gives a split.
    rank = {path: (entry.media != "video", not entry.split) for path, (entry, *_) in by_path.items()}
    for path in sorted(by_path, key=lambda path: (*rank[path], path)):
        first, *again = by_path[path]
        if any(entry.label != first.label for entry in again):
            left_out += [(path, "listed more than once, with different labels")] * (1 + len(again))
            continue
        for entry in again:
            other = [name for name in ("split", "group") if getattr(entry, name) != getattr(first, name)]
            differs = (
                f", with another {' and '.join(other)}: the first counts" if other else ": it counts once"
            )
            left_out.append((path, f"listed more than once{differs}"))
        if first.clip_id in taken:
            left_out.append((path, f"has the same clip_id {first.clip_id!r} as {taken[first.clip_id]}"))
            continue
        taken[first.clip_id] = path
        clips.append(first)
    return clips, left_out


def _is_file(root: Path, path: str) -> bool:
    try:
        return not leaves_root(path) and (root / path).is_file()
    except (OSError, ValueError):
        return False


def _readable(path: str) -> str:
    """Return a path that can be printed: no broken UTF-8 and no line breaks."""
    plain = path.encode("utf-8", "backslashreplace").decode()
    return "".join(letter if ord(letter) >= 32 else repr(letter)[1:-1] for letter in plain)


def _no_media(path: str) -> str:
    suffix = split_path(path)[2]
    return f"neither a video nor a picture ({f'suffix {suffix!r}' if suffix else 'no suffix'})"


def _remarks(catalog: pd.DataFrame, ungrouped: int) -> list[str]:
    """Return what to know of any catalog, whatever its layout."""
    remarks = []
    pictures = int((catalog["media"] == "image").sum())
    if pictures:
        such = catalog.loc[catalog["media"] == "image", "path"].iloc[0]
        remarks.append(
            f"{pictures} {'picture is read as a clip' if pictures == 1 else 'pictures are read as clips'} of one frame "
            f"(such as {such}). There is no movement to see in one: a GRU over one frame is a dense layer."
        )
    labels = set(catalog["label"].dropna())
    if len(labels) == 1:
        only = "fake" if labels == {1} else "real"
        remarks.append(
            f"All {catalog['label'].notna().sum()} clips with a label are {only}: enough to index and extract, but "
            "splitting, training and evaluating need both classes."
        )
    if ungrouped and len(catalog) > 1:
        remarks.append(
            "Nothing tells which clips share a person or a source, so each clip is a group of its own"
            + (f" ({ungrouped} of {len(catalog)})" if ungrouped < len(catalog) else "")
            + ". If some do share one, the split leaks and every score is too good. Name the groups in a CSV's `group` "
            "column: `dfutils catalog ROOT -o ROOT/groups.csv` writes one to begin with."
        )
    return remarks

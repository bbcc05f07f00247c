"""Make the catalog of a data set, and give for every other file the reason why it is not a clip."""

from collections import defaultdict
from pathlib import Path

import pandas as pd

from dfutils.data.layouts import Entry, Layout, Reading
from dfutils.errors import DataError
from dfutils.media.files import Files, leaves_root, media_of, split_path
from dfutils.media.files import stills as stills_in
from dfutils.tables import CATALOG_COLUMNS, ORIGIN_COLUMNS, Catalog

_KINDS = ("found", "clips", "stills", "lists", "left_out", "other")


def account_for_files(files: Files, layout: Layout, reading: Reading, place: Path) -> Catalog:
    """Make the catalog from the entries of a reader function, and count every file that was found.

    Args:
        files: Files. The files of the data set.
        layout: Layout. The layout with which the data set was read.
        reading: Reading. The result of the layout's reader function.
        place: Path. The path that the user gave for the data set: a folder or a CSV table.

    Returns:
        Catalog.

    Raises:
        DataError: If there is no clip. The message gives the reasons for the first files that are left out.
    """
    # A known data set has each clip once. In other folders, two files may be two clips.
    clips, left_out = _sort_out(reading.entries, each_once=layout.is_known_data_set)
    stills = {entry.path for entry in clips if entry.media == "frames"}
    clip_files = {entry.path for entry in clips} - stills
    paths = {*files.paths, *clip_files}
    lists, explained = set(reading.lists), {path for path, _ in left_out}
    if place.is_file():  # only the files that the table lists are counted
        paths |= {path for path in explained if _is_file(files.root, path)}
        paths |= {
            f"{folder}/{picture.name}" for folder in stills for picture in stills_in(files.root / folder)
        }
    counts = dict.fromkeys(_KINDS, 0)
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
    left_out = [(_printable(path), reason) for path, reason in left_out]
    if not clips:
        reasons = "; ".join(f"{path}: {reason}" for path, reason in left_out[:3])
        raise DataError(
            " ".join([f"{place} read as {layout.name!r} holds no clip ({reasons}).", *reading.remarks])
        )
    table = _tabulate(clips)
    return Catalog(
        table,
        left_out=pd.DataFrame(sorted(left_out), columns=["path", "reason"]),
        remarks=(*reading.remarks, *_remarks(table, ungrouped=sum(not clip.group for clip in clips))),
        layout=layout.name,
        root=files.root,
        files=counts,
    )


def _tabulate(clips: list[Entry]) -> pd.DataFrame:
    """Return the clips as a table, without optional columns that are empty for all clips."""
    columns = [*CATALOG_COLUMNS, *ORIGIN_COLUMNS]
    rows = [[getattr(clip, name) for name in columns] for clip in clips]
    table = pd.DataFrame(rows, columns=columns).astype({"label": "Int64"})
    table["group"] = table["group"].where(table["group"] != "", table["clip_id"])
    empty = [name for name in ORIGIN_COLUMNS if not table[name].any()]
    return table.drop(columns=empty).sort_values("clip_id", ignore_index=True)


def _name_clips(entries: list[Entry], *, each_once: bool) -> None:
    """Set the clip_id of each clip that has none, in place: the path without the suffix.

    Where two videos, or two pictures, differ only in the suffix, both keep it, and are in one group. Not with
    `each_once`.
    """
    paths: dict[tuple[str, str], set[str]] = defaultdict(set)
    for entry in entries:
        if not entry.clip_id and entry.media != "frames":
            paths[entry.without_suffix, entry.media].add(entry.path)
    for entry in entries:
        if entry.clip_id:
            continue
        entry.clip_id = entry.without_suffix
        if not each_once and len(paths[entry.clip_id, entry.media]) > 1:
            entry.group = entry.group or entry.clip_id
            entry.clip_id = entry.path


def _sort_out(entries: list[Entry], *, each_once: bool) -> tuple[list[Entry], list[tuple[str, str]]]:
    """Return the clips without repetitions, and a pair (path, reason) for every entry that is left out."""
    clips: list[Entry] = []
    left_out: list[tuple[str, str]] = []
    by_path: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if any(ord(letter) < 32 for letter in entry.path):
            entry.left_out = "its name holds a line break or another control character: rename it"
        elif _printable(entry.path) != entry.path:
            entry.left_out = "its name is not valid UTF-8: rename it"
        if entry.left_out:
            left_out.append((entry.path, entry.left_out))
        else:
            by_path[entry.path].append(entry)
    _name_clips([entry for same in by_path.values() for entry in same], each_once=each_once)
    taken: dict[str, str] = {}
    # If several files give the same clip_id, only the first one is used. Videos come before folders of their frames.
    # Files with a published split come before files without one.
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


def _printable(path: str) -> str:
    """Return a path in which control characters and invalid UTF-8 are replaced by escape sequences."""
    plain = path.encode("utf-8", "backslashreplace").decode()
    return "".join(letter if ord(letter) >= 32 else repr(letter)[1:-1] for letter in plain)


def _no_media(path: str) -> str:
    suffix = split_path(path)[2]
    return f"neither a video nor a picture ({f'suffix {suffix!r}' if suffix else 'no suffix'})"


def _remarks(table: pd.DataFrame, *, ungrouped: int) -> list[str]:
    """Return remarks about a catalog that apply to every layout: image files, missing classes, unknown groups."""
    remarks = []
    pictures = table.loc[table["media"] == "image", "path"].tolist()
    if pictures:
        remarks.append(
            f"{len(pictures)} {'picture is' if len(pictures) == 1 else 'pictures are'} read as "
            f"{'a clip' if len(pictures) == 1 else 'clips'} of one frame (such as {pictures[0]}). One frame shows no "
            "movement: a GRU over one frame is a dense layer."
        )
    labels = set(table["label"].dropna())
    if len(labels) == 1:
        only = "fake" if labels == {1} else "real"
        remarks.append(
            f"All {table['label'].notna().sum()} clips with a label are {only}: enough to index and extract, but "
            "splitting, training and evaluating need both classes."
        )
    if ungrouped and len(table) > 1:
        which = "the clips" if ungrouped == len(table) else f"{ungrouped} of {len(table)} clips"
        remarks.append(
            f"Who is seen in {which}, and which recording they come from, is not known, so each of them is a group of "
            "its own. If two clips share a person or a recording, the split leaks and every score is too good. Name "
            "the groups in a CSV's `group` column: `dfutils catalog ROOT -o ROOT/groups.csv` writes one to start from."
        )
    return remarks

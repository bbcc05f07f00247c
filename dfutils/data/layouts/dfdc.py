"""Read the Deepfake Detection Challenge data set (DFDC; Dolhansky et al., 2020).

The module reads the parts of the full data set, the sample on Kaggle, and the preview data set.
"""

import csv
import json
from collections import defaultdict
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from dfutils.data.layouts.folder_names import SPLIT_WORDS, ClassFolders, label_of_word
from dfutils.data.layouts.registry import Entry, Reading, layout, named_clips
from dfutils.media.files import Files, leaves_root, media_of, plain_name, split_path

_NO_LABEL = "its label"
_LISTS = ("metadata.json", "dataset.json", "labels.csv")


def has_dfdc_list(files: Files) -> bool:
    """Return whether a file is named like one of DFDC's own lists."""
    return any(path.rpartition("/")[2] in _LISTS for path in files.paths)


def _lists(files: Files) -> list[str]:
    """Return DFDC's lists of labels that have videos in the same folder or in its subfolders."""
    named = [path for path in files.paths if path.rpartition("/")[2] in _LISTS]
    videos = [clip.path for clip in named_clips(files)] if named else []
    return [
        path
        for path in named
        if any(_is_below(video, split_path(path)[0]) for video in videos) and _looks_right(files, path)
    ]


def why_no_list(files: Files) -> str:
    """Return why DFDC's lists in a folder cannot be used, or `""` if the folder has no such list.

    The text is part of the message for a data set whose layout is not recognised.
    """
    for path in files.paths:
        if path.rpartition("/")[2] not in _LISTS:
            continue
        try:
            rows = _rows(files, path)
        except ValueError as error:
            return f" Its {path} cannot be read ({error}). Fix it, or extract it again from its archive."
        if not any("label" in row for _, row in rows):
            return f" Its {path} names no labels."
        return f" Its {path} has no videos next to or below it."
    return ""


def _is_below(path: str, folder: str) -> bool:
    return not folder or path.startswith(f"{folder}/")


def _looks_right(files: Files, path: str) -> bool:
    """Return whether a file is probably one of DFDC's lists of labels, including a damaged list."""
    try:
        return any("label" in row for _, row in _rows(files, path))
    except (json.JSONDecodeError, UnicodeDecodeError):
        classes = ClassFolders(files.paths)
        return path.endswith("metadata.json") and any(
            media_of(other) == "video"
            and split_path(other)[0] == split_path(path)[0]
            and classes.of(other).at < 0
            for other in files.paths
        )
    except ValueError:
        return False


@layout(
    "dfdc",
    "dfdc_train_part_0/metadata.json next to its videos; also dataset.json (preview) and labels.csv",
    lambda files: bool(_lists(files)),
    otherwise="named in no metadata.json, dataset.json or labels.csv",
)
def read_dfdc(files: Files) -> Reading:
    """Read DFDC. A group is an original video and the fakes made from it; in the preview, all clips of one person.

    The preview names the person in each video, and does not name the originals. The other parts do not name people. An
    actor is in many originals, so in these parts one person may be in several groups.
    """
    reading = Reading()
    clips = named_clips(files)
    by_path = {plain_name(clip.without_suffix): clip for clip in reversed(clips)}
    by_path |= {plain_name(clip.path): clip for clip in clips}
    by_name = defaultdict(list)
    for clip in clips:
        if not clip.left_out:
            by_name[plain_name(clip.stem)].append(clip)
    labels: dict[str, int | None] = {}
    # labels.csv has the least information, so it is read last.
    lists = [path for path in files.paths if path.rpartition("/")[2] in _LISTS]
    for path in sorted(lists, key=lambda path: (path.endswith(".csv"), path)):
        folder = split_path(path)[0]
        try:
            rows = _rows(files, path)
        except ValueError as error:
            reading.remarks.append(
                f"{path} cannot be read ({error}), so the clips that only it names are left out. Fix it, or "
                "extract it again from its archive."
            )
            reading.entries.append(Entry(path, left_out=f"cannot be read: {error}"))
            continue
        reading.lists.append(path)
        before = dict(labels)
        for name, row in rows:
            listed = _find(folder, name, by_path, by_name)
            entry = replace(listed) if listed else Entry(f"{folder}/{name}" if folder else name)
            if listed:
                _fill(entry, name, row)
            elif leaves_root(name):
                entry.left_out = f"{path} names a path outside the data set's folder"
            else:
                entry.left_out = f"named in {path}, but not on disk"
            known_from_before = listed and entry.path in before and before[entry.path] == entry.label
            if not known_from_before:
                reading.entries.append(entry)
            labels[entry.path] = entry.label
    # A label that is missing from one list may be in another list.
    labelled = {entry.path for entry in reading.entries if not entry.left_out}
    reading.entries = [
        e for e in reading.entries if e.path not in labelled or not e.left_out.startswith(_NO_LABEL)
    ]
    fakes = [entry for entry in reading.entries if entry.label == 1 and not entry.left_out]
    if fakes and not any(entry.group for entry in fakes):
        for entry in reading.entries:
            entry.group = entry.source = ""  # no list gives the originals of the fakes
    absent = {entry.group for entry in fakes if entry.group} - {
        plain_name(e.stem) for e in reading.entries if e.label == 0
    }
    if absent and any(e.label == 0 for e in reading.entries) and not any(e.identity for e in reading.entries):
        reading.remarks.append(
            f"The originals of {sum(e.group in absent for e in reading.entries if e.label == 1)} fakes are not in "
            "this folder. Fakes of one original still share a group."
        )
    if any(not entry.identity and not entry.left_out for entry in reading.entries):
        reading.remarks.append(
            "DFDC's lists do not say who is seen: an actor has many originals, so one person may be in several groups."
        )
    return reading


def _rows(files: Files, path: str) -> list[tuple[str, dict[str, Any]]]:
    """Return a pair (file name, values) for every entry of one of DFDC's lists.

    Raises:
        ValueError: If the file cannot be read, or is not one of DFDC's lists.
    """
    try:
        text = (files.root / path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ValueError(error.strerror) from error
    if path.endswith(".csv"):
        try:
            rows = list(csv.DictReader(text.splitlines()))
        except csv.Error as error:
            raise ValueError(str(error)) from error
        if not rows or not {"filename", "label"} <= set(rows[0]):
            raise ValueError("no columns filename and label")
        return [(row["filename"] or "", row) for row in rows]
    # JSON objects are read as lists of pairs, so that a name that appears twice is not lost.
    try:
        listed = json.loads(text, object_pairs_hook=lambda pairs: pairs)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(listed, list) or not all(isinstance(item, tuple) for item in listed):
        raise ValueError("not a JSON object with file names as keys")
    return [(name, dict(row) if _is_object(row) else {}) for name, row in listed]


def _is_object(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, tuple) for item in value)


def _find(folder: str, name: str, by_path: dict[str, Entry], by_name: dict[str, list[Entry]]) -> Entry | None:
    """Find the clip that a list names, in the folder of the list or, if the clip's name is unique, in a subfolder."""
    if leaves_root(name):
        return None
    name = plain_name(PurePosixPath(name).as_posix() if name.strip("/. ") else "")
    stem = PurePosixPath(name).with_suffix("").as_posix() if name else ""
    # First the named file, then a file with another suffix or a folder of frames.
    for named in (name, stem):
        clip = by_path.get(f"{folder}/{named}" if folder else named)
        if clip is not None:
            return clip
    below = [c for c in by_name.get(stem, ()) if _is_below(c.path, folder)] if "/" not in stem else []
    below = [c for c in below if plain_name(c.path).endswith(f"/{name}")] or below
    return below[0] if len(below) == 1 else None


def _fill(clip: Entry, name: str, row: dict[str, Any]) -> None:
    """Set the label, method, group, source, people and split of a clip, in place, from an entry of a list."""
    label = label_of_word(str(row.get("label") if row.get("label") is not None else ""))
    if label is None:
        clip.left_out = f"{_NO_LABEL} {row.get('label')!r} is not one of FAKE, REAL, 1, 0"
        return
    clip.label = label
    folder = name.partition("/")[0]
    clip.method = "" if label == 0 else folder if folder.startswith("method_") else "deepfake"
    original = row.get("original")
    if label == 1 and isinstance(original, str) and original.strip():
        clip.group = clip.source = plain_name(split_path(original.strip())[1])
    elif label == 0:
        clip.group = clip.source = plain_name(clip.stem)
    if row.get("target_id"):
        clip.group = clip.identity = str(row["target_id"])
        clip.source = ""
        clip.donor = str(row["swapped_id"]) if label == 1 and row.get("swapped_id") else ""
    # The preview data set publishes a split. metadata.json gives "train" for every clip, which is not a split.
    clip.split = SPLIT_WORDS.get(str(row.get("set", "")).lower(), "")

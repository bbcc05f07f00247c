"""Find the clips that adapted weights have seen, so that nothing is tested on them.

A network that was adapted with a clip knows the clip, and the other clips of its group. A test on them would show what
the network remembers, and not how well it detects.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from dfutils.data.embedding import distances, embed_face, is_available
from dfutils.data.people import DEFAULT_LIMIT
from dfutils.errors import ClipError, DataError
from dfutils.features.weights_record import SeenClip, WeightsRecord
from dfutils.media.few_frames import read_frames

_NAMED = 5
PEOPLE_FILE = "people.jsonl"


def find_seen(
    record: WeightsRecord,
    *,
    clip_ids: Sequence[str],
    groups: Sequence[str],
    keys: Sequence[str],
    people: dict[str, dict[str, Any]] | None = None,
) -> np.ndarray:
    """Find the clips that weights were adapted with, and the clips of the same groups.

    A clip is seen if its content is the same as that of a seen clip, if a seen group has its group's name, or if it
    shows the person of a seen group. Then its whole group is seen. A group that is one clip by itself, because nothing
    says who is in it, is not found by its name: such names, like `real/1`, repeat across data sets.

    Args:
        record: WeightsRecord. The record of the weights.
        clip_ids, groups, keys: sequences of N str. The name, the group and the content key of each clip.
        people: dict or None. {content key: {"distance": float, "group": str}}, from `read_people`. Defaults to None.

    Returns:
        str array [N]. Why the clip is seen, `""` if it is not.
    """
    by_key = {clip.key: clip for clip in record.seen}
    by_group = {clip.group: clip for clip in record.seen if clip.group != clip.clip_id}
    reasons = np.full(len(clip_ids), "", dtype=object)
    seen_groups: dict[str, str] = {}
    for i, (clip_id, group, key) in enumerate(zip(clip_ids, groups, keys, strict=True)):
        reason = ""
        if key in by_key:
            reason = f"the same file as {_words(by_key[key])}"
        elif group in by_group and group != clip_id:
            reason = f"the group of {_words(by_group[group])}"
        elif people and people.get(key, {}).get("distance", np.inf) <= DEFAULT_LIMIT:
            reason = f"probably the person of the group {people[key]['group']}"
        reasons[i] = reason
        if reason:
            seen_groups.setdefault(group, f"in one group with {clip_id}, which is {reason}")
    for i, group in enumerate(groups):
        reasons[i] = reasons[i] or seen_groups.get(group, "")
    return reasons.astype(str)


def _words(clip: SeenClip) -> str:
    return clip.clip_id if clip.group == clip.clip_id else f"{clip.clip_id} (group {clip.group})"


def refuse_seen(seen: np.ndarray, groups: np.ndarray, *, test: str) -> None:
    """Raise an error if a test would use clips that the weights were adapted with.

    Args:
        seen: str array [N]. Why each clip is seen, `""` if it is not, as in `FeatureSet.seen`.
        groups: str array [N]. The group of each clip.
        test: str. What the clips are tested for, such as `"the test clips"`; part of the message.

    Raises:
        DataError: If a clip is seen. The message names the groups.
    """
    rows = np.flatnonzero(seen != "")
    if not len(rows):
        return
    names = sorted(set(groups[rows].tolist()))
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    raise DataError(
        f"InceptionV3 was adapted with {len(rows)} of {len(seen)} of {test}, or with clips of the same groups "
        f"({', '.join(names[:_NAMED])}{more}; for example: {seen[rows[0]]}). A test on them says nothing about new "
        "clips. Test on other groups, or adapt the weights again without these groups: `dfutils adapt` never trains on "
        "clips with the split test."
    )


def compare_people(
    record: WeightsRecord,
    rows: pd.DataFrame,
    root: Path,
    *,
    keys: Iterable[str],
    folder: Path,
    progress: bool,
) -> tuple[str, ...]:
    """Compare the faces in clips with the people that the weights have seen, and store the result.

    The result of each clip is appended to a file, so an interrupted comparison goes on where it stopped. A clip takes
    about 0.6 s.

    Args:
        record: WeightsRecord. Nothing is compared if it holds no face embeddings.
        rows: DataFrame. The clips to compare. Needs path and media.
        root: Path. The folder that the paths are relative to.
        keys: iterable of str. The content key of each clip.
        folder: Path. The store's folder for these weights.
        progress: bool. Show a progress bar.

    Returns:
        tuple of str. Remarks: if people could not be compared, why not.
    """
    if not record.people:
        return ()
    if not is_available():
        return (
            "The weights know the faces of the people they were adapted with, but people were not compared, because "
            'the extra is not installed: pip install "dfutils[people]"',
        )
    names = [group for group, embeddings in record.people.items() for _ in embeddings]
    known = np.array([one for embeddings in record.people.values() for one in embeddings], np.float64)
    done = read_people(folder)
    missing = [
        (key, path, media)
        for key, path, media in zip(keys, rows["path"], rows["media"], strict=True)
        if key and key not in done
    ]
    with (folder / PEOPLE_FILE).open("a", encoding="utf-8") as file:
        for key, path, media in tqdm(
            missing, desc="people", unit="clip", disable=not progress or not missing
        ):
            try:
                embedding = embed_face(read_frames(root / path, media))
            except ClipError:
                embedding = None
            entry: dict[str, Any] = {"key": key, "distance": None, "group": ""}
            if embedding is not None:
                apart = distances(embedding[None], known)[0]
                nearest = int(apart.argmin())
                entry |= {"distance": round(float(apart[nearest]), 4), "group": names[nearest]}
            file.write("\n" + json.dumps(entry) + "\n")
    return ()


def read_people(folder: Path) -> dict[str, dict[str, Any]]:
    """Read the result of `compare_people`: {content key: {"distance": float, "group": str}} of the clips with a face
    and {content key: {}} of the clips without one.
    """
    found: dict[str, dict[str, Any]] = {}
    try:
        lines = (folder / PEOPLE_FILE).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return found
    for line in lines:
        try:
            entry = json.loads(line)
            has_face = entry["distance"] is not None
            face = {"distance": float(entry["distance"]), "group": str(entry["group"])} if has_face else {}
            found[entry["key"]] = face
        except (ValueError, KeyError, TypeError):
            continue  # an incomplete line: the clip is compared again
    return found

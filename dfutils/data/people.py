"""Find groups of clips that show one person: a split must keep them on one side.

This compares the clips of one data set with each other, and nothing else. It must not be used to identify anybody.
"""

from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from dfutils.data.embedding import DIFFERENT_PEOPLE, EMBEDDING_DIM, distances, embed_face, load_models
from dfutils.data.validation import catalog_table, root_of
from dfutils.errors import ClipError, SettingsError
from dfutils.media.few_frames import read_frames
from dfutils.tables import Catalog

# Of the pairs among 468 FaceForensics++ videos, 12 are within 0.40: 9 show one person, 3 are uncertain, and no group
# grows beyond two videos. Within 0.42 there are 20 pairs, half of them different people. Within 0.46, such pairs chain
# ten videos together. By the same count, 0.40 misses about a third of the pairs that show one person.
DEFAULT_LIMIT = 0.40
_BLOCK = 256
_SAMPLE = 1000


@dataclass(frozen=True, kw_only=True)
class SamePerson:
    """Two groups whose real clips probably show one person.

    Args:
        first: str. The group whose name comes first in the alphabet.
        second: str. The other group.
        distance: float. Euclidean distance between the mean embeddings of the two closest clips.
        first_clip: str. The clip_id of that clip in `first`.
        second_clip: str. The clip_id of that clip in `second`.
    """

    first: str
    second: str
    distance: float
    first_clip: str
    second_clip: str


@dataclass(frozen=True, kw_only=True)
class PeopleFound:
    """The result of `find_same_people`.

    Args:
        pairs: tuple of SamePerson, the closest pair first.
        compared: int. Real clips in which a face was found.
        groups: int. The groups that those clips are of.
        without_face: tuple of str. The clip_ids of the other real clips: they show no face, or cannot be read.
        limit: float. The distance up to which two clips count as one person.
        remarks: tuple of str. What limits the result.
    """

    pairs: tuple[SamePerson, ...]
    compared: int
    groups: int
    without_face: tuple[str, ...]
    limit: float
    remarks: tuple[str, ...]

    @property
    def table(self) -> pd.DataFrame:
        """The pairs, one per row. The columns are the fields of `SamePerson`."""
        columns = [field.name for field in fields(SamePerson)]
        return pd.DataFrame([astuple(pair) for pair in self.pairs], columns=columns)


def find_same_people(
    catalog: Catalog | pd.DataFrame,
    root: str | Path | None = None,
    *,
    limit: float = DEFAULT_LIMIT,
    progress: bool = True,
) -> PeopleFound:
    """Find the pairs of groups whose real clips probably show one person.

    Only real clips are compared, because a fake may show its donor's face. Clips that the catalog names as different
    people (in the column identity) are never a pair. Look at the pairs before you merge them: different people who look
    alike are close to each other as well.

    Args:
        catalog: Catalog or DataFrame. One row per clip, with clip_id, path, media, label and group, and identity where
            it is known.
        root: str or Path or None. The folder that paths are relative to. Defaults to None: the Catalog's own root.
        limit: float. Two clips count as one person where their mean embeddings are at most this far apart. A higher
            limit finds more of the repeated people, and takes more pairs of different people for one. Defaults to
            0.40.
        progress: bool. Show a progress bar. Defaults to True.

    Returns:
        PeopleFound. It does not depend on the order of the rows.

    Raises:
        DataError: If the catalog lacks a column, or its folder is not there.
        SettingsError: If the limit is not above 0.
        DfutilsError: If dlib or its models are not installed.
    """
    if not limit > 0:
        raise SettingsError(f"The limit must be a distance above 0. Received: limit={limit}")
    folder = root_of(catalog, root)
    table = catalog_table(catalog, needs=("clip_id", "path", "media", "label", "group"))
    real = table[(table["label"] == 0).fillna(False)].sort_values("clip_id")
    identities = real["identity"] if "identity" in real else pd.Series("", real.index)
    if reason := _why_nothing_to_compare(real, identities):
        return PeopleFound(pairs=(), compared=0, groups=0, without_face=(), limit=limit, remarks=(reason,))
    embeddings, unread = _embed_clips(real, folder, progress)
    seen = real[real["clip_id"].isin(embeddings)]
    points, groups = np.array([*embeddings.values()]).reshape(-1, EMBEDDING_DIM), seen["group"]
    pairs = find_pairs(points, seen["clip_id"], groups, identities=identities[seen.index], limit=limit)
    without_face = tuple(clip_id for clip_id in real["clip_id"] if clip_id not in embeddings)
    return PeopleFound(
        pairs=tuple(pairs),
        compared=len(seen),
        groups=groups.nunique(),
        without_face=without_face,
        limit=limit,
        remarks=(*_remarks_on_clips(real, without_face, unread), *_remarks_on_faces(points, groups)),
    )


def _why_nothing_to_compare(real: pd.DataFrame, identities: pd.Series) -> str:
    """Return a sentence, or `""` if there is something to compare."""
    if real.empty:
        return "There is nothing to compare: the catalog has no real clips."
    if real["group"].nunique() < 2:
        return "There is nothing to compare: the catalog has the real clips of one group only."
    if (identities != "").all():
        return "Faces were not compared: the catalog says who is seen in every real clip."
    return ""


def find_pairs(
    embeddings: np.ndarray,
    clip_ids: Iterable[str],
    groups: Iterable[str],
    *,
    identities: Iterable[str] | None = None,
    limit: float = DEFAULT_LIMIT,
) -> list[SamePerson]:
    """Find the pairs of groups whose closest clips are within a limit.

    Args:
        embeddings: float array [N, D], one row per clip.
        clip_ids: Iterable of N str, all different.
        groups: Iterable of N str.
        identities: Iterable of N str or None. Who is seen, `""` where unknown. Clips with two different names are never
            a pair. Defaults to None: unknown for all.
        limit: float. Euclidean distance. Defaults to 0.40.

    Returns:
        list of SamePerson, the closest pair first. It does not depend on the order of the clips.
    """
    ids = np.array([*clip_ids], dtype=object)
    order = np.argsort(ids)
    ids, points = ids[order], np.asarray(embeddings, np.float64)[order]
    names, codes = np.unique(np.array([*groups], dtype=object)[order], return_inverse=True)
    person = np.array(["" for _ in ids] if identities is None else [*identities], dtype=object)[order]
    known = person != ""
    closest: dict[tuple[str, str], SamePerson] = {}
    for begin in range(0, len(ids), _BLOCK):
        block = slice(begin, begin + _BLOCK)
        apart = distances(points[block], points)
        named_apart = (person[block, None] != person) & known[block, None] & known
        rows, columns = np.nonzero((apart <= limit) & (codes[block, None] < codes) & ~named_apart)
        by_distance = np.argsort(apart[rows, columns], kind="stable")
        rows, columns = rows[by_distance], columns[by_distance]
        _, first_of_pair = np.unique(codes[rows + begin] * len(names) + codes[columns], return_index=True)
        for row, column in zip(rows[first_of_pair], columns[first_of_pair], strict=True):
            pair = SamePerson(
                first=names[codes[row + begin]],
                second=names[codes[column]],
                distance=float(apart[row, column]),
                first_clip=ids[row + begin],
                second_clip=ids[column],
            )
            key = pair.first, pair.second
            closest[key] = min(closest.get(key, pair), pair, key=lambda one: one.distance)
    return sorted(closest.values(), key=lambda pair: (pair.distance, pair.first, pair.second))


def merge_groups(groups: pd.Series, pairs: Iterable[SamePerson]) -> pd.Series:
    """Give groups that show one person a common name, also where they are connected through a third group.

    Args:
        groups: Series of str, one row per clip.
        pairs: Iterable of SamePerson.

    Returns:
        Series of str with the same index. The new name is the old names, sorted and joined by `+`, whether or not each
        of them is among these rows.
    """
    together: dict[str, set[str]] = {}
    for pair in pairs:
        joined = together.get(pair.first, {pair.first}) | together.get(pair.second, {pair.second})
        together |= dict.fromkeys(joined, joined)
    return groups.map(lambda name: "+".join(sorted(together[name])) if name in together else name)


def _embed_clips(
    real: pd.DataFrame, root: Path, progress: bool
) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Return the embedding of each clip that shows a face, and why clips cannot be read, both by clip_id."""
    load_models()  # a missing extra is reported before the first clip is read
    embeddings, unread = {}, {}
    clips = zip(real["clip_id"], real["path"], real["media"], strict=True)
    for clip_id, path, media in tqdm(
        clips, total=len(real), desc="people", unit="clip", disable=not progress
    ):
        try:
            embedding = embed_face(read_frames(root / path, media))
        except ClipError as error:
            unread[clip_id] = error.reason
        else:
            if embedding is not None:
                embeddings[clip_id] = embedding
    return embeddings, unread


def _remarks_on_clips(real: pd.DataFrame, without_face: Iterable[str], unread: dict[str, str]) -> list[str]:
    remarks, of_all = [], f"of {len(real)} real clips"
    for clip_id, reason in [*unread.items()][:1]:
        remarks.append(f"{len(unread)} {of_all} cannot be read, such as {clip_id} ({reason}).")
    faceless = [clip_id for clip_id in without_face if clip_id not in unread]
    if faceless:
        remarks.append(
            f"No face was found in {len(faceless)} {of_all}, such as {faceless[0]}: who is seen in them is unknown."
        )
    return remarks


def _remarks_on_faces(points: np.ndarray, groups: pd.Series) -> list[str]:
    codes = pd.factorize(groups)[0]
    sample = np.arange(0, len(codes), max(1, len(codes) // _SAMPLE))
    across = distances(points[sample], points[sample])[codes[sample][:, None] < codes[sample]]
    if not len(across):
        return ["There is nothing to compare: the clips that show a face are of one group at most."]
    median = float(np.median(across))
    if median >= DIFFERENT_PEOPLE:
        return []
    return [
        f"The median distance between clips of different groups is {median:.2f}, where different people are about 0.8 "
        "apart: the faces are rendered or blurred, or the groups share few people. Do not rely on the pairs."
    ]

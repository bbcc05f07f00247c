"""Find groups of clips that show the same person, so that a split can keep all clips of that person together.

The functions compare only the clips of one data set with each other. They must not be used to identify anybody.
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

# Among 468 FaceForensics++ videos, 12 pairs have a distance of at most 0.40. Of these pairs, 9 show one person, 3 are
# uncertain, and no merged group has more than two videos. With a limit of 0.42 there are 20 pairs, and half of them
# show different people. With a limit of 0.46, one merged group has ten videos. In the same videos, the limit 0.40
# misses about a third of the pairs that show one person.
DEFAULT_LIMIT = 0.40
_BLOCK = 256
_SAMPLE = 1000


@dataclass(frozen=True, kw_only=True)
class SamePerson:
    """Two groups whose real clips probably show the same person.

    Args:
        first: str. The group whose name comes first in the alphabet.
        second: str. The other group.
        distance: float. Euclidean distance between the mean embeddings of the two closest clips.
        first_clip: str. The clip_id of the closest clip in the group `first`.
        second_clip: str. The clip_id of the closest clip in the group `second`.
    """

    first: str
    second: str
    distance: float
    first_clip: str
    second_clip: str


@dataclass(frozen=True, kw_only=True)
class PeopleFound:
    """The result of comparing the faces in all real clips: pairs of groups that probably show the same person.

    Args:
        pairs: tuple of SamePerson, the closest pair first.
        compared: int. The number of real clips in which a face was found.
        groups: int. The number of groups with such clips.
        without_face: tuple of str. The clip_ids of the other real clips: they show no face, or cannot be read.
        limit: float. The distance up to which two clips count as one person.
        remarks: tuple of str. Limits of the result, such as clips without a face.
    """

    pairs: tuple[SamePerson, ...]
    compared: int
    groups: int
    without_face: tuple[str, ...]
    limit: float
    remarks: tuple[str, ...]

    @property
    def table(self) -> pd.DataFrame:
        """The pairs of groups that probably show the same person, as a table with one row per pair.

        The columns are the fields of `SamePerson`.
        """
        columns = [field.name for field in fields(SamePerson)]
        return pd.DataFrame([astuple(pair) for pair in self.pairs], columns=columns)


def find_same_people(
    catalog: Catalog | pd.DataFrame,
    root: str | Path | None = None,
    *,
    limit: float = DEFAULT_LIMIT,
    progress: bool = True,
) -> PeopleFound:
    """Find the pairs of groups whose real clips probably show the same person, by comparing faces.

    Only real clips are compared, because a fake may show its donor's face. Two clips with
    different names in the catalog's column identity are never a pair. Look at the pairs before you merge them, because
    two different people who look alike may also be a pair.

    Args:
        catalog: Catalog or DataFrame. One row per clip, with clip_id, path, media, label and group, and
            optionally identity.
        root: str or Path or None. The folder that paths are relative to. Defaults to None: the Catalog's own root.
        limit: float. Two clips count as one person where their mean embeddings are at most this far apart. A higher
            limit finds more pairs that show one person, and also more wrong pairs of different people. Defaults to
            0.40.
        progress: bool. Show a progress bar. Defaults to True.

    Returns:
        PeopleFound. The order of the rows has no effect.

    Raises:
        DataError: If the catalog lacks a column, or the folder does not exist.
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


def embed_people(
    catalog: Catalog | pd.DataFrame, root: str | Path | None = None, *, progress: bool = True
) -> dict[str, list[list[float]]]:
    """Compute the face embeddings of all real clips, to recognise the same people in other data sets.

    Embeddings of faces are personal data: do not publish them. A clip takes about 0.6 s.

    Args:
        catalog: Catalog or DataFrame. One row per clip, with clip_id, path, media, label and group.
        root: str or Path or None. The folder that paths are relative to. Defaults to None: the Catalog's own root.
        progress: bool. Show a progress bar. Defaults to True.

    Returns:
        dict. {group: [embedding of each of its real clips]}; an embedding is 128 numbers. Clips without a face are
        left out.

    Raises:
        DataError: If the catalog lacks a column, or the folder does not exist.
        DfutilsError: If dlib or its models are not installed.
    """
    folder = root_of(catalog, root)
    table = catalog_table(catalog, needs=("clip_id", "path", "media", "label", "group"))
    real = table[(table["label"] == 0).fillna(False)].sort_values("clip_id")
    embeddings, _ = _embed_clips(real, folder, progress)
    people: dict[str, list[list[float]]] = {}
    for clip_id, group in zip(real["clip_id"], real["group"], strict=True):
        if clip_id in embeddings:
            people.setdefault(group, []).append([round(float(x), 4) for x in embeddings[clip_id]])
    return people


def _why_nothing_to_compare(real: pd.DataFrame, identities: pd.Series) -> str:
    """Return the reason why no faces can be compared, or `""` if faces can be compared."""
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
    """Find the pairs of groups whose two closest face embeddings are within a distance limit.

    Args:
        embeddings: float array [N, D], one row per clip.
        clip_ids: Iterable of N str, all different.
        groups: Iterable of N str.
        identities: Iterable of N str or None. The name of the person in each clip, `""` if unknown.
            Clips with two different names are never
            a pair. Defaults to None: unknown for all.
        limit: float. Euclidean distance. Defaults to 0.40.

    Returns:
        list of SamePerson, the closest pair first. The order of the clips has no effect.
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
    """Give groups that show the same person a common name, including groups that are connected through others.

    Args:
        groups: Series of str, one row per clip.
        pairs: Iterable of SamePerson.

    Returns:
        Series of str with the same index. The new name is the old names, sorted and joined by `+`, including the
        names of groups without a row in `groups`.
    """
    together: dict[str, set[str]] = {}
    for pair in pairs:
        joined = together.get(pair.first, {pair.first}) | together.get(pair.second, {pair.second})
        together |= dict.fromkeys(joined, joined)
    return groups.map(lambda name: "+".join(sorted(together[name])) if name in together else name)


def _embed_clips(
    real: pd.DataFrame, root: Path, progress: bool
) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Compute the face embedding of each clip.

    Return {clip_id: embedding} for the clips with a face, and {clip_id: reason} for the clips that cannot be read.
    """
    load_models()  # report a missing extra before the first clip is read
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
            f"No face was found in {len(faceless)} {of_all}, such as {faceless[0]}. The people in these "
            "clips are unknown."
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

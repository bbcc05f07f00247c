"""Find clips that appear twice: files of the same content, and re-encoded or resized copies."""

import functools
import hashlib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from dfutils.audit.appearance import HASH_BITS, Appearance
from dfutils.audit.finding import Finding, crosses_splits, make_finding
from dfutils.media.files import stills

# Copies of rendered and real clips that are re-encoded (crf 40), have half the size or fewer frames differ from the
# original in up to 0.065 of the bits. Clips of different people differ in 0.17 or more of the bits.
_NEAR = 0.12
# Correlation of the frames as 16 x 16 pixels: 0.99 or more for such copies, 0.9 or less for different people.
_ALIKE = 0.985


def same_content(clips: pd.DataFrame, root: Path) -> list[list[int]]:
    """Find clips whose files have exactly the same content.

    Args:
        clips: DataFrame. One row per clip, with path and media.
        root: Path. The folder that paths are relative to.

    Returns:
        list of lists of int: the row numbers of each set of identical clips. Files that cannot be read are skipped.
    """
    by_size = defaultdict(list)
    for row, (path, media) in enumerate(zip(clips["path"], clips["media"], strict=True)):
        try:
            files = stills(root / path) if media == "frames" else [root / path]
            sizes = tuple(file.stat().st_size for file in files if file.is_file())
        except OSError:
            continue
        if sum(sizes):
            by_size[sizes].append((row, files))
    same = []
    for candidates in by_size.values():
        if len(candidates) == 1:
            continue
        by_hash = defaultdict(list)
        for row, files in candidates:
            try:
                by_hash[_full_hash(files)].append(row)
            except OSError:
                continue
        same += [rows for rows in by_hash.values() if len(rows) > 1]
    return same


def _full_hash(files: list[Path]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for path in files:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def exact_duplicates(clips: pd.DataFrame, contents: list[list[int]]) -> Iterator[Finding]:
    """Yield a finding for each set of identical files with different labels, splits or groups.

    Args:
        clips: DataFrame. One row per clip, with clip_id, label, group and split.
        contents: list of lists of int. What `same_content` returned for these clips.

    Yields:
        Finding.
    """
    for rows in contents:
        same = clips.iloc[rows]
        n_groups = same["group"].nunique()
        if same["label"].dropna().nunique() > 1:
            yield make_finding(
                "exact duplicate",
                "leak",
                same,
                detail=f"{len(same)} files of the same content are labelled both real and fake.",
                remedy="Find out which label is right, and keep one of the files.",
            )
        elif crosses_splits(same):
            yield make_finding(
                "exact duplicate",
                "leak",
                same,
                detail=f"{len(same)} files of the same content are on different sides of the split.",
                remedy="Keep one of them, or give them one group.",
            )
        elif n_groups > 1:
            yield make_finding(
                "exact duplicate",
                "warning",
                same,
                detail=f"{len(same)} files of the same content are in {n_groups} groups.",
                remedy="Keep one of them, or give them one group: with another seed they may be on different sides.",
            )


def near_duplicates(
    clips: pd.DataFrame, contents: list[list[int]], appearances: dict[str, Appearance]
) -> Iterator[Finding]:
    """Yield a finding for each set of clips with similar first frames, in two parts of the split or in two groups.

    Args:
        clips: DataFrame. One row per clip, with clip_id, group and split.
        contents: list of lists of int. What `same_content` returned for these clips. Only the first clip of each set
            is compared, because exact duplicates have a finding of their own.
        appearances: dict. {clip_id: Appearance}, as `probe` returns it.

    Yields:
        Finding.
    """
    repeated = {row for rows in contents for row in rows[1:]}
    rows = [r for r, clip_id in enumerate(clips["clip_id"]) if clip_id in appearances and r not in repeated]
    if len(rows) < 2:
        return
    # With bits as -1 and 1, the dot product is the number of equal bits minus the number of different bits.
    seen = [appearances[clips["clip_id"].iat[row]] for row in rows]
    signs = np.where([appearance.bits for appearance in seen], 1, -1).astype(np.float32)
    moments = np.stack([appearance.small for appearance in seen], axis=1)
    groups = pd.factorize(clips["group"].iloc[rows])[0]
    splits = clips["split"].iloc[rows].to_numpy()
    set_of = np.arange(len(rows))
    for start in range(0, len(rows), 512):
        distance = (1 - signs[start : start + 512] @ signs.T / HASH_BITS) / 2
        least = functools.reduce(np.minimum, (small[start : start + 512] @ small.T for small in moments))
        first, second = np.nonzero((distance <= _NEAR) | (least >= _ALIKE))
        first += start
        crosses = (splits[first] != splits[second]) & (splits[first] != "") & (splits[second] != "")
        apart = (groups[first] != groups[second]) | crosses
        set_of = _join_sets(set_of, first[apart], second[apart])
    for _, members in pd.Series(rows).groupby(set_of):
        if len(members) == 1:
            continue
        same = clips.iloc[members.to_list()]
        is_leak = crosses_splits(same)
        where = "on different sides of the split" if is_leak else "in different groups"
        yield make_finding(
            "near duplicate",
            "leak" if is_leak else "warning",
            same,
            detail=f"{len(same)} clips begin with the same pictures, {where}.",
            remedy="Look at these clips. A fake and its original, or parts of one recording, belong in one group. "
            "If clips are copies, keep one.",
        )


def _join_sets(set_of: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Join the sets of the clips in each pair, and return the new set number of each clip."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    size = len(set_of)
    pairs = np.unique(set_of[first].astype(np.int64) * size + set_of[second])
    graph = coo_array((np.ones(len(pairs), bool), np.divmod(pairs, size)), shape=(size, size))
    return connected_components(graph, directed=False)[1][set_of]

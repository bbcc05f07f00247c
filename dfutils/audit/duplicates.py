"""Clips that are there twice: files of the same content, and re-encoded or resized copies."""

import functools
import hashlib
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from dfutils.audit.appearance import HASH_BITS, Appearance
from dfutils.audit.finding import crosses_splits, make_finding
from dfutils.media.files import stills

# Re-encoded (crf 40), halved or thinned copies of rendered and real clips differ in up to 0.065 of the bits,
# clips of different people in 0.17 or more.
_NEAR = 0.12
# Correlation of the frames as 16 x 16 pixels: such copies 0.99 or more, different people 0.9 or less.
_ALIKE = 0.985


def same_content(clips: pd.DataFrame, root: Path) -> list[list[int]]:
    """Return the rows of each set of clips whose files are the same, byte for byte."""
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
    for alike in by_size.values():
        if len(alike) == 1:
            continue
        by_hash = defaultdict(list)
        for row, files in alike:
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


def exact_duplicates(clips: pd.DataFrame, contents: list[list[int]]) -> Iterable[dict]:
    for rows in contents:
        same = clips.iloc[rows]
        if same["label"].dropna().nunique() > 1:
            yield make_finding(
                "exact duplicate",
                "leak",
                same,
                f"{len(same)} files of the same content are labelled both real and fake.",
                "Find out which label is right, and keep one of the files.",
            )
        elif crosses_splits(same):
            yield make_finding(
                "exact duplicate",
                "leak",
                same,
                f"{len(same)} files of the same content are on different sides of the split.",
                "Keep one of them, or give them one group.",
            )
        elif same["group"].nunique() > 1:
            yield make_finding(
                "exact duplicate",
                "warning",
                same,
                f"{len(same)} files of the same content are in {same['group'].nunique()} groups.",
                "Keep one of them, or give them one group: another seed may part them.",
            )


def near_duplicates(
    clips: pd.DataFrame, contents: list[list[int]], looks: dict[str, Appearance]
) -> Iterable[dict]:
    # Of files of the same content, the first one stands for all.
    repeated = {row for rows in contents for row in rows[1:]}
    rows = [r for r, clip_id in enumerate(clips["clip_id"]) if clip_id in looks and r not in repeated]
    if len(rows) < 2:
        return
    # Of bits as -1 and 1, the product counts those that agree less those that do not.
    seen = [looks[clips["clip_id"].iat[row]] for row in rows]
    signs = np.where([look.bits for look in seen], 1, -1).astype(np.float32)
    moments = np.stack([look.small for look in seen], axis=1)
    groups = pd.factorize(clips["group"].iloc[rows])[0]
    sides = clips["split"].iloc[rows].to_numpy()
    together = np.arange(len(rows))
    for start in range(0, len(rows), 512):
        distance = (1 - signs[start : start + 512] @ signs.T / HASH_BITS) / 2
        least = functools.reduce(np.minimum, (small[start : start + 512] @ small.T for small in moments))
        i, j = np.nonzero((distance <= _NEAR) | (least >= _ALIKE))
        one, other = sides[start + i], sides[j]
        apart = (groups[start + i] != groups[j]) | ((one != other) & (one != "") & (other != ""))
        together = _joined(together, start + i[apart], j[apart])
    for _, alike in pd.Series(rows).groupby(together):
        if len(alike) == 1:
            continue
        same = clips.iloc[alike.to_list()]
        crosses = crosses_splits(same)
        yield make_finding(
            "near duplicate",
            "leak" if crosses else "warning",
            same,
            f"{len(same)} clips begin with the same pictures, "
            + ("on different sides of the split." if crosses else "in different groups."),
            "Look at them. A fake and its original, or parts of one recording, belong into one group. Of copies, keep "
            "one.",
        )


def _joined(together: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the number of each clip's set after the sets of each pair were joined."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    size = len(together)
    pairs = np.unique(together[first].astype(np.int64) * size + together[second])
    graph = coo_array((np.ones(len(pairs), bool), np.divmod(pairs, size)), shape=(size, size))
    return connected_components(graph, directed=False)[1][together]

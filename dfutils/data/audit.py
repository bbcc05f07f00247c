"""What in a data set would make a detector look better than it is."""

import functools
import hashlib
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from dfutils.data.aside import Aside
from dfutils.data.catalog import read_catalog
from dfutils.data.files import stills
from dfutils.data.given import as_catalog, check_seed
from dfutils.data.probe import HASH_BITS, Appearance, probe
from dfutils.data.splits import folds
from dfutils.errors import DataError
from dfutils.resampling import auc_with_interval

FINDINGS = ("finding", "severity", "clips", "splits", "detail", "remedy")
SHORTCUTS = {
    "file size": ["bytes"],
    "resolution": ["width", "height"],
    "frame rate": ["fps"],
    "codec": ["codec"],
    "duration": ["seconds", "frames"],
}
# Re-encoded (crf 40), halved or thinned copies of rendered and real clips differ in up to 0.065 of the bits,
# clips of different people in 0.17 or more.
_NEAR = 0.12
# Correlation of the frames as 16 x 16 pixels: such copies 0.99 or more, different people 0.9 or less.
_ALIKE = 0.985
# An interval of AUC that lies above this is a finding. Harmless differences of the built-in data set's
# files, drawn in small subsets, stay below.
_TELLING = 0.65
_FEW_GROUPS = 10
_FEWEST_PAIRED = 6  # by chance, fewer groups may all lean one way
_DRAWS = 1000


def audit(catalog: pd.DataFrame, root: str | Path, seed: int = 7, progress: bool = True) -> pd.DataFrame:
    """Look for what leaks across the splits, and for what gives the label away without a face.

    - exact duplicate: files of the same content on two sides of the split, in two groups, or with two
      labels;
    - near duplicate: files whose first frames look the same (a re-encoded or resized copy), on two sides or
      in two groups. On one side and in one group they are expected: a fake looks like its original. A copy
      that is cropped, mirrored or starts at another moment is not recognised;
    - group, identity or donor on both sides: somebody who is trained on is tested on;
    - shortcut: a small decision tree that sees nothing but the file's size, its resolution, frame rate,
      codec or duration, judged on groups it was not fitted on, tells real from fake (AUC, 95 % interval
      by group); or within their groups fakes have larger files than real clips, or smaller ones.

    Args:
        catalog: DataFrame. One row a clip; with splits, unless only groups are to be compared.
        root: str or Path. The folder that paths are relative to.
        seed: int. Governs the shortcuts' folds and intervals. Defaults to 7.
        progress: bool. Show a progress bar. Defaults to True.

    Returns:
        DataFrame, one row a finding, the worst first; empty if there is none. Columns: finding, severity (`leak`:
        the test is compromised as the splits are; `warning`: it may be), clips, splits, detail, remedy.
        `attrs` holds `facts` (DataFrame, see `probe`), `shortcuts` (DataFrame: feature, auc, low, high),
        `telling` (the AUC above which the whole interval of a shortcut must lie to be a finding) and `remarks`
        (list of str: what could not be checked, and how far to trust this).

    Raises:
        DataError: If the catalog is empty or lacks a column, or there is no such folder.
        SettingsError: If the seed is none.
    """
    if catalog.empty:
        raise DataError("The catalog has no clips to audit.")
    root = Path(root).parent if Path(root).is_file() else Path(root)  # the table that was given as the root
    if not root.is_dir():
        raise DataError(
            f"There is no folder {root}. Give the folder that the catalog's paths are relative to."
        )
    check_seed(seed)
    catalog = as_catalog(catalog, ("clip_id", "path", "media", "label", "group")).reset_index(drop=True)
    people, remarks = _people(catalog, root)
    clips = catalog.drop(columns=["identity", "donor"], errors="ignore").merge(
        people, on="clip_id", how="left"
    )
    clips[["identity", "donor"]] = clips[["identity", "donor"]].fillna("")
    facts, looks = probe(clips, root, progress)
    contents = _same_content(clips, Path(root))
    findings = [
        *_exact_duplicates(clips, contents),
        *_near_duplicates(clips, contents, looks),
        *_people_on_both_sides(clips),
    ]
    shortcuts, more = _shortcuts(clips, facts, seed)
    findings += [_shortcut_finding(row, clips) for row in shortcuts.itertuples() if row.low > _TELLING]
    remarks += more
    closed = int((facts["trouble"] != "").sum())
    if closed:
        remarks.append(
            f"{closed} of {len(facts)} clips could not be opened, and are compared by content only "
            f"(such as {facts.loc[facts['trouble'] != '', 'clip_id'].iloc[0]})."
        )
    if not (clips["split"] != "").any():
        remarks.append("The clips are in no split yet: only what crosses groups could be found.")
    table = pd.DataFrame(findings, columns=list(FINDINGS))
    table = table.sort_values("severity", kind="stable", ignore_index=True)
    table.attrs.update(facts=Aside(facts), shortcuts=Aside(shortcuts), remarks=remarks, telling=_TELLING)
    return table


def by_finding(findings: pd.DataFrame) -> pd.DataFrame:
    """Return the findings of an audit in short: one row a kind, with their number, an example and the remedy."""
    kinds = findings.groupby(["severity", "finding"], sort=False)
    short = kinds.agg(
        number=("clips", "size"),
        example=("clips", "first"),
        what=("detail", "first"),
        remedy=("remedy", "first"),
    )
    return short.reset_index().rename(columns={"what": "what it is", "remedy": "what to do"})


def _people(catalog: pd.DataFrame, root: str | Path) -> tuple[pd.DataFrame, list[str]]:
    """Return clip_id, identity and donor: from the catalog, or from the data set's own names and lists."""
    columns = ["clip_id", "identity", "donor"]
    if {"identity", "donor"} & set(catalog):
        people = catalog.reindex(columns=columns, fill_value="")
    elif "people" in catalog.attrs:
        people = pd.DataFrame(catalog.attrs["people"])
    else:
        try:
            people = read_catalog(root, catalog.attrs.get("layout", "auto")).attrs["people"]
        except DataError:
            people = pd.DataFrame(columns=columns)
    known = people[people["clip_id"].isin(catalog["clip_id"])]
    if not known[["identity", "donor"]].astype(bool).any(axis=None):
        return people, [
            "Nothing tells who is seen in the clips and whose face was put in, so that people on both sides of the "
            "split cannot be found. Columns `identity` and `donor` of a CSV would tell."
        ]
    return people, []


# Duplicates ------------------------------------------------------------------------------------------


def _same_content(clips: pd.DataFrame, root: Path) -> list[list[int]]:
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


def _exact_duplicates(clips: pd.DataFrame, contents: list[list[int]]) -> Iterable[dict]:
    for rows in contents:
        same = clips.iloc[rows]
        if same["label"].dropna().nunique() > 1:
            yield _finding(
                "exact duplicate",
                "leak",
                same,
                f"{len(same)} files of the same content are labelled both real and fake.",
                "Find out which label is right, and keep one of the files.",
            )
        elif _crosses(same):
            yield _finding(
                "exact duplicate",
                "leak",
                same,
                f"{len(same)} files of the same content are on different sides of the split.",
                "Keep one of them, or give them one group.",
            )
        elif same["group"].nunique() > 1:
            yield _finding(
                "exact duplicate",
                "warning",
                same,
                f"{len(same)} files of the same content are in {same['group'].nunique()} groups.",
                "Keep one of them, or give them one group: another seed may part them.",
            )


def _near_duplicates(
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
        crosses = _crosses(same)
        yield _finding(
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


# People ----------------------------------------------------------------------------------------------


def _people_on_both_sides(clips: pd.DataFrame) -> Iterable[dict]:
    clips = clips[clips["split"] != ""]
    for group, same in clips.groupby("group", sort=True):
        if _crosses(same):
            yield _finding(
                "group on both sides",
                "leak",
                same,
                f"The group {group!r} is on different sides: a published split is kept even where it cuts one.",
                "Say so beside every score, or leave the split empty, so that groups decide.",
            )
    for person, same in clips[clips["identity"] != ""].groupby("identity", sort=True):
        if _crosses(same) and not _is_a_group(same, clips):
            yield _finding(
                "identity on both sides",
                "leak",
                same,
                f"{person} is seen on different sides of the split.",
                "Give all clips of one person the same group.",
            )
    for donor, lent in clips[clips["donor"] != ""].groupby("donor", sort=True):
        same = clips[(clips["donor"] == donor) | (clips["identity"] == donor)]
        if _crosses(same) and not _is_a_group(same, clips):
            yield _finding(
                "donor on both sides",
                "leak",
                same,
                f"The face of {donor}, lent to {len(lent)} fakes, is seen on different sides of the split.",
                "Join the groups that share a donor; where that joins everything, say so beside every score.",
            )


def _is_a_group(same: pd.DataFrame, clips: pd.DataFrame) -> bool:
    """Return whether these are just the clips of one group, which has a finding of its own."""
    return same["group"].nunique() == 1 and len(same) == (clips["group"] == same["group"].iat[0]).sum()


# Shortcuts -------------------------------------------------------------------------------------------


def _shortcuts(clips: pd.DataFrame, facts: pd.DataFrame, seed: int) -> tuple[pd.DataFrame, list[str]]:
    """Return the AUC of each shortcut, and what to know about them."""
    columns = ["feature", "auc", "low", "high"]
    usable = (clips["label"].notna() & facts["bytes"].notna()).to_numpy()
    clips, facts = clips[usable].reset_index(drop=True), facts[usable].reset_index(drop=True)
    groups = clips.groupby("label")["group"].nunique()
    k = min(5, int(groups.min())) if len(groups) == 2 else 0
    if k < 2:
        return pd.DataFrame(columns=columns), [
            "Shortcuts need real and fake clips of two groups at least, and were not looked for."
        ]
    labels = clips["label"].to_numpy(int)
    codes = pd.factorize(clips["group"], sort=True)[0]
    parts = list(folds(clips, k=k, seed=seed))
    rows = []
    for name, fields in SHORTCUTS.items():
        values = np.column_stack([_numbers(facts[field]) for field in fields])
        values = values[:, ~np.isnan(values).all(axis=0)]
        if not values.shape[1]:
            continue
        scores = _out_of_fold(values, labels, parts, seed)
        rows.append((name, *auc_with_interval(labels, scores, codes, _DRAWS, seed)))
    within = _within_groups(facts["bytes"].to_numpy(float), labels, codes, seed)
    if within:
        rows.append(("file size within groups", *within))
    remarks = []
    if any(high < 0.5 for *_, high in rows):
        remarks.append(
            "A shortcut's AUC below 0.5 is not to be turned round: it comes from pairs of a fake and its original that "
            "are in different groups."
        )
    n_groups = int(codes.max()) + 1
    if n_groups < _FEW_GROUPS:
        remarks.append(
            f"The shortcuts' AUC rests on {n_groups} groups: take it as a hint, whatever its interval says."
        )
    return pd.DataFrame(rows, columns=columns), remarks


def _within_groups(values: np.ndarray, labels: np.ndarray, codes: np.ndarray, seed: int) -> tuple | None:
    """Return how often a fake has more of something than a real clip of its group (0.5: as often as less).

    A difference between a fake and its original may be far smaller than those between people. Value, low and
    high, as an AUC; below 0.5, that of having less. None where too few groups hold both classes.
    """
    from sklearn.metrics import roc_auc_score

    parts = [codes == code for code in np.unique(codes)]
    own = [roc_auc_score(labels[part], values[part]) for part in parts if np.ptp(labels[part])]
    if len(own) < _FEWEST_PAIRED:
        return None
    draws = np.random.default_rng(seed).choice(own, (_DRAWS, len(own))).mean(1)
    value, low, high = float(np.mean(own)), *np.quantile(draws, [0.025, 0.975]).tolist()
    return (value, low, high) if value >= 0.5 else (1 - value, 1 - high, 1 - low)


def _numbers(values: pd.Series) -> np.ndarray:
    """Return a fact as numbers; words as the rank of their spelling."""
    if pd.api.types.is_numeric_dtype(values):
        return values.to_numpy(float)
    return pd.factorize(values, sort=True)[0].astype(float)


def _out_of_fold(values: np.ndarray, labels: np.ndarray, parts: list, seed: int) -> np.ndarray:
    """Return P(fake) of each clip by a tree of two questions that was fitted on other groups."""
    from sklearn.tree import DecisionTreeClassifier

    scores = np.full(len(labels), 0.5)
    if (values == values[0]).all():
        return scores
    for train, test in parts:
        if len(set(labels[train])) < 2:
            continue
        tree = DecisionTreeClassifier(
            max_depth=2, min_samples_leaf=max(1, len(train) // 10), random_state=seed
        ).fit(values[train], labels[train])
        scores[test] = tree.predict_proba(values[test])[:, 1]
    return scores


def _shortcut_finding(row, clips: pd.DataFrame) -> dict:
    return _finding(
        f"shortcut: {row.feature}",
        "warning",
        clips,
        f"The {row.feature} {'' if 'within' in row.feature else 'alone '}tells real from fake: "
        f"AUC {row.auc:.2f} [{row.low:.2f}, {row.high:.2f}].",
        "Bring both classes to the same form (resolution, rate, encoder, length), or a detector may learn the form.",
    )


# Findings --------------------------------------------------------------------------------------------


def _crosses(same: pd.DataFrame) -> bool:
    return same.loc[same["split"] != "", "split"].nunique() > 1


def _finding(finding: str, severity: str, same: pd.DataFrame, detail: str, remedy: str) -> dict:
    splits = [name for name in ("train", "val", "test") if (same["split"] == name).any()]
    return {
        "finding": finding,
        "severity": severity,
        "clips": _some(same),
        "splits": ", ".join(splits),
        "detail": detail,
        "remedy": remedy,
    }


def _some(same: pd.DataFrame, most: int = 6) -> str:
    """Return clip ids, of every split some, and how many more there are."""
    order = same.groupby("split", sort=True).cumcount().sort_values(kind="stable").index
    names = [same.at[row, "clip_id"] for row in order[:most]]
    return ", ".join(sorted(names)) + (f" and {len(same) - most} more" if len(same) > most else "")

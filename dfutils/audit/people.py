"""People who are seen on two sides of the split."""

from collections.abc import Iterable

import pandas as pd

from dfutils.audit.finding import crosses_splits, make_finding
from dfutils.tables import ORIGIN_COLUMNS


def known_people(clips: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return the clips with the columns identity, donor and source, `""` where unknown, and what to know about them."""
    missing = [name for name in ORIGIN_COLUMNS if name not in clips]
    clips = clips.assign(**dict.fromkeys(missing, ""))
    if not clips[list(ORIGIN_COLUMNS)].astype(bool).any(axis=None):
        return clips, [
            "Nothing tells who is seen in the clips and whose face was put in, so that people on both sides of the "
            "split cannot be found. Columns `identity` and `donor` of a CSV would tell."
        ]
    return clips, []


def people_on_both_sides(clips: pd.DataFrame) -> Iterable[dict]:
    clips = clips[clips["split"] != ""]
    for group, same in clips.groupby("group", sort=True):
        if crosses_splits(same):
            yield make_finding(
                "group on both sides",
                "leak",
                same,
                f"The group {group!r} is on different sides: a published split is kept even where it cuts one.",
                "Say so beside every score, or leave the split empty, so that groups decide.",
            )
    for person, same in clips[clips["identity"] != ""].groupby("identity", sort=True):
        if crosses_splits(same) and not _is_a_group(same, clips):
            yield make_finding(
                "identity on both sides",
                "leak",
                same,
                f"{person} is seen on different sides of the split.",
                "Give all clips of one person the same group.",
            )
    for source, same in clips[clips["source"] != ""].groupby("source", sort=True):
        if crosses_splits(same) and not _is_a_group(same, clips):
            yield make_finding(
                "source on both sides",
                "leak",
                same,
                f"Clips of the recording {source} are on different sides of the split.",
                "Give all clips of one recording the same group.",
            )
    for donor, lent in clips[clips["donor"] != ""].groupby("donor", sort=True):
        same = clips[clips[["identity", "donor", "source"]].eq(donor).any(axis=1)]
        if crosses_splits(same) and not _is_a_group(same, clips):
            yield make_finding(
                "donor on both sides",
                "leak",
                same,
                f"The face of {donor}, lent to {len(lent)} fakes, is seen on different sides of the split.",
                "Join the groups that share a donor; where that joins everything, say so beside every score.",
            )


def _is_a_group(same: pd.DataFrame, clips: pd.DataFrame) -> bool:
    """Return whether these are just the clips of one group, which has a finding of its own."""
    return same["group"].nunique() == 1 and len(same) == (clips["group"] == same["group"].iat[0]).sum()

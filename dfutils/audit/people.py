"""People who are seen on two sides of the split."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from dfutils.audit.finding import crosses_splits, make_finding
from dfutils.data.catalog import read_catalog
from dfutils.errors import DataError


def known_people(catalog: pd.DataFrame, root: str | Path) -> tuple[pd.DataFrame, list[str]]:
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
    for donor, lent in clips[clips["donor"] != ""].groupby("donor", sort=True):
        same = clips[(clips["donor"] == donor) | (clips["identity"] == donor)]
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

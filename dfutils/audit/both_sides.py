"""Find people, recordings and groups that are in more than one part of the split, such as train and test."""

from collections.abc import Iterable, Iterator

import pandas as pd

from dfutils.audit.finding import Finding, crosses_splits, make_finding
from dfutils.data.people import SamePerson


def people_on_both_sides(clips: pd.DataFrame) -> Iterator[Finding]:
    """Yield a finding for each group, person, recording or donor with clips in more than one part of the split.

    Recordings are checked only if the data set does not name the person in them.

    Args:
        clips: DataFrame. One row per clip, with clip_id, group, split, identity, donor and source; unknown values are
            `""`.

    Yields:
        Finding.
    """
    clips = clips[clips["split"] != ""]
    for group, same in clips.groupby("group", sort=True):
        if crosses_splits(same):
            yield make_finding(
                "group on both sides",
                "leak",
                same,
                detail=f"The group {group!r} is on different sides: a published split is kept even where it cuts a "
                "group.",
                remedy="Report this with every score, or leave the split empty, so that whole groups are drawn.",
            )
    for person, same in clips[clips["identity"] != ""].groupby("identity", sort=True):
        if crosses_splits(same) and not _is_a_group(same, clips):
            yield make_finding(
                "identity on both sides",
                "leak",
                same,
                detail=f"{person} is seen on different sides of the split.",
                remedy="Give all clips of one person the same group.",
            )
    nameless = clips[(clips["identity"] == "") & (clips["source"] != "")]
    for source, same in nameless.groupby("source", sort=True):
        if crosses_splits(same) and not _is_a_group(same, clips):
            yield make_finding(
                "source on both sides",
                "leak",
                same,
                detail=f"Clips of the recording {source} are on different sides of the split.",
                remedy="Give all clips of one recording the same group.",
            )
    for donor, fakes in clips[clips["donor"] != ""].groupby("donor", sort=True):
        same = clips[clips[["identity", "donor", "source"]].eq(donor).any(axis=1)]
        if crosses_splits(same) and not _is_a_group(same, clips):
            count = f"{len(fakes)} fake{'' if len(fakes) == 1 else 's'}"
            yield make_finding(
                "donor on both sides",
                "leak",
                same,
                detail=f"The face of {donor}, inserted into {count}, is seen on different sides of the split.",
                remedy="Join the groups that share a donor. If all groups would be joined, "
                "report this with every score instead.",
            )


def same_person_in_two_groups(clips: pd.DataFrame, pairs: Iterable[SamePerson]) -> Iterator[Finding]:
    """Yield a finding for each pair of groups that probably show the same person.

    Args:
        clips: DataFrame. One row per clip, with clip_id, group and split.
        pairs: Iterable of SamePerson.

    Yields:
        Finding. A leak if the clips of the two groups are in different parts of the split, else a warning.
    """
    for pair in pairs:
        both = clips[clips["group"].isin([pair.first, pair.second])]
        crosses = crosses_splits(both)
        yield make_finding(
            "same person in two groups",
            "leak" if crosses else "warning",
            both,
            detail=f"The groups {pair.first} and {pair.second} probably show one person: the faces in "
            f"{pair.first_clip} and {pair.second_clip} have a distance of {pair.distance:.3f}."
            + (" The groups are on different sides of the split." if crosses else ""),
            remedy="Look at both clips. If they show one person, give the two groups one name: "
            "`assign_splits(…, merge_people=True)` does. If the split is published, report this with every score.",
            examples=(pair.first_clip, pair.second_clip),
        )


def _is_a_group(same: pd.DataFrame, clips: pd.DataFrame) -> bool:
    """Return whether the clips in `same` are exactly all clips of one group.

    Such a group already has a finding of its own.
    """
    return same["group"].nunique() == 1 and len(same) == (clips["group"] == same["group"].iat[0]).sum()

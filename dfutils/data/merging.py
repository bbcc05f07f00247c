"""Merge the groups of clips that probably show the same person, before a split is drawn."""

import dataclasses
import sys

import pandas as pd

from dfutils.data.people import PeopleFound, find_same_people, merge_groups
from dfutils.data.validation import catalog_table
from dfutils.errors import DataError
from dfutils.tables import Catalog

_NAMED = 20


def join_people(catalog: Catalog | pd.DataFrame) -> Catalog:
    """Compare the faces in a catalog, and merge the groups that probably show the same person.

    Args:
        catalog: Catalog with a root, because its clips are opened.

    Returns:
        Catalog. A copy. Its column group holds the names of the merged groups. Its remarks list the merged groups and
        the distances between their faces. Splits are not changed.

    Raises:
        DataError: If `catalog` is not a Catalog, or has no root.
        DfutilsError: If the extra `people` is not installed.
    """
    if not isinstance(catalog, Catalog) or catalog.root is None:
        received = "a Catalog without a root" if isinstance(catalog, Catalog) else type(catalog).__name__
        raise DataError(
            "merge_people=True compares the faces in the clips, so it needs their folder. Pass the Catalog that "
            f"`data.read_catalog` returns. Received: {received}"
        )
    found = find_same_people(catalog, progress=sys.stderr.isatty())
    table = catalog_table(catalog)
    joined = table.assign(group=merge_groups(table["group"], found.pairs))
    remarks = [*_name_pairs(found), *found.remarks, *_remarks_on_published(table, joined)]
    return dataclasses.replace(catalog, table=joined, remarks=(*catalog.remarks, *remarks))


def _name_pairs(found: PeopleFound) -> list[str]:
    if not found.groups:
        return []  # the remarks of PeopleFound say why nothing was compared
    compared = f"{found.compared} real clips of {found.groups} groups were compared"
    if not found.pairs:
        return [f"{compared}, and no two groups are within {found.limit:.2f}: no groups were joined."]
    names = [f"{pair.first} and {pair.second} ({pair.distance:.3f})" for pair in found.pairs[:_NAMED]]
    more = len(found.pairs) - len(names)
    return [
        f"{compared}. These groups probably show one person and were joined (distance of the faces): "
        f"{', '.join(names)}{f' and {more} more' if more else ''}. `dfutils audit ROOT --people` names the clips."
    ]


def _remarks_on_published(before: pd.DataFrame, after: pd.DataFrame) -> list[str]:
    """Return a remark that lists the merged groups with clips in two parts of a published split."""
    is_joined = (before["group"] != after["group"]) & (after["split"] != "")
    sides = after[is_joined].groupby("group")["split"].nunique()
    names = sides.index[sides > 1]
    if not len(names):
        return []
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return [
        f"The published split is kept, although these joined groups are on different sides of it: "
        f"{', '.join(names[:_NAMED])}{more}. The audit reports them."
    ]

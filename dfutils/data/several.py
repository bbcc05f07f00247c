"""Join the catalogs of several data sets into one, for training on several and testing on another."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from dfutils.data.layouts import LAYOUTS
from dfutils.data.layouts.components import Components
from dfutils.errors import DataError
from dfutils.tables import Catalog

_PREFIXED = ("group", "identity", "donor", "source")
# These data sets are made from the videos of FaceForensics++, or are a part of it: a name means the same in them.
_FAMILIES = {"deeperforensics": "faceforensics", "dfd": "faceforensics"}


def names_of_roots(roots: Sequence[Path]) -> list[str]:
    """Return a name for each data set: the name of its folder or CSV.

    Raises:
        DataError: If two data sets have one name, or one is inside another.
    """
    places = [root.expanduser().resolve() for root in roots]
    names = [place.stem if place.is_file() else place.name for place in places]
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise DataError(
            f"Two of the data sets are named {twice[0]!r}, so their clips could not be told apart. Rename one of the "
            f"folders. Received: {', '.join(map(str, roots))}"
        )
    for one in places:
        for other in places:
            if one != other and one.is_relative_to(other):
                raise DataError(f"The data set {one} is inside the data set {other}. Give one of them.")
    return names


def join_catalogs(catalogs: Mapping[str, Catalog]) -> Catalog:
    """Return one catalog with the clips of several data sets.

    Paths are relative to the nearest folder that holds all data sets. Clip ids get the name of their data set in front.
    Groups and people do too, because two data sets may use the same names. Two copies of one known data set are an
    exception: there, a name means the same. Their groups are joined where a recording or a person is in both, so that
    no split of ours divides them. A published split stays, and holds for the same recording in all copies: test before
    validation before training. A person who is in two different data sets is in two groups;
    `dfutils audit --people` finds such people.

    Args:
        catalogs: dict. {name of the data set: Catalog with a root}.

    Returns:
        Catalog. Its table has one more column: `dataset`, the name of the data set.

    Raises:
        DataError: If there is no folder that holds all data sets.
    """
    try:
        root = Path(os.path.commonpath([str(catalog.root) for catalog in catalogs.values()]))
    except ValueError as error:  # two drives of Windows
        raise DataError(f"The data sets are not on one drive: {error}. Move or copy one of them.") from error
    families = {name: _family(name, catalog.layout) for name, catalog in catalogs.items()}
    tables, left_out, remarks = [], [], []
    files: Counter[str] = Counter()
    for name, catalog in catalogs.items():
        assert catalog.root is not None
        place = catalog.root.relative_to(root).as_posix()
        start = "" if place == "." else f"{place}/"
        table = catalog.table.assign(dataset=name, path=start + catalog.table["path"])
        table["clip_id"] = f"{name}/" + table["clip_id"]
        family = families[name]
        for column in _PREFIXED:
            if column in table:
                known = table[column] != ""
                table[column] = table[column].where(~known, f"{family}/" + table[column])
        tables.append(table)
        left_out.append(catalog.left_out.assign(path=start + catalog.left_out["path"]))
        remarks += [f"{name}: {remark}" for remark in catalog.remarks]
        files.update(catalog.files)
    joined = pd.concat(tables, ignore_index=True)
    text = joined.columns.difference(["label"])
    joined[text] = joined[text].fillna("")
    several = {family for family, count in Counter(families.values()).items() if count > 1}
    copies = joined["dataset"].map(families).isin(several)
    if copies.any():
        joined.loc[copies, "group"] = _join_groups(joined[copies])
        joined.loc[copies, "split"] = _spread_splits(joined[copies])
    twice = joined.loc[joined["path"].duplicated(), "path"]
    if len(twice):
        raise DataError(
            f"{len(twice)} clips are in two of the data sets, such as {twice.iloc[0]!r}. Give each folder once."
        )
    shared = int((joined.groupby("group")["dataset"].nunique() > 1).sum())
    if shared:
        remarks.append(
            f"{shared} groups have clips of several data sets, because a recording or a person is in both."
        )
    return Catalog(
        joined.sort_values("clip_id", ignore_index=True),
        left_out=pd.concat(left_out, ignore_index=True),
        remarks=tuple(remarks),
        layout=" + ".join(dict.fromkeys(catalog.layout for catalog in catalogs.values())),
        root=root,
        files=dict(files),
    )


def _family(name: str, layout: str) -> str:
    """Return what stands in front of groups and people: the layout of a known data set, otherwise its own name."""
    known = layout in LAYOUTS and LAYOUTS[layout].is_known_data_set
    return _FAMILIES.get(layout, layout) if known else name


def _join_groups(table: pd.DataFrame) -> pd.Series:
    """Return the groups, joined where clips show one person, or come from one recording or its forgery."""
    components = Components()
    sources = set(table["source"]) - {""} if "source" in table else set()
    for row in table.to_dict("records"):
        group = f"group {row['group']}"
        components.join(group, group)
        for column in ("identity", "source"):
            if row.get(column):
                components.join(group, f"{column} {row[column]}")
        if row.get("donor") in sources:  # the donor is a recording, as in FaceForensics++
            components.join(group, f"source {row['donor']}")
    component = components.names()
    together: dict[str, list[str]] = {}
    for group in dict.fromkeys(table["group"]):
        together.setdefault(component[f"group {group}"], []).append(group)
    names = {group: min(groups) for groups in together.values() for group in groups}
    return table["group"].map(names)


def _spread_splits(table: pd.DataFrame) -> pd.Series:
    """Return the published splits, with one split for each recording, or for each clip of the same name."""
    names = pd.Series(
        [
            clip_id.removeprefix(f"{dataset}/")
            for clip_id, dataset in table[["clip_id", "dataset"]].to_numpy()
        ],
        index=table.index,
    )
    recordings = names.where(table["source"] == "", table["source"]) if "source" in table else names
    splits = table["split"].copy()
    for part in ("train", "val", "test"):
        splits[recordings.isin(recordings[table["split"] == part])] = part
    return splits

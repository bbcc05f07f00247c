"""Compare a copy of a data set with what is published on it: what is missing, and what is too much."""

import dataclasses
import re
from collections.abc import Callable
from dataclasses import dataclass, field

import pandas as pd

from dfutils.data import published_counts as published
from dfutils.data.layouts.deepspeak import APART
from dfutils.data.layouts.faceforensics import CROSSES_ACTOR_SPLIT, compression_of
from dfutils.data.published_counts import Part, Published
from dfutils.tables import Catalog

COLUMNS = ("part", "expected", "found", "missing", "extra")
_NOT_ON_DISK = re.compile(r"named in .+, but not on disk")


@dataclass(frozen=True, eq=False)
class CatalogCheck:
    """How a copy of a data set compares with what is published on it.

    Args:
        layout: str. The name of the data set layout.
        version: str. The data set and version that the copy is compared with; `""` if nothing is published.
        source: str. Where the published numbers are from.
        table: DataFrame. One row per part, with the columns part, expected, found, missing and extra.
        not_on_disk: tuple of str. The clips that the data set's own lists name, and that are not on disk.
        remarks: tuple of str. What the comparison does not say.
    """

    layout: str
    version: str = ""
    source: str = ""
    table: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(COLUMNS)))
    not_on_disk: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether numbers are published, and the copy has each part, no clip more, and each clip of its lists."""
        return (
            len(self.table) > 0
            and not self.table[["missing", "extra"]].to_numpy().any()
            and not self.not_on_disk
        )


def check_catalog(catalog: Catalog) -> CatalogCheck:
    """Compare the clips of a catalog with the published numbers and lists of its data set.

    Clips that dfutils leaves out because of their people (see the layouts `dfd` and `deepspeak`) count as found. Of
    FaceForensics++, only the compressions that the copy has are compared.

    Args:
        catalog: Catalog. From `read_catalog`.

    Returns:
        CatalogCheck. Its table is empty if nothing is published on the layout.

    Example:
        >>> from dfutils import data
        >>> data.check_catalog(data.read_catalog("faces")).version
        ''
    """
    not_on_disk = tuple(
        path
        for path, reason in catalog.left_out[["path", "reason"]].itertuples(index=False)
        if _NOT_ON_DISK.fullmatch(reason)
    )
    clips = _clips(catalog)
    if catalog.layout not in _CHOOSERS:
        remark = (
            f"Nothing is published for the layout {catalog.layout!r}, so its completeness cannot be checked."
        )
        return CatalogCheck(catalog.layout, not_on_disk=not_on_disk, remarks=(remark,))
    chosen, doubts = _CHOOSERS[catalog.layout](clips)
    if chosen is None:
        return CatalogCheck(catalog.layout, not_on_disk=not_on_disk, remarks=doubts)
    rows = []
    in_no_part = pd.Series(True, index=clips.index)
    for part in chosen.parts:
        inside = _is_in(clips, part)
        in_no_part &= ~inside
        difference = part.expected - int(inside.sum())
        rows.append((part.name, part.expected, int(inside.sum()), max(difference, 0), max(-difference, 0)))
    if chosen.covers_all and in_no_part.any():
        rows.append(("in no published part", 0, int(in_no_part.sum()), 0, int(in_no_part.sum())))
    notes = (chosen.note,) if chosen.note else ()
    return CatalogCheck(
        catalog.layout,
        chosen.version,
        chosen.source,
        pd.DataFrame(rows, columns=list(COLUMNS)),
        not_on_disk,
        (*doubts, *notes),
    )


def _clips(catalog: Catalog) -> pd.DataFrame:
    """Return the clips of a catalog, with the fakes that dfutils left out because of their two people.

    The paths start with the name of the data set's folder, which may tell the version.
    """
    columns = ["path", "label", "method", "split"]
    apart = catalog.left_out.loc[catalog.left_out["reason"].isin([CROSSES_ACTOR_SPLIT, APART]), "path"]
    left_out = pd.DataFrame({"path": apart, "label": 1, "method": "", "split": ""}, columns=columns)
    tables = [table.astype({"label": "Int64"}) for table in (catalog.table[columns], left_out) if len(table)]
    clips = pd.concat(tables or [left_out], ignore_index=True)
    clips["path"] = f"{catalog.root.name if catalog.root else ''}/" + clips["path"]
    return clips


def _is_in(clips: pd.DataFrame, part: Part) -> pd.Series:
    """Return whether each clip is in a part."""
    inside = pd.Series(True, index=clips.index)
    if part.label is not None:
        inside &= (clips["label"] == part.label).fillna(False)
    if part.method:
        inside &= clips["method"].str.lower() == part.method.lower()
    if part.split:
        inside &= clips["split"] == part.split
    if part.path:
        inside &= clips["path"].str.contains(part.path, case=False)
    for column, value in part.where:
        inside &= clips[column] == value
    return inside.astype(bool)


# What the copy is compared with, and remarks on that choice.
_Choice = tuple[Published | None, tuple[str, ...]]


def _always(known: Published) -> Callable[[pd.DataFrame], _Choice]:
    return lambda clips: (known, ())


def _choose_faceforensics(clips: pd.DataFrame) -> _Choice:
    """Return the parts of each compression that the copy has, with those of DeepFakeDetection if it has them."""
    clips["compression"] = clips["path"].map(compression_of)
    names = clips["path"].str.rpartition("/")[2]
    clips["filmed"] = names.str.match(r"\d\d(?:_\d\d)?__").map({True: "actors", False: "youtube"})
    there = clips[["compression", "filmed"]].drop_duplicates().sort_values(["compression", "filmed"])
    parts = []
    for compression, filmed in there.itertuples(index=False):
        where = (("compression", compression), ("filmed", filmed))
        known = published.DFD if filmed == "actors" else published.FACEFORENSICS
        for part in known.parts:
            parts.append(dataclasses.replace(part, name=f"{compression} {part.name}".strip(), where=where))
    return dataclasses.replace(published.FACEFORENSICS, parts=tuple(parts)), (
        "Of FaceForensics++, the compressions that the copy has are compared, and DeepFakeDetection if it is there.",
    )


def _choose_celebdf(clips: pd.DataFrame) -> _Choice:
    paths = clips["path"]
    if paths.str.contains(r"/(?:FaceSwap|FaceReenact|TalkingFace)/", case=False).any():
        return published.CELEBDF_PP, ()
    named = {*paths.str.extract(r"(?i)celeb-df-v([12])/")[0].dropna()}
    if len(named) == 2:
        return None, ("v1 and v2 of Celeb-DF are both there: give the folder of one of them.",)
    if named:
        return (published.CELEBDF_1 if named == {"1"} else published.CELEBDF_2), ()
    if any(_is_in(clips, part).sum() > part.expected for part in published.CELEBDF_1.parts):
        return published.CELEBDF_2, ()
    return published.CELEBDF_1, (
        "The copy does not say its version. It is compared with v1, the smallest version that has as many clips. If "
        "it is of v2, name its folder Celeb-DF-v2.",
    )


def _choose_dfdc(clips: pd.DataFrame) -> _Choice:
    if clips["path"].str.contains("dfdc_train_part_").any():
        return published.DFDC, ()
    if clips["path"].str.contains("train_sample_videos").any():
        return published.DFDC_SAMPLE, ()
    return None, (
        "Which part of DFDC this is cannot be told from the names of its folders (dfdc_train_part_0 or "
        "train_sample_videos), so its completeness cannot be checked. On the preview, sources contradict each other.",
    )


def _choose_deepspeak(clips: pd.DataFrame) -> _Choice:
    names = clips.loc[clips["label"] == 1, "path"]
    is_first = names.str.contains(r"--\d+-\d+--").any()
    return (published.DEEPSPEAK_1 if is_first else published.DEEPSPEAK_2), ()


_CHOOSERS: dict[str, Callable[[pd.DataFrame], _Choice]] = {
    "celebdf": _choose_celebdf,
    "deeperforensics": _always(published.DEEPERFORENSICS),
    "deepfaketimit": _always(published.DEEPFAKETIMIT),
    "deepspeak": _choose_deepspeak,
    "dfd": _always(published.DFD),
    "dfdc": _choose_dfdc,
    "faceforensics": _choose_faceforensics,
    "fakeavceleb": _always(published.FAKEAVCELEB),
    "ffiw": _always(published.FFIW),
    "kodf": _always(published.KODF),
    "sdfvd": _always(published.SDFVD),
    "uadfv": _always(published.UADFV),
    "wilddeepfake": _always(published.WILDDEEPFAKE),
}

"""Find problems in a data set that make the test scores of a detector too good."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from dfutils.audit.appearance import Look, probe
from dfutils.audit.both_sides import people_on_both_sides, same_person_in_two_groups
from dfutils.audit.duplicates import exact_duplicates, near_duplicates, same_content
from dfutils.audit.finding import findings_table
from dfutils.audit.shortcuts import TELLING_AUC, measure_shortcuts, shortcut_findings
from dfutils.data.embedding import is_available
from dfutils.data.people import PeopleFound, find_same_people
from dfutils.data.validation import catalog_table, check_seed, root_of
from dfutils.errors import DataError
from dfutils.tables import ORIGIN_COLUMNS, Catalog

_UNKNOWN_PEOPLE = (
    "The catalog does not say who is seen in the clips, nor whose face was inserted, so people on both sides of the "
    "split cannot be found. The columns `identity` and `donor` of a CSV would say it."
)
_COMPARE_FACES = (
    "Faces were not compared. With `people=True` (`dfutils audit ROOT --people`), groups that probably show one person "
    "are named."
)


@dataclass(frozen=True, kw_only=True)
class Audit:
    """The result of checking a data set: findings, measured shortcuts, and remarks.

    Args:
        findings: DataFrame, one row per finding, leaks first. Its columns are the fields of `Finding`: finding,
            severity (`"leak"`: the test is compromised with these splits; `"warning"`: it may be), clips, splits,
            detail and remedy.
        shortcuts: DataFrame, one row per file property (such as file size): feature, auc, low, high.
        facts: DataFrame, one row per clip: file size, resolution, codec and more (see `appearance.probe`).
        telling: float. A shortcut becomes a finding if its whole 95 % interval is above this AUC.
        remarks: tuple of str. Which checks were not possible, and how reliable the results are.
        people: PeopleFound or None. The result of comparing faces; None if they were not compared.
        people_known: bool. Whether the catalog names the person in every real clip.
    """

    findings: pd.DataFrame
    shortcuts: pd.DataFrame
    facts: pd.DataFrame
    telling: float
    remarks: tuple[str, ...]
    people: PeopleFound | None
    people_known: bool

    @property
    def verdict(self) -> str:
        """A short summary of the findings, such as "found 1 leak". It continues the words "The audit"."""
        numbers = self.findings["severity"].value_counts()
        if len(self.findings):
            counts = [
                f"{count} {word}{'' if count == 1 else 's'}"
                for word in ("leak", "warning")
                if (count := int(numbers.get(word, 0)))
            ]
            return f"found {' and '.join(counts)}"
        if self.people_known:
            label = " or gives the label away" if len(self.shortcuts) else ""
            return f"found nothing that leaks{label}"
        if self.people is not None and self.people.groups > 1:
            return "found nothing; nobody was recognised in two groups, which is no proof"
        return "found nothing, but who is seen is not known"

    def summary(self) -> pd.DataFrame:
        """Return a short table of the findings, one row per kind: number, example and remedy."""
        kinds = self.findings.groupby(["severity", "finding"], sort=False)
        short = kinds.agg(
            number=("clips", "size"),
            example=("clips", "first"),
            what=("detail", "first"),
            remedy=("remedy", "first"),
        )
        return short.reset_index().rename(columns={"what": "what it is", "remedy": "what to do"})


def audit_catalog(
    catalog: Catalog | pd.DataFrame,
    root: str | Path | None = None,
    *,
    seed: int = 7,
    people: bool = False,
    looks: Mapping[str, Look] | None = None,
    progress: bool = True,
) -> Audit:
    """Check a data set for leaks across the split, and for file properties that reveal the label.

    The audit reports these findings:

    - exact duplicate: files of the same content in two parts of the split, in two groups, or with two labels.
    - near duplicate: clips whose first frames look the same (such as a re-encoded or resized copy), in two parts of the
      split or in two groups. Similar clips within one group are not reported, because a fake looks like its original.
      A copy that is cropped, mirrored or starts at another time is not found.
    - group, identity, source or donor on both sides: a group, person, recording or donor has clips in two parts of the
      split, such as train and test.
    - same person in two groups (only with `people=True`): the faces in the real clips of two groups are so similar that
      the groups probably show one person.
    - shortcut: a small decision tree separates real from fake by the file size, resolution, frame rate, codec or
      duration alone. Its AUC (with a 95 % interval by group) is measured on groups outside its training data. A
      second check asks whether fakes have larger, or smaller, files than the real clips of their own group.

    Args:
        catalog: Catalog or DataFrame. One row per clip, with clip_id, path, media, label and group; without
            split, only groups are compared.
        root: str or Path or None. The folder that paths are relative to. Defaults to None: the Catalog's own root.
        seed: int. Governs the folds and intervals of the shortcuts. Defaults to 7.
        people: bool. Compare the faces in real clips, 0.4 to 0.8 seconds per clip. Needs the extra `dfutils[people]`.
            Defaults to False.
        looks: dict or None. Clips that were opened already and need not be opened again, such as `leak.looks` of
            `lessons.demonstrate_leak`. Defaults to None.
        progress: bool. Show a progress bar. Defaults to True.

    Returns:
        Audit.

    Raises:
        DataError: If the catalog is empty or lacks a column, or the folder of the clips does not exist.
        SettingsError: If the seed is not an integer in [0, 2**32).
        DfutilsError: If `people` is True and the extra `people` is not installed.

    Example:
        >>> from dfutils import audit, data
        >>> catalog = data.assign_splits(data.read_catalog("faces"))
        >>> audit.audit_catalog(catalog, progress=False).verdict
        'found nothing that leaks or gives the label away'
    """
    if not len(catalog):
        raise DataError("The catalog has no clips to audit.")
    folder = root_of(catalog, root)
    check_seed(seed)
    clips = catalog_table(catalog, needs=("clip_id", "path", "media", "label", "group")).reset_index(
        drop=True
    )
    people_known = Catalog(clips).people_known
    clips = clips.assign(**{name: "" for name in ORIGIN_COLUMNS if name not in clips})
    # Faces are compared first, so that a missing extra is reported before the slow checks.
    found = find_same_people(clips, folder, progress=progress) if people else None
    facts, appearances = probe(clips, folder, known=looks, progress=progress)
    contents = same_content(clips, folder)
    shortcuts, shortcut_remarks = measure_shortcuts(clips, facts, seed=seed)
    findings = [
        *exact_duplicates(clips, contents),
        *near_duplicates(clips, contents, appearances),
        *people_on_both_sides(clips),
        *same_person_in_two_groups(clips, found.pairs if found else ()),
        *shortcut_findings(shortcuts, clips),
    ]
    return Audit(
        findings=findings_table(findings),
        shortcuts=shortcuts,
        facts=facts,
        telling=TELLING_AUC,
        remarks=(
            *_remarks_on_people(catalog, clips, found, people_known),
            *shortcut_remarks,
            *_remarks_on_clips(clips, facts),
        ),
        people=found,
        people_known=people_known,
    )


def _remarks_on_people(
    catalog: Catalog | pd.DataFrame, clips: pd.DataFrame, found: PeopleFound | None, people_known: bool
) -> list[str]:
    if found:
        return [*found.remarks]
    remarks = []
    # The remarks of a Catalog already say whether its data set names people.
    if not isinstance(catalog, Catalog) and not (clips[list(ORIGIN_COLUMNS)] != "").any(axis=None):
        remarks.append(_UNKNOWN_PEOPLE)
    if not people_known and is_available():
        remarks.append(_COMPARE_FACES)
    return remarks


def _remarks_on_clips(clips: pd.DataFrame, facts: pd.DataFrame) -> list[str]:
    remarks = []
    closed = facts.loc[facts["trouble"] != "", "clip_id"]
    if len(closed):
        remarks.append(
            f"{len(closed)} of {len(facts)} clips could not be opened, and are compared by content only (such as "
            f"{closed.iloc[0]})."
        )
    if not (clips["split"] != "").any():
        remarks.append(
            "The clips have no split yet: only duplicates and people across groups could be found."
        )
    return remarks

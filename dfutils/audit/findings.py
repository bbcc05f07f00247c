"""What in a data set would make a detector look better than it is."""

from pathlib import Path

import pandas as pd

from dfutils.audit.appearance import probe
from dfutils.audit.duplicates import exact_duplicates, near_duplicates, same_content
from dfutils.audit.finding import FINDINGS
from dfutils.audit.people import known_people, people_on_both_sides
from dfutils.audit.shortcuts import TELLING_AUC, measure_shortcuts, shortcut_finding
from dfutils.data.validation import catalog_table, check_seed
from dfutils.errors import DataError
from dfutils.tables import Catalog


def audit_catalog(
    catalog: Catalog | pd.DataFrame, root: str | Path, seed: int = 7, progress: bool = True
) -> pd.DataFrame:
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
    if not len(catalog):
        raise DataError("The catalog has no clips to audit.")
    root = Path(root).parent if Path(root).is_file() else Path(root)  # the table that was given as the root
    if not root.is_dir():
        raise DataError(
            f"There is no folder {root}. Give the folder that the catalog's paths are relative to."
        )
    check_seed(seed)
    clips = catalog_table(catalog, ("clip_id", "path", "media", "label", "group")).reset_index(drop=True)
    clips, remarks = known_people(clips)
    facts, looks = probe(clips, root, progress)
    contents = same_content(clips, Path(root))
    findings = [
        *exact_duplicates(clips, contents),
        *near_duplicates(clips, contents, looks),
        *people_on_both_sides(clips),
    ]
    shortcuts, more = measure_shortcuts(clips, facts, seed)
    findings += [shortcut_finding(row, clips) for row in shortcuts.itertuples() if row.low > TELLING_AUC]
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
    table.attrs.update(facts=facts, shortcuts=shortcuts, remarks=remarks, telling=TELLING_AUC)
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

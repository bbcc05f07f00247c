"""Define a finding of the audit, and make tables of findings."""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from dfutils.data.validation import SPLITS

Severity = Literal["leak", "warning"]
_SHOWN = 6


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One problem in a data set that makes the test scores of a detector too good.

    Args:
        finding: str. The kind, such as `"exact duplicate"`.
        severity: str. `"leak"`: the test is compromised with these splits. `"warning"`: it may be.
        clips: str. The clip_ids of the affected clips, or some clip_ids and the number of the others.
        splits: str. The splits of the affected clips.
        detail: str. What was found, in one sentence.
        remedy: str. What to do about it.
    """

    finding: str
    severity: Severity
    clips: str
    splits: str
    detail: str
    remedy: str


def make_finding(
    finding: str,
    severity: Severity,
    clips: pd.DataFrame,
    *,
    detail: str,
    remedy: str,
    examples: Iterable[str] = (),
) -> Finding:
    """Make a finding of the audit about some clips.

    Args:
        finding: str. The kind.
        severity: str. `"leak"` or `"warning"`.
        clips: DataFrame. The affected clips, with clip_id and split.
        detail: str. What was found, in one sentence.
        remedy: str. What to do about it.
        examples: Iterable of str. The clip_ids to show. Defaults to some clip_ids of each split.

    Returns:
        Finding.
    """
    return Finding(
        finding=finding,
        severity=severity,
        clips=", ".join(examples) or _name_some(clips),
        splits=", ".join(name for name in SPLITS if (clips["split"] == name).any()),
        detail=detail,
        remedy=remedy,
    )


def findings_table(findings: Iterable[Finding]) -> pd.DataFrame:
    """Make a table of the audit's findings, one row per finding, leaks first."""
    columns = [field.name for field in dataclasses.fields(Finding)]
    table = pd.DataFrame([dataclasses.astuple(finding) for finding in findings], columns=columns)
    return table.sort_values("severity", kind="stable", ignore_index=True)


def crosses_splits(clips: pd.DataFrame) -> bool:
    """Return whether clips are in more than one split. Clips without a split do not count."""
    return clips.loc[clips["split"] != "", "split"].nunique() > 1


def _name_some(clips: pd.DataFrame) -> str:
    """Return a text with up to six clip_ids, from every split, and the number of the other clips."""
    order = clips.groupby("split", sort=True).cumcount().sort_values(kind="stable").index
    names = [clips.at[row, "clip_id"] for row in order[:_SHOWN]]
    more = f" and {len(clips) - _SHOWN} more" if len(clips) > _SHOWN else ""
    return ", ".join(sorted(names)) + more

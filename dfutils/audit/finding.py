"""The shape of a finding."""

import pandas as pd

FINDINGS = ("finding", "severity", "clips", "splits", "detail", "remedy")


def crosses_splits(same: pd.DataFrame) -> bool:
    return same.loc[same["split"] != "", "split"].nunique() > 1


def make_finding(finding: str, severity: str, same: pd.DataFrame, detail: str, remedy: str) -> dict:
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

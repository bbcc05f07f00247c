"""Put all tests under other conditions into one table: other forgeries, other data sets, degraded clips."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dfutils.evaluation.evaluation import evaluate
from dfutils.evaluation.left_out_methods import LeaveOneOut
from dfutils.evaluation.robustness import Robustness
from dfutils.evaluation.tables import with_interval, with_sign
from dfutils.evaluation.unpaired_comparison import compare_unpaired

_VALUES = ("here", "elsewhere", "change")
_ENDS = ["value", "low", "high"]


@dataclass(frozen=True)
class Elsewhere:
    """What a detector loses under other conditions than those of its training.

    Args:
        table: DataFrame indexed by test. Columns: kind (`"forgery"`, `"data set"` or `"degradation"`); here, the AUC
            under the conditions of the training; elsewhere, the AUC under the others; change, the second minus the
            first; each with its 95 % interval in the columns _low and _high; scored and clips, the number of clips with
            a score and of all clips. A left-out forgery is compared with a training that had it, on the same clips. So
            is a degradation with the unchanged clips. Two data sets have different clips, so their interval is wider.
    """

    table: pd.DataFrame

    @property
    def display(self) -> pd.DataFrame:
        """The table with rounded values as text. Undefined values are shown as `–`."""
        values = {name: self.table[[name, f"{name}_low", f"{name}_high"]].to_numpy() for name in _VALUES}
        text = {
            "AUC here": [with_interval(*row) for row in values["here"]],
            "AUC elsewhere": [with_interval(*row) for row in values["elsewhere"]],
            "change": [with_sign(*row) for row in values["change"]],
            "scored": [
                f"{scored} of {clips}" for scored, clips in self.table[["scored", "clips"]].to_numpy()
            ],
        }
        return pd.DataFrame(text, index=self.table.index).rename_axis(index=None, columns="test")

    def to_record(self) -> list[dict[str, Any]]:
        """Return one dict per test, with the test's name and all columns. Undefined values are None."""
        return [
            {"test": test} | {name: None if pd.isna(value) else value for name, value in row.items()}
            for test, row in self.table.to_dict("index").items()
        ]


def list_losses(
    predictions: pd.DataFrame,
    *,
    left_out: LeaveOneOut | None = None,
    detector: str = "GRU",
    datasets: pd.DataFrame | None = None,
    degraded: Robustness | None = None,
    n_bootstrap: int = 2000,
    seed: int = 7,
) -> Elsewhere:
    """List what a detector loses on other forgeries, on other data sets and on degraded clips.

    Args:
        predictions: DataFrame. The scores of the test clips of the detector's own data set.
        left_out: LeaveOneOut or None. From `leave_one_out`. Defaults to None: no forgery was left out.
        detector: str. The detector in `left_out`. Defaults to `"GRU"`.
        datasets: DataFrame or None. From `score_datasets`, with a column `dataset`. Defaults to None.
        degraded: Robustness or None. From `evaluate_degraded`. Defaults to None.
        n_bootstrap, seed: As for `evaluate`.

    Returns:
        Elsewhere.

    Raises:
        DataError: As `evaluate`.
        SettingsError: As `evaluate`.
    """
    options: dict[str, Any] = {"n_bootstrap": n_bootstrap, "seed": seed}
    rows: dict[str, dict[str, Any]] = {}
    if left_out is not None:
        for method, row in left_out.table(**options).loc[detector].iterrows():
            here, there = (row[[f"{name}_{end}" for end in _ENDS]] for name in ("trained", "left_out"))
            change = row[["change", "change_low", "change_high"]]
            scored = int(row["n_real"] + row["n_fake"])
            clips = scored + int(row["n_unscored"])
            rows[f"{method} left out of training"] = _row("forgery", here, there, change, scored, clips)
    if datasets is not None and len(datasets):
        here = evaluate(predictions, **options).table.loc["auc", _ENDS]
        for name, part in datasets.groupby("dataset", sort=False):
            one = evaluate(part, **options)
            gap = compare_unpaired(part, predictions, **options)
            change = (gap.value, gap.low, gap.high)
            rows[f"data set {name}"] = _row(
                "data set", here, one.table.loc["auc", _ENDS], change, one.n_scored, one.n_clips
            )
    if degraded is not None:
        columns = ["auc", "low", "high"]
        here = degraded.table.iloc[0][columns]
        for name, row in degraded.table.iloc[1:].iterrows():
            scored, clips = map(int, row["scored"].split(" of "))
            change = row[["change", "change_low", "change_high"]]
            rows[f"after {name}"] = _row("degradation", here, row[columns], change, scored, clips)
    ends = ("", "_low", "_high")
    columns = ["kind", *(name + end for name in _VALUES for end in ends), "scored", "clips"]
    table = pd.DataFrame(list(rows.values()), index=list(rows), columns=columns)
    return Elsewhere(table.rename_axis("test"))


def _row(
    kind: str,
    here: Iterable[float],
    elsewhere: Iterable[float],
    change: Iterable[float],
    scored: int,
    clips: int,
) -> dict[str, Any]:
    """Return one row of the table. Each of the three values comes with the ends of its interval."""
    row: dict[str, Any] = {"kind": kind}
    for name, values in zip(_VALUES, (here, elsewhere, change), strict=True):
        row |= zip((name, f"{name}_low", f"{name}_high"), map(float, values), strict=True)
    return row | {"scored": scored, "clips": clips}

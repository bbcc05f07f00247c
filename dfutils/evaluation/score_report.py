"""Evaluate the scores of one or more detectors from files, and compare them."""

import math
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from dfutils.errors import DataError
from dfutils.evaluation.breakdown import evaluate_by
from dfutils.evaluation.comparison import Difference, compare
from dfutils.evaluation.evaluation import Evaluation, MajorityLine, evaluate, majority_line
from dfutils.evaluation.metrics import Metric
from dfutils.evaluation.missing_scores import MissingPolicy, fill_missing
from dfutils.evaluation.paired_tests import DeLong, delong, holm
from dfutils.evaluation.predictions import scored_rows

_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Comparison:
    """A detector against another one, on the clips that both have scored.

    Args:
        first, second: str. The names of the detectors.
        difference: Difference. First minus second, with the interval by group.
        corrected: float. The p-value after Holm's correction for all comparisons; NaN if undefined.
        check: DeLong. The same by DeLong's method, which takes clips as independent. Only for the AUC, else None.
    """

    first: str
    second: str
    difference: Difference
    corrected: float
    check: DeLong | None

    @property
    def verdict(self) -> str:
        """Which detector is better, in words."""
        lower_is_better = self.difference.metric in ("log_loss", "brier", "eer", "ece", "aurc")
        if math.isnan(self.corrected):
            return "undefined: there is no interval"
        excludes_zero = self.difference.low > 0 or self.difference.high < 0
        if self.corrected >= 0.05 or not excludes_zero:
            return "cannot be told"
        better = self.first if (self.difference.value > 0) != lower_is_better else self.second
        return f"{better} is better"


@dataclass(frozen=True)
class ScoreReport:
    """What the scores of one or more detectors are worth.

    Args:
        tables: dict. {name: predictions}, after missing scores were filled.
        evaluations: dict. {name: Evaluation}.
        coverage: dict. {name: share of the clips that have a score of their own}.
        majority: MajorityLine. Of the first detector.
        parts: dict. {name: {value of the column: Evaluation}}; empty without a column.
        column: str. The column that divides the clips into parts; `""` if there is none.
        comparisons: list of Comparison.
    """

    tables: dict[str, pd.DataFrame] = field(repr=False)
    evaluations: dict[str, Evaluation]
    coverage: dict[str, float]
    majority: MajorityLine
    parts: dict[str, dict[str, Evaluation]] = field(repr=False)
    column: str
    comparisons: list[Comparison] = field(repr=False)

    def to_record(self) -> dict[str, Any]:
        """Return the report as a dict that can be written as JSON. Undefined values are None."""
        return {
            "detectors": {
                name: one.to_record() | {"coverage": self.coverage[name]}
                for name, one in self.evaluations.items()
            },
            "majority": {"called": self.majority.called, "accuracy": self.majority.accuracy},
            "by": {
                "column": self.column,
                "parts": {
                    name: {value: one.to_record() for value, one in parts.items()}
                    for name, parts in self.parts.items()
                },
            },
            "comparisons": [_comparison_record(one) for one in self.comparisons],
        }


def report_scores(
    tables: dict[str, pd.DataFrame],
    *,
    threshold: float | dict[str, float] = 0.5,
    missing: MissingPolicy = "leave-out",
    column: str = "",
    metric: Metric = "auc",
    n_bootstrap: int = 2000,
    seed: int = 7,
) -> ScoreReport:
    """Evaluate detectors, also in parts, and compare the first one with each of the others.

    Args:
        tables: dict. {name: predictions}, as for `evaluate`. The first detector is compared with the others.
        threshold: float, or dict {name: float}. A clip is called fake if its score is at least the threshold. Defaults
            to 0.5.
        missing: str. What a missing score counts as: see `fill_missing`. Defaults to `"leave-out"`.
        column: str. A column that divides the clips into parts, such as `"method"`. Defaults to `""`: none.
        metric: str. The metric of the comparisons, one of `METRICS`. Defaults to `"auc"`.
        n_bootstrap, seed: As for `evaluate`.

    Returns:
        ScoreReport.

    Raises:
        DataError: As `evaluate` and `compare`, or if a table has no column of this name, or all its cells are empty.
        SettingsError: As `evaluate` and `compare`.
    """
    thresholds = threshold if isinstance(threshold, dict) else dict.fromkeys(tables, threshold)
    coverage = {name: float(table["score"].notna().mean()) for name, table in tables.items()}
    filled = {name: fill_missing(table, missing) for name, table in tables.items()}
    resampling: dict[str, Any] = {"n_bootstrap": n_bootstrap, "seed": seed}
    evaluations = _in_threads(
        lambda name: evaluate(filled[name], threshold=thresholds[name], **resampling), filled
    )
    evaluations = {name: _with_own_count(one, tables[name], missing) for name, one in evaluations.items()}
    parts: dict[str, dict[str, Evaluation]] = {}
    if column:
        for name, table in filled.items():
            if column not in table or (table[column].astype(str) == "").all():
                known = [str(key) for key in table if (table[key].astype(str) != "").any()]
                raise DataError(
                    f"There is nothing in a column {column!r} to divide by. Columns: {', '.join(known)}."
                )
            parts[name] = evaluate_by(table, column=column, threshold=thresholds[name], **resampling)
    first, *others = filled
    differences = _in_threads(
        lambda other: compare(
            filled[first],
            filled[other],
            metric=metric,
            threshold=(thresholds[first], thresholds[other]),
            **resampling,
        ),
        others,
    )
    corrected = holm([one.p_value for one in differences.values()])
    comparisons = [
        Comparison(first, other, one, p, _check(filled[first], filled[other]) if metric == "auc" else None)
        for (other, one), p in zip(differences.items(), corrected, strict=True)
    ]
    return ScoreReport(
        filled, evaluations, coverage, majority_line(filled[first]), parts, column, comparisons
    )


def _with_own_count(evaluation: Evaluation, table: pd.DataFrame, policy: MissingPolicy) -> Evaluation:
    """Return an evaluation that counts as scored only the clips with a score of their own."""
    scored = int(table["score"].notna().sum())
    if scored == evaluation.n_scored:
        return evaluation
    as_what = {"wrong": "as mistakes", "real": "as called real", "fake": "as called fake"}[policy]
    missing = f"{len(table) - scored} of {len(table)} clips have no score."
    remark = f"{missing} They are counted {as_what}, with a score of 0 or 1."
    return replace(evaluation, n_scored=scored, remarks=[remark, *evaluation.remarks])


def _in_threads(compute: Callable[[str], _Result], names: Iterable[str]) -> dict[str, _Result]:
    """Return {name: compute(name)}. numpy computes in several threads at a time."""
    names = list(names)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip(names, pool.map(compute, names), strict=True))


def _check(first: pd.DataFrame, second: pd.DataFrame) -> DeLong:
    one, two = (scored_rows(table).set_index("clip_id") for table in (first, second))
    common = one.index.intersection(two.index)
    scores = [table.loc[common, "score"].to_numpy(float) for table in (one, two)]
    return delong(one.loc[common, "label"].to_numpy(int), *scores)


def _comparison_record(one: Comparison) -> dict[str, Any]:
    numbers = {"value": one.difference.value, "low": one.difference.low, "high": one.difference.high}
    numbers |= {"p_value": one.difference.p_value, "p_value_holm": one.corrected}
    record: dict[str, Any] = {name: None if np.isnan(value) else value for name, value in numbers.items()}
    record |= {
        "first": one.first,
        "second": one.second,
        "metric": one.difference.metric,
        "verdict": one.verdict,
    }
    if one.check is not None:
        values = {
            "value": one.check.value,
            "low": one.check.low,
            "high": one.check.high,
            "p_value": one.check.p_value,
        }
        record["delong"] = {name: None if math.isnan(value) else value for name, value in values.items()}
    return record | {"remarks": one.difference.remarks}

"""Compare two reports: what differs in their settings, versions and numbers, with paired intervals."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from dfutils import pages
from dfutils.errors import DataError
from dfutils.evaluation import compare, with_interval
from dfutils.reporting.results import earlier_results
from dfutils.reporting.titles import short_title
from dfutils.tables import read_table
from dfutils.workspace import project_root

_TEMPLATES = Path(__file__).with_name("templates")
_SHOWN = {
    "auc": "AUC",
    "accuracy": "Accuracy",
    "balanced_accuracy": "Balanced accuracy",
    "recall": "Recall",
    "precision": "Precision",
    "log_loss": "Log loss ↓",
}
# Metrics that need no threshold: each report has chosen one of its own.
_PAIRED = {
    "auc": "AUC",
    "average_precision": "Average precision",
    "log_loss": "Log loss",
    "brier": "Brier score",
}


@dataclass(frozen=True)
class ReportComparison:
    """What differs between two reports.

    Args:
        names: tuple of str. The names of the two reports.
        settings: DataFrame. One row per setting, version or parameter that differs. Columns: what, first, second.
        metrics: DataFrame. One row per detector that both reports have tested, and per metric. Columns: detector,
            metric, first, second: the value with its interval.
        paired: DataFrame. The scores of the GRU on the clips that both have tested. Columns: metric, difference:
            second minus first, with its 95 % interval. Empty if there are no common clips.
        paired_on: str. On which clips, or why there is no comparison.
        values: DataFrame. One row per other recorded value that differs. Columns: notebook, what, first, second,
            change.
        equal: int. How many recorded values are equal.
        page: Path. The HTML page.
    """

    names: tuple[str, str]
    settings: pd.DataFrame = field(repr=False)
    metrics: pd.DataFrame = field(repr=False)
    paired: pd.DataFrame = field(repr=False)
    paired_on: str
    values: pd.DataFrame = field(repr=False)
    equal: int
    page: Path

    def __str__(self) -> str:
        """Say in a few lines what differs."""
        first, second = self.names
        changed = self.settings["what"].tolist()
        more = f" and {len(changed) - 6} more" if len(changed) > 6 else ""
        lines = [f"Settings that differ: {', '.join(changed[:6]) + more if changed else 'none'}."]
        lines += [
            f"{row.detector}, {row.metric}: {row.first} in {first}, {row.second} in {second}"
            for row in self.metrics.itertuples()
            if row.metric == "AUC"
        ]
        lines += [
            f"{second} minus {first}, {row.metric}: {row.difference}" for row in self.paired.itertuples()
        ]
        return "\n".join([*lines, self.paired_on])


def compare_reports(first: str | Path, second: str | Path) -> ReportComparison:
    """Compare two reports, and write a page about it to the folder of the second one.

    Args:
        first, second: str or Path. The names of two reports, or their folders. The folder of a report may have been
            copied and renamed: it holds all that is needed.

    Returns:
        ReportComparison. Differences are second minus first.

    Raises:
        DataError: If there is no report of this name, or it has no results.
    """
    folders = tuple(_find(name) for name in (first, second))
    names = tuple(folder.resolve().name for folder in folders)
    if names[0] == names[1]:  # copies in two places
        names = tuple(str(folder) for folder in folders)
    one, two = (earlier_results(folder) for folder in folders)
    settings = _differences(_settings(one), _settings(two))
    paired, paired_on = _paired(*folders)
    left, right = (_flat(results["notebooks"]) for results in (one, two))
    page = folders[1] / f"compared_with_{re.sub('[^A-Za-z0-9_-]+', '_', names[0])}.html"
    comparison = ReportComparison(
        names=(names[0], names[1]),
        settings=settings,
        metrics=_metrics(one, two),
        paired=paired,
        paired_on=paired_on,
        values=_values(left, right),
        equal=sum(key in right and right[key] == value for key, value in left.items()),
        page=page,
    )
    facts = [{"name": name, "results": results} for name, results in zip(names, (one, two), strict=True)]
    pages.write_page(
        page,
        pages.render(
            _TEMPLATES / "comparison.html.j2", filters={"shown": _shown}, found=comparison, reports=facts
        ),
    )
    return comparison


def _find(name: str | Path) -> Path:
    """Return the folder of a report."""
    reports = project_root() / "reports"
    for folder in (Path(name).expanduser(), reports / name):
        if (folder / "results.json").is_file() and earlier_results(folder).get("provenance"):
            return folder
    known = sorted(path.parent.name for path in reports.glob("*/results.json"))
    raise DataError(
        f"There is no report {str(name)!r}: no folder of this name holds a results.json. "
        + (f"Reports here: {', '.join(known)}." if known else "Make one with `dfutils report`.")
    )


def _settings(results: dict[str, Any]) -> dict[str, Any]:
    """Return everything that a report was made with, {what: value}."""
    provenance = results["provenance"]
    facts = {key: provenance.get(key) for key in ("data", "profile", "weights", "git_commit", "platform")}
    facts |= provenance.get("versions", {})
    for stem, parameters in provenance.get("parameters", {}).items():
        facts |= {f"{stem[:2]} {name}": value for name, value in parameters.items() if name != "workspace"}
    return facts


def _differences(first: dict[str, Any], second: dict[str, Any]) -> pd.DataFrame:
    """Return a table of the entries that differ between two dicts. A missing entry is None."""
    keys = [*first, *(key for key in second if key not in first)]
    rows = [(key, first.get(key), second.get(key)) for key in keys if first.get(key) != second.get(key)]
    return pd.DataFrame(rows, columns=["what", "first", "second"], dtype=object)


def _values(first: dict[str, Any], second: dict[str, Any]) -> pd.DataFrame:
    """Return the recorded values that differ, with the notebook of each and its change."""
    rows = []
    for name, *sides in _differences(first, second).itertuples(index=False):
        stem, _, value = name.partition(" · ")
        rows.append((short_title(stem), value, *sides, _change(*sides)))
    return pd.DataFrame(rows, columns=["notebook", "what", "first", "second", "change"], dtype=object)


def _flat(values: dict[str, Any], above: str = "") -> dict[str, Any]:
    """Return nested dicts as one, with names such as `05_evaluation · metrics · GRU · auc · value`."""
    flat: dict[str, Any] = {}
    for key, value in values.items():
        name = f"{above} · {key}" if above else key
        flat |= _flat(value, name) if isinstance(value, dict) else {name: value}
    return flat


def _metrics(one: dict[str, Any], two: dict[str, Any]) -> pd.DataFrame:
    tested = [results["notebooks"].get("05_evaluation", {}).get("metrics", {}) for results in (one, two)]
    rows = [
        (detector, heading, *(with_interval(**side[detector][metric]) for side in tested))
        for detector in tested[0]
        if detector in tested[1]
        for metric, heading in _SHOWN.items()
    ]
    return pd.DataFrame(rows, columns=["detector", "metric", "first", "second"])


def _paired(first: Path, second: Path) -> tuple[pd.DataFrame, str]:
    """Return the differences of the GRU's scores on the same clips, and on which clips they are."""
    nothing = pd.DataFrame(columns=["metric", "difference"])
    files = [folder / "predictions.csv" for folder in (first, second)]
    missing = [str(file) for file in files if not file.is_file()]
    if missing:
        return nothing, f"The scores were not compared clip by clip: there is no {' and no '.join(missing)}."
    tables = [read_table(file).query("split == 'test'") for file in files]
    try:
        found = {
            heading: compare(tables[1], tables[0], metric=metric)  # type: ignore[arg-type]
            for metric, heading in _PAIRED.items()
        }
    except DataError as error:
        return nothing, f"The scores were not compared clip by clip: {error}"
    rows = [(heading, str(difference)) for heading, difference in found.items()]
    common = len(set(tables[0]["clip_id"]) & set(tables[1]["clip_id"]))
    remarks = " ".join(dict.fromkeys(text for one in found.values() for text in one.remarks))
    text = f"Clip by clip, on the {common} test clips of both. The same groups are drawn for both. {remarks}".strip()
    return pd.DataFrame(rows, columns=["metric", "difference"]), text


def _change(first: Any, second: Any) -> str:
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in (first, second))
    return f"{second - first:+.4g}" if numbers else ""


def _shown(value: Any) -> str:
    """Return a value as short text."""
    if value is None or (isinstance(value, float) and value != value):
        return "–"
    text = (
        f"{value:.4g}" if isinstance(value, float) else value if isinstance(value, str) else json.dumps(value)
    )
    return text if len(text) <= 160 else f"{text[:157]}…"

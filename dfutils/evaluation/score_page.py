"""Write a page about the scores of detectors: pictures first, then tables."""

import base64
import contextlib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dfutils import pages, plots
from dfutils.errors import DataError
from dfutils.evaluation.calibration import reliability_table
from dfutils.evaluation.score_report import ScoreReport
from dfutils.evaluation.tables import comparison_table, with_interval
from dfutils.hashing import sha256_of_file
from dfutils.plots.style import DescribedFigure, to_webp
from dfutils.versions import package_versions

_TEMPLATE = Path(__file__).parent / "templates" / "scores.html.j2"
_CARDS = {
    "auc": "AUC. 0.5 is guessing, 1 is perfect",
    "eer": "equal error rate. Lower is better",
    "recall_at_fpr_05": "of the fakes are found at 5 % false alarms",
    "balanced_accuracy": "balanced accuracy at the threshold",
}
_SHOWN_PARTS = 30


def write_score_page(path: Path, report: ScoreReport, remarks: Sequence[str], files: Sequence[Path]) -> None:
    """Write the page. It loads no other files and runs no scripts.

    Args:
        path: Path. The HTML file. A missing folder is created.
        report: ScoreReport.
        remarks: sequence of str. What was assumed when the files were read.
        files: sequence of Path. The files with the scores. Their hashes are shown.
    """
    first = next(iter(report.evaluations))
    notes = [*remarks, *(text for one in report.evaluations.values() for text in one.remarks)]
    page = pages.render(
        _TEMPLATE,
        filters={"interval": _interval},
        title=files[0].name,
        evaluation=report.evaluations[first],
        majority=report.majority,
        cards=_CARDS,
        figures=[_embedded(figure) for figure in _figures(report)],
        metrics=report.evaluations[first].table,
        detectors=comparison_table(report.evaluations) if len(report.evaluations) > 1 else None,
        parts={
            name: comparison_table(parts, metrics=("auc", "accuracy", "recall"), name=report.column)
            for name, parts in report.parts.items()
        },
        column=report.column,
        comparisons=report.comparisons,
        notes=list(dict.fromkeys(notes)),
        files=[(file.name, sha256_of_file(file)) for file in files],
        versions=package_versions(),
        date=datetime.now(UTC).isoformat(timespec="minutes"),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    pages.write_page(path, page)


def _figures(report: ScoreReport) -> list[DescribedFigure]:
    """Return the figures that these scores allow: a curve needs both classes."""
    first, evaluation = next(iter(report.evaluations.items()))
    figures = [plots.score_distribution(report.tables[first], threshold=evaluation.threshold)]
    if evaluation.n_real and evaluation.n_fake:
        figures.append(plots.roc_curves(report.evaluations))
    parts = next(iter(report.parts.values()), {})
    if 1 < len(parts) <= _SHOWN_PARTS:
        figures.append(plots.intervals(parts, report.column))
    with contextlib.suppress(DataError):  # too few clips for any bin
        bins = reliability_table(report.tables[first], bins=5, n_bootstrap=200)
        figures.append(plots.reliability({first: bins}))
    return figures


def _embedded(figure: DescribedFigure) -> dict[str, str]:
    source = f"data:image/webp;base64,{base64.b64encode(to_webp(figure)).decode()}"
    return {"source": source, "alt": figure.alt, "caption": figure.caption}


def _interval(row: Any) -> str:
    return with_interval(row["value"], row["low"], row["high"], digits=3)

"""Write the index page of a report: the answer and its baselines, what is lost elsewhere, pictures, and links."""

from pathlib import Path
from typing import Any

from dfutils import pages
from dfutils.evaluation import with_interval, with_sign
from dfutils.reporting.results import shown_figures
from dfutils.reporting.titles import short_title

_TEMPLATES = Path(__file__).with_name("templates")
_FIGURES = (
    "forgeries",
    "crops",
    "scores",
    "methods",
    "roc",
    "learning_curves",
    "left_out",
    "robustness",
    "copies",
    "seeds",
    "left_out_adapted",
)
_METRICS = {
    "accuracy": "Accuracy",
    "precision": "Precision",
    "recall": "Recall",
    "auc": "AUC",
    "log_loss": "Log loss ↓",
}


def write_index(directory: Path, results: dict[str, Any], outputs: dict[str, list[dict[str, Any]]]) -> None:
    """Write the index page of a report.

    Args:
        directory: Path. The report's folder.
        results: dict. The content of results.json.
        outputs: dict. {name of the notebook: list of its cell outputs}.
    """
    facts = [output.get("metadata", {}).get("dfutils", {}) for items in outputs.values() for output in items]
    banners = list(dict.fromkeys((fact["banner"], fact["text"]) for fact in facts if "banner" in fact))
    records = results["notebooks"]
    shown = {
        figure["key"]: {**figure, "page": stem}
        for stem, items in outputs.items()
        for figure in shown_figures(items)
    }
    body = pages.render(
        _TEMPLATES / "report.html.j2",
        filters={"interval": _interval, "range": _range, "change": _change},
        results=results,
        provenance=results["provenance"],
        catalog=records.get("01_data_loading", {}),
        features=records.get("03_feature_caching", {}),
        evaluation=records.get("05_evaluation", {}),
        tuning=records.get("07_tuner_search", {}),
        adaptation=records.get("08_adapted_backbone", {}),
        detection=records.get("09_detect_a_video", {}),
        metrics=_METRICS,
        detectors=_detectors(records),
        best=_best(records),
        elsewhere=_elsewhere(records),
        unseen=_unseen(records),
        generalization=records.get("06_generalization", {}),
        warnings=[text for kind, text in banners if kind == "warning"],
        notes=[text for kind, text in banners if kind == "note"],
        figures=[shown[key] for key in _FIGURES if key in shown],
        evidence=shown.get("evidence"),
        short=short_title,
    )
    pages.write_page(directory / "index.html", body)


def _detectors(records: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return {name: metrics} of every detector that was tested, the GRU of the series first."""
    tuning, adaptation = (records.get(stem, {}) for stem in ("07_tuner_search", "08_adapted_backbone"))
    named = {
        **records.get("05_evaluation", {}).get("metrics", {}),
        "GRU, tuned": tuning.get("tuned"),
        "linear model, all layers": tuning.get("linear"),
        "InceptionV3 adapted to faces": adaptation.get("adapted"),
        "adapted, with pseudo-fakes": adaptation.get("adapted_with_pseudo_fakes"),
    }
    return {name: values for name, values in named.items() if values}


def _best(records: dict[str, Any]) -> dict[str, Any] | None:
    """Return the name and the test AUC of the detector that the validation clips chose, or None."""
    tuning, adaptation = (records.get(stem, {}) for stem in ("07_tuner_search", "08_adapted_backbone"))
    folder = adaptation.get("best_detector") or tuning.get("best_detector")
    known = {
        "gru": ("the GRU", records.get("05_evaluation", {}).get("metrics", {}).get("GRU")),
        "gru_tuned": ("the tuned GRU", tuning.get("tuned")),
        "linear": ("the linear model on all layers", tuning.get("linear")),
        "adapted": ("the adapted InceptionV3", adaptation.get("adapted")),
    }
    name, metrics = known.get(folder, ("", None))
    return {"name": name, "auc": metrics["auc"]} if metrics else None


def _elsewhere(records: dict[str, Any]) -> list[dict[str, Any]]:
    """Return one row per test under other conditions: the AUC here and elsewhere, its change, and the coverage."""
    general, adaptation = (records.get(stem, {}) for stem in ("06_generalization", "08_adapted_backbone"))
    rows = []
    in_folds = (general.get("cross_validation") or {}).get("GRU")
    if in_folds:
        rows.append({"test": "GRU, every group tested once (cross-validation)", "elsewhere": _auc(in_folds)})
    for row in general.get("elsewhere") or []:
        values = {name: _triple(row, name, name) for name in ("here", "elsewhere", "change")}
        rows.append({"test": f"GRU, {row['test']}", **values, "scored": f"{row['scored']} of {row['clips']}"})
    left_out = adaptation.get("left_out") or {}
    for name, row in left_out.items():
        if isinstance(row, dict):
            rows.append(
                {
                    "test": f"{name}, {left_out['method']} left out of training",
                    "here": _triple(row, "trained_value", "trained"),
                    "elsewhere": _triple(row, "left_out_value", "left_out"),
                    "change": _triple(row, "change", "change"),
                }
            )
    return rows


def _triple(row: dict[str, Any], value: str, ends: str) -> dict[str, Any]:
    return {"value": row[value], "low": row[f"{ends}_low"], "high": row[f"{ends}_high"]}


def _unseen(records: dict[str, Any]) -> dict[str, Any] | None:
    """Return the mean AUC of the GRU on forgeries left out of training, and with them in training, or None."""
    general = records.get("06_generalization", {})
    row = (general.get("left_out") or {}).get("GRU")
    if not row or row["left_out_value"] is None:
        return None
    methods = sum(one["kind"] == "forgery" for one in general.get("elsewhere") or [])
    return {"auc": row["left_out_value"], "trained": row["trained_value"], "methods": methods}


def _auc(row: dict[str, Any]) -> dict[str, Any]:
    return {"value": row["auc"], "low": row["low"], "high": row["high"]}


def _interval(metric: dict[str, Any] | None) -> str:
    """Return a metric of results.json as text with its interval; a dash if there is no metric."""
    return with_interval(metric["value"], metric["low"], metric["high"]) if metric else "–"


def _range(metric: dict[str, Any]) -> str:
    """Return the interval of a metric in words."""
    if metric["low"] is None:
        return "undefined"
    return f"{metric['low']:.2f} to {metric['high']:.2f}"


def _change(metric: dict[str, Any] | None) -> str:
    """Return a difference with its sign and its interval; a dash if there is none."""
    return with_sign(metric["value"], metric["low"], metric["high"]) if metric else "–"

"""Describe a saved detector in words: what it was trained on, how good it is, and what it must not be used for."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dfutils.training.detector_kinds import kind_of
from dfutils.training.saved_detector import SavedDetector

_METRICS = {"auc": "AUC", "balanced_accuracy": "balanced accuracy", "log_loss": "log loss"}
_KINDS = {
    "gru": "A recurrent network (GRU) over the features of the frames.",
    "constant": "A baseline that gives every clip the same score.",
    "linear_mean": "A logistic regression on the mean features of a clip.",
    "linear_temporal": "A logistic regression on the mean, the standard deviation and the change of the features.",
    "frame_scores": "The mean of the scores of single frames, from an InceptionV3 that was adapted to faces.",
}


def write_card(saved: SavedDetector, path: Path) -> None:
    """Write the model card of a detector as Markdown.

    Args:
        saved: SavedDetector.
        path: Path. The file to write.
    """
    blocks = [f"# {saved.name}"]
    for heading, lines in card_sections(saved).items():
        blocks += [f"## {heading}", *lines]
    path.write_text("\n\n".join(blocks) + "\n", encoding="utf-8")


def card_sections(saved: SavedDetector) -> dict[str, list[str]]:
    """Return the model card of a detector: the paragraphs of each section, by heading."""
    return {
        "What it is": [_KINDS[kind_of(saved.detector)]],
        "Trained on": [_trained_on(saved.trained_on)],
        "How good it is": _scores(saved.scores),
        "Its verdicts": [describe_decision(saved)],
        "What it was never shown": [_never_shown(saved.trained_on)],
        "What it must not be used for": [
            "Do not use its verdict as the only evidence about a person. It is not a proof. It was not tested on "
            "people, cameras, forgeries and compressions other than those above. A detector that meets a new forgery "
            "is often wrong and sure of itself. Do not use it to watch people, or to block content without a human "
            "decision.",
            *saved.notes,
        ],
        "Versions": [", ".join(f"{name} {number}" for name, number in saved.versions.items())],
    }


def describe_decision(saved: SavedDetector) -> str:
    """Return in words when the verdict is fake, real or unsure, and what is promised."""
    decision = saved.decision
    remark = f" {decision.remark}" if decision.remark else ""
    if decision.fake_from > 1 and decision.real_below <= 0:
        return f"The verdict is always unsure.{remark}"
    fake = f"fake from a score of {decision.fake_from:.3f} on" if decision.fake_from <= 1 else "never fake"
    real = f"real below {decision.real_below:.3f}" if decision.real_below > 0 else "never real"
    between = ", and unsure in between" if decision.real_below < decision.fake_from else ""
    promise = (
        f" Among the clips that are called fake, and among those that are called real, at most {decision.promised:.0%} "
        f"are expected to be wrong. This rests on clips of {decision.groups} groups, none of them test clips. It holds "
        "for clips like them, with as many fakes among them."
        if decision.promised is not None
        else " Nothing is promised about how many verdicts are wrong."
    )
    return f"The verdict is {fake}, {real}{between}.{promise}{remark}"


def _trained_on(facts: Mapping[str, Any]) -> str:
    parts = [
        f"{name}: {part['clips']} clips ({part['real']} real, {part['fake']} fake) of {part['groups']} groups"
        for name, part in facts.items()
        if isinstance(part, dict)
    ]
    methods = ", ".join(facts["methods"]) or "not named"
    data = f"Data set: {facts['data']}. " if facts["data"] else ""
    return f"{data}{'; '.join(parts)}. Forgeries: {methods}. At most {facts['frames']} frames per clip."


def _scores(scores: Mapping[str, Mapping[str, Any]]) -> list[str]:
    lines = [
        f"On {where}: {', '.join(words)}."
        for where, metrics in scores.items()
        if (words := [_metric(metrics[name], name) for name in _METRICS if name in metrics])
    ]
    return lines or ["It has not been tested yet."]


def _metric(values: Mapping[str, Any], name: str) -> str:
    if values["value"] is None:
        return f"{_METRICS[name]} undefined"
    interval = "" if values["low"] is None else f" [{values['low']:.2f}, {values['high']:.2f}]"
    return f"{_METRICS[name]} {values['value']:.2f}{interval}"


def _never_shown(facts: Mapping[str, Any]) -> str:
    methods = ", ".join(facts["methods"])
    forgeries = f"Forgeries other than {methods}." if methods else "Other kinds of forgeries."
    return f"{forgeries} People, cameras and encoders of other data sets."

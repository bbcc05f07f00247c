"""Are the scores probabilities? Measure it, and mend it with one number."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dfutils.bootstrap import group_codes, resample
from dfutils.errors import DataError, SettingsError
from dfutils.evaluation.metrics import weighted_metrics
from dfutils.evaluation.predictions import scored_rows

_TINY = 1e-7
_RANGE = (0.05, 20.0)


@dataclass(frozen=True)
class Temperature:
    """What divides the logits, fitted on validation clips (Guo et al., 2017).

    Args:
        value: float. Above 1, scores move towards 0.5; below 1, away from it; 1 changes nothing.
        before, after: dict. log_loss, brier and ece on those clips, without and with it.
        remark: str. What a reader should know; `""` when nothing.
    """

    value: float
    before: dict[str, float]
    after: dict[str, float]
    remark: str = ""

    def apply(self, scores) -> np.ndarray:
        """Return calibrated scores, float64, in the same order of rank; NaN stays NaN.

        A score nearer to 0 or 1 than 1e-7 is taken for that: float32 knows no finer steps below 1.
        """
        scores = np.asarray(scores, np.float64)
        if self.value == 1:
            return scores
        logits = _logits(scores) / self.value
        return 1 / (1 + np.exp(-logits))


def fit_temperature(predictions: pd.DataFrame) -> Temperature:
    """Fit the temperature that gives validation clips the lowest log loss.

    It is kept only if it raises neither their log loss nor their expected calibration error (with few clips, the two
    may disagree), and not if the clips are so well apart that any certainty would do.

    Args:
        predictions: DataFrame. As for `evaluate`: of the validation clips.

    Returns:
        Temperature.

    Raises:
        DataError: As `evaluate`, or if a class is missing: then certainty would cost nothing.
    """
    from scipy.optimize import minimize_scalar

    scored = scored_rows(predictions)
    labels, scores = scored["label"].to_numpy(int), scored["score"].to_numpy(float)
    if len(set(labels.tolist())) < 2:
        raise DataError("Calibration needs scored clips of both classes to be fitted on.")
    logits = _logits(scores)

    def log_loss(log_temperature: float) -> float:
        return float(np.logaddexp(0, np.where(labels == 1, -1, 1) * logits / np.exp(log_temperature)).mean())

    value = float(np.exp(minimize_scalar(log_loss, bounds=np.log(_RANGE), method="bounded").x))
    before = _measure(labels, scores)
    after = _measure(labels, Temperature(value, before, before).apply(scores))
    why_not = _why_not(value, before, after)
    if why_not:
        return Temperature(1.0, before, before, f"{why_not}, so the scores are left as they are.")
    remark = (
        "These scores tell so little that they are all but flattened." if value > 0.95 * _RANGE[1] else ""
    )
    return Temperature(value, before, after, remark)


def _why_not(value: float, before: dict[str, float], after: dict[str, float]) -> str:
    """Return why a temperature is not to be kept, `""` if it is."""
    names = {"log_loss": "log loss", "ece": "calibration error"}
    raised = " and ".join(words for name, words in names.items() if after[name] > before[name])
    if raised:
        return f"A temperature of {value:.2f} would raise the {raised} of these clips"
    if after["log_loss"] > before["log_loss"] - 1e-9:  # as of scores that are all 0.5
        return "No temperature would make the scores of these clips better"
    if value < 1.05 * _RANGE[0]:
        return "The scores of these clips tell the classes apart so well that any certainty would do"
    return ""


def reliability_table(
    predictions: pd.DataFrame, bins: int = 10, n_bootstrap: int = 2000, seed: int = 7
) -> pd.DataFrame:
    """Compare scores with how often they come true.

    Args:
        predictions: DataFrame. As for `evaluate`.
        bins: int. Bins of equal width over [0, 1]. Defaults to 10.
        n_bootstrap: int. Resamples of groups for the intervals. Defaults to 2000.
        seed: int. Defaults to 7.

    Returns:
        DataFrame. A row for each bin that holds clips: low_edge, high_edge, clips, groups, mean_score, share_fake, and
        low and high, the 95 % interval of share_fake by group (NaN for one group).

    Raises:
        DataError: As `evaluate`.
        SettingsError: If `bins` is below 1.
    """
    if not isinstance(bins, int | np.integer) or bins < 1:
        raise SettingsError(
            f"A reliability table needs a whole number of bins, at least one. Received: bins={bins}"
        )
    scored = scored_rows(predictions)
    labels, scores = scored["label"].to_numpy(float), scored["score"].to_numpy(float)
    edges = np.linspace(0, 1, bins + 1)
    inside = np.minimum(np.searchsorted(edges, scores, side="right") - 1, bins - 1)
    rows = []
    for number in np.unique(inside):
        here = inside == number
        codes, mine = group_codes(scored["group"][here]), labels[here]
        share = float(mine.mean())
        # A share is of all clips together: no class is missing from it.
        as_one = np.zeros(len(mine))
        resamples = resample(
            codes,
            as_one,
            lambda w, mine=mine: {"share": w @ mine / w.sum(1)},
            n_bootstrap=n_bootstrap,
            seed=seed,
        )
        rows.append(
            (edges[number], edges[number + 1], len(mine), int(codes.max()) + 1,
             scores[here].mean(), share, *resamples.interval("share", share))
        )  # fmt: skip
    names = ["low_edge", "high_edge", "clips", "groups", "mean_score", "share_fake", "low", "high"]
    return pd.DataFrame(rows, columns=names)


def _measure(labels: np.ndarray, scores: np.ndarray) -> dict[str, float]:
    values = weighted_metrics(labels, scores, np.ones((1, len(labels))), 0.5)
    return {name: float(values[name][0]) for name in ("log_loss", "brier", "ece")}


def _logits(scores: np.ndarray) -> np.ndarray:
    clipped = np.clip(scores, _TINY, 1 - _TINY)
    return np.log(clipped) - np.log1p(-clipped)

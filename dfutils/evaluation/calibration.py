"""Measure whether scores are correct probabilities (calibration), and correct scores by temperature scaling."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dfutils.bootstrap import group_codes, resample
from dfutils.errors import DataError, SettingsError
from dfutils.evaluation.metrics import weighted_metrics
from dfutils.evaluation.predictions import scored_rows
from dfutils.training.decision import scale_logits, to_logits

_RANGE = (0.05, 20.0)  # the lowest and the highest temperature that can be fitted


@dataclass(frozen=True)
class Temperature:
    """The temperature: a number that the logits of scores are divided by (temperature scaling, Guo et al., 2017).

    Args:
        value: float. The temperature. Above 1, it moves scores towards 0.5; below 1, away from 0.5; 1 changes nothing.
        before, after: dict. Log loss, Brier score and expected calibration error (keys log_loss, brier, ece) of the
            validation clips, before and after temperature scaling.
        remark: str. A warning about the temperature; `""` if there is none.
    """

    value: float
    before: dict[str, float]
    after: dict[str, float]
    remark: str = ""

    def apply(self, scores: np.ndarray | pd.Series | list[float]) -> np.ndarray:
        """Return scores corrected by the temperature. The order of the scores does not change.

        Scores are first clipped to [1e-7, 1 - 1e-7], because the logit of 0 or 1 is infinite.

        Args:
            scores: float array [N]. NaN stays NaN.

        Returns:
            float64 array [N].
        """
        return scale_logits(scores, self.value)


def fit_temperature(predictions: pd.DataFrame) -> Temperature:
    """Fit the temperature that gives validation clips the lowest log loss.

    In two cases the temperature is set to 1, which changes nothing. First, if the fitted temperature would raise the
    log loss or the expected calibration error of the validation clips. Second, if the scores separate the classes so
    well that ever lower temperatures would fit ever better.

    Args:
        predictions: DataFrame. The validation clips with their scores, as for `evaluate`.

    Returns:
        Temperature.

    Raises:
        DataError: As `evaluate`, or if there are no real or no fake clips.
    """
    from scipy.optimize import minimize_scalar

    scored = scored_rows(predictions)
    labels, scores = scored["label"].to_numpy(int), scored["score"].to_numpy(float)
    if len(set(labels.tolist())) < 2:
        raise DataError("Fitting a temperature needs scored clips of both classes.")
    logits = to_logits(scores)

    def log_loss(log_temperature: float) -> float:
        return float(np.logaddexp(0, np.where(labels == 1, -1, 1) * logits / np.exp(log_temperature)).mean())

    value = float(np.exp(minimize_scalar(log_loss, bounds=np.log(_RANGE), method="bounded").x))
    before = _measure(labels, scores)
    after = _measure(labels, Temperature(value, before, before).apply(scores))
    reason = _reason_to_keep_scores(value, before, after)
    if reason:
        return Temperature(1.0, before, before, f"{reason}, so the scores are left unchanged.")
    remark = (
        "The scores hardly separate the classes: all become almost 0.5." if value > 0.95 * _RANGE[1] else ""
    )
    return Temperature(value, before, after, remark)


def reliability_table(
    predictions: pd.DataFrame, *, bins: int = 10, n_bootstrap: int = 2000, seed: int = 7
) -> pd.DataFrame:
    """Compare the mean score with the share of fake clips, in each bin of scores.

    Args:
        predictions: DataFrame. As for `evaluate`.
        bins: int. Number of bins of equal width over [0, 1]. Defaults to 10.
        n_bootstrap: int. Number of resamples of groups; 0 gives no intervals. Defaults to 2000.
        seed: int. Seed of the resamples. Defaults to 7.

    Returns:
        DataFrame. One row per bin that contains clips. Columns: low_edge, high_edge, clips, groups, mean_score,
        share_fake, low and high; low and high are the ends of the 95 % interval of share_fake. They are NaN if
        all clips of the bin belong to one group.

    Raises:
        DataError: As `evaluate`.
        SettingsError: If `bins` is not an integer above 0, or `n_bootstrap` or the seed is out of range.
    """
    if not isinstance(bins, int | np.integer) or bins < 1:
        raise SettingsError(f"The number of bins must be an integer of at least 1. Received: bins={bins}")
    scored = scored_rows(predictions)
    labels, scores = scored["label"].to_numpy(float), scored["score"].to_numpy(float)
    edges = np.linspace(0, 1, bins + 1)
    bin_of_clip = np.minimum(np.searchsorted(edges, scores, side="right") - 1, bins - 1)
    rows = []
    for number in np.unique(bin_of_clip):
        inside = bin_of_clip == number
        codes, in_bin = group_codes(scored["group"][inside]), labels[inside]
        share, low, high = _share_with_interval(in_bin, codes, n_bootstrap, seed)
        rows.append(
            {
                "low_edge": edges[number],
                "high_edge": edges[number + 1],
                "clips": len(in_bin),
                "groups": int(codes.max()) + 1,
                "mean_score": scores[inside].mean(),
                "share_fake": share,
                "low": low,
                "high": high,
            }
        )
    return pd.DataFrame(rows)


def _reason_to_keep_scores(value: float, before: dict[str, float], after: dict[str, float]) -> str:
    """Return the reason not to use a temperature, or `""` if there is no such reason."""
    names = {"log_loss": "log loss", "ece": "calibration error"}
    raised = " and ".join(words for name, words in names.items() if after[name] > before[name])
    if raised:
        return f"A temperature of {value:.2f} would raise the {raised} of these clips"
    if after["log_loss"] > before["log_loss"] - 1e-9:  # such as if all scores are 0.5
        return "No temperature would improve the scores of these clips"
    if value < 1.05 * _RANGE[0]:
        return "The scores of these clips separate the classes so well that any lower temperature would fit even better"
    return ""


def _share_with_interval(
    labels: np.ndarray, codes: np.ndarray, n_bootstrap: int, seed: int
) -> tuple[float, float, float]:
    def shares(weights: np.ndarray) -> dict[str, np.ndarray]:
        return {"share": weights @ labels / weights.sum(1)}

    # The share of fake clips is defined for one class too. With one label for all clips, no resample is left out.
    one_class = np.zeros(len(labels))
    share = float(labels.mean())
    resamples = resample(codes, one_class, shares, n_bootstrap=n_bootstrap, seed=seed)
    return share, *resamples.interval("share", share, share_of=len(labels))


def _measure(labels: np.ndarray, scores: np.ndarray) -> dict[str, float]:
    values = weighted_metrics(labels, scores, np.ones((1, len(labels))), 0.5)
    return {name: float(values[name][0]) for name in ("log_loss", "brier", "ece")}

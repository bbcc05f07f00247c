"""Correct scores by temperature, Platt's or isotonic scaling, and choose among them on validation clips."""

from dataclasses import dataclass, field
from typing import Literal, Protocol, get_args

import numpy as np
import pandas as pd

from dfutils.data import folds
from dfutils.data.validation import check_seed
from dfutils.errors import DataError, SettingsError
from dfutils.evaluation.calibration import fit_temperature
from dfutils.evaluation.grouped_folds import groups_of_rarer_class
from dfutils.evaluation.metrics import log_losses
from dfutils.evaluation.predictions import scored_rows
from dfutils.training.decision import from_logits, to_logits

CalibratorName = Literal["none", "temperature", "platt", "isotonic"]
# From the simplest to the one with the most freedom. Of equally good ones, the simplest is chosen.
CALIBRATORS: tuple[CalibratorName, ...] = get_args(CalibratorName)
_FOLDS = 5


class Calibrator(Protocol):
    """Something that corrects scores. A higher score never becomes lower than a lower one."""

    def apply(self, scores: np.ndarray | pd.Series | list[float]) -> np.ndarray:
        """Return corrected scores, float64 [N]. NaN stays NaN."""
        ...


@dataclass(frozen=True)
class Unchanged:
    """Leaves scores as they are."""

    def apply(self, scores: np.ndarray | pd.Series | list[float]) -> np.ndarray:
        """Return the scores, float64 [N]."""
        return np.asarray(scores, np.float64)


@dataclass(frozen=True)
class Platt:
    """A logistic regression on the logits of scores (Platt, 1999): sigmoid(slope * logit + intercept).

    Args:
        slope: float. Not below 0.
        intercept: float. Moves all scores up or down.
    """

    slope: float
    intercept: float

    def apply(self, scores: np.ndarray | pd.Series | list[float]) -> np.ndarray:
        """Return corrected scores, float64 [N]. Scores are first clipped to [1e-7, 1 - 1e-7]. NaN stays NaN."""
        logits = to_logits(np.asarray(scores, np.float64))
        return from_logits(self.slope * logits + self.intercept)


@dataclass(frozen=True, eq=False)
class Isotonic:
    """A rising step function, interpolated between its points (Zadrozny and Elkan, 2002).

    Different scores can become equal, so the AUC can change a little.

    Args:
        scores: float array [P]. Scores, rising.
        shares: float array [P]. The corrected score at each of them, rising, from 0 to 1 but never 0 or 1 itself.
    """

    scores: np.ndarray
    shares: np.ndarray

    def apply(self, scores: np.ndarray | pd.Series | list[float]) -> np.ndarray:
        """Return corrected scores, float64 [N]. NaN stays NaN."""
        scores = np.asarray(scores, np.float64)
        return np.where(np.isnan(scores), np.nan, np.interp(scores, self.scores, self.shares))


@dataclass(frozen=True)
class Calibration:
    """The calibrator that was chosen on validation clips.

    Args:
        name: str. One of `CALIBRATORS`.
        calibrator: Calibrator. Fitted to all validation clips.
        table: DataFrame indexed by calibrator. Columns: log_loss, the mean log loss of validation clips that the
            calibrator was not fitted to (in folds by group); clips. Empty if nothing was compared.
        remark: str. Why nothing was compared; `""` otherwise.
    """

    name: CalibratorName
    calibrator: Calibrator = field(repr=False)
    table: pd.DataFrame = field(repr=False)
    remark: str = ""

    def apply(self, predictions: pd.DataFrame) -> pd.DataFrame:
        """Return a copy of a table of predictions with corrected scores. Missing scores stay missing."""
        return predictions.assign(score=self.calibrator.apply(predictions["score"].to_numpy(np.float64)))


def fit_calibrator(name: CalibratorName, predictions: pd.DataFrame) -> Calibrator:
    """Fit a calibrator to validation clips.

    Args:
        name: str. One of `CALIBRATORS`.
        predictions: DataFrame. The validation clips with their scores, as for `evaluate`.

    Returns:
        Calibrator.

    Raises:
        DataError: As `evaluate`, or if there are no real or no fake clips.
        SettingsError: If the name is unknown.
    """
    if name not in CALIBRATORS:
        raise SettingsError(f"A calibrator is one of {', '.join(CALIBRATORS)}. Received: {name!r}")
    scored = scored_rows(predictions)
    labels, scores = scored["label"].to_numpy(int), scored["score"].to_numpy(float)
    if len(set(labels.tolist())) < 2:
        raise DataError("Calibrating scores needs scored clips of both classes.")
    if name == "none":
        return Unchanged()
    if name == "temperature":
        return fit_temperature(predictions)
    return _fit_platt(labels, scores) if name == "platt" else _fit_isotonic(labels, scores)


def choose_calibrator(predictions: pd.DataFrame, *, seed: int = 7) -> Calibration:
    """Choose the calibrator with the lowest log loss on validation clips that it was not fitted to.

    The groups of the validation clips are divided into five folds. Each calibrator is fitted to four of them and
    measured on the fifth. A calibrator with more freedom fits the clips that it has seen better, and other clips often
    worse.

    Args:
        predictions: DataFrame. The validation clips with their scores, as for `evaluate`.
        seed: int. Seed of the folds. Defaults to 7.

    Returns:
        Calibration. With fewer than two groups of a class, nothing is compared and the scores are left as they are.

    Raises:
        DataError: As `fit_calibrator`.
        SettingsError: If the seed is not an integer in [0, 2**32).
    """
    check_seed(seed)
    scored = scored_rows(predictions)
    fit_calibrator("none", scored)  # checks the classes
    k = min(_FOLDS, groups_of_rarer_class(scored))
    if k < 2:
        empty = pd.DataFrame(columns=["log_loss", "clips"])
        remark = (
            "A class has only one group of validation clips, so no calibrator can be chosen: the scores are left as "
            "they are."
        )
        return Calibration("none", Unchanged(), empty, remark)
    losses: dict[CalibratorName, list[np.ndarray]] = {name: [] for name in CALIBRATORS}
    for fitted_on, held_out in folds(scored, k=k, seed=seed):
        part, rest = scored.iloc[fitted_on], scored.iloc[held_out]
        if part["label"].nunique() < 2:
            continue
        for name in CALIBRATORS:
            corrected = fit_calibrator(name, part).apply(rest["score"])
            losses[name].append(log_losses(rest["label"].to_numpy(int), corrected))
    rows = {name: np.concatenate(parts) for name, parts in losses.items()}
    table = pd.DataFrame(
        {"log_loss": {name: row.mean() for name, row in rows.items()}}, index=list(CALIBRATORS)
    )
    table = table.assign(clips=len(rows["none"])).rename_axis("calibrator")
    lowest = table["log_loss"].min()
    best = next(name for name in CALIBRATORS if table.loc[name, "log_loss"] <= lowest + 1e-9)
    return Calibration(best, fit_calibrator(best, scored), table)


def _fit_platt(labels: np.ndarray, scores: np.ndarray) -> Platt:
    """Fit slope and intercept. Platt's smoothed targets keep them finite where the classes are separated."""
    from scipy.optimize import minimize

    fakes, reals = labels.sum(), (1 - labels).sum()
    targets = np.where(labels == 1, (fakes + 1) / (fakes + 2), 1 / (reals + 2))
    logits = to_logits(scores)
    scale = float(logits.std())
    if scale < 1e-9:  # equal scores say nothing about the slope
        return Platt(0.0, float(np.log((fakes + 1) / (reals + 1))))
    scaled = (logits - logits.mean()) / scale

    def loss(values: np.ndarray) -> tuple[float, np.ndarray]:
        outputs = values[0] * scaled + values[1]
        gap = from_logits(outputs) - targets
        value = float((np.logaddexp(0, outputs) - targets * outputs).mean())
        return value, np.array([(gap * scaled).mean(), gap.mean()])

    start = np.array([1.0, np.log(fakes / reals)])
    slope, intercept = minimize(loss, start, jac=True, bounds=[(0, None), (None, None)], method="L-BFGS-B").x
    return Platt(float(slope / scale), float(intercept - slope * logits.mean() / scale))


def _fit_isotonic(labels: np.ndarray, scores: np.ndarray) -> Isotonic:
    """Fit a rising function. No share is 0 or 1, because one clip more could always prove it wrong."""
    from sklearn.isotonic import IsotonicRegression

    steps = np.unique(scores)
    least = 1 / (len(labels) + 2)
    shares = IsotonicRegression(y_min=0, y_max=1).fit(scores, labels).predict(steps)
    return Isotonic(steps, np.clip(shares, least, 1 - least))

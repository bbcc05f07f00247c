"""What a detector's scores are worth: every metric with a 95 % interval by group, beside its coverage."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from dfutils.errors import DataError, SettingsError
from dfutils.evaluation.metrics import METRICS, weighted_metrics
from dfutils.resampling import Resamples, check_draws, group_codes, reach_of, resample

_FEW_GROUPS = 10


@dataclass(frozen=True)
class Evaluation:
    """What was found out about a table of predictions.

    Args:
        table: DataFrame indexed by metric, columns value, low and high: the 95 % interval.
        confusion: DataFrame. Clips by true class (rows `real`, `fake`) and called class (columns).
        roc: DataFrame. fpr, tpr and threshold, from (0, 0) to (1, 1); empty without both classes.
        threshold: float. Fake when score >= threshold.
        n_clips, n_scored: int. Clips given, and those of them with a score.
        n_real, n_fake, n_groups: int. Of the scored clips.
        remarks: list of str. What a reader of the numbers should know.
    """

    table: pd.DataFrame
    confusion: pd.DataFrame = field(repr=False)
    roc: pd.DataFrame = field(repr=False)
    threshold: float
    n_clips: int
    n_scored: int
    n_real: int
    n_fake: int
    n_groups: int
    remarks: list[str]

    @property
    def display(self) -> pd.DataFrame:
        """The table as text for a reader, `–` where a metric cannot be had."""
        text = self.table.map("{:.3f}".format).replace("nan", "–")
        return text.rename_axis(index=None, columns="metric")

    @property
    def worst_case_accuracy(self) -> float:
        """Accuracy over all clips given, where a clip without a score counts as wrong."""
        right = self.confusion.loc["real", "real"] + self.confusion.loc["fake", "fake"]
        return float(right / self.n_clips)

    def to_record(self) -> dict:
        """Return plain values for results.json; None where a metric cannot be had."""
        metrics = {
            name: {column: None if math.isnan(x) else float(x) for column, x in row.items()}
            for name, row in self.table.iterrows()
        }
        counts = {
            name: getattr(self, name) for name in ("n_clips", "n_scored", "n_real", "n_fake", "n_groups")
        }
        return metrics | counts | {"threshold": self.threshold, "remarks": list(self.remarks)}


@dataclass(frozen=True)
class Difference:
    """By how much the first of two detectors is better or worse, on the same clips.

    Args:
        metric: str.
        value: float. The first's value less the second's.
        low, high: float. The 95 % interval, by group; NaN where it cannot be had.
        remarks: list of str.
    """

    metric: str
    value: float
    low: float
    high: float
    remarks: list[str]

    def __str__(self) -> str:
        if math.isnan(self.low):
            return f"{self.value:+.3f} (no interval can be had)"
        return f"{self.value:+.3f} [{self.low:+.3f}, {self.high:+.3f}]"


@dataclass(frozen=True)
class MajorityLine:
    """What always naming the commoner class scores.

    Args:
        called: str. `"real"` or `"fake"`.
        accuracy: float.
    """

    called: str
    accuracy: float


def evaluate(
    predictions: pd.DataFrame, threshold: float = 0.5, n_bootstrap: int = 2000, seed: int = 7
) -> Evaluation:
    """Evaluate scores at video level.

    Groups, not clips, are resampled with replacement (the cluster bootstrap), because clips of one
    group are no independent evidence; the ends of the interval are percentiles of the resamples, corrected for bias
    and skewness (BCa) and widened for few groups: see `dfutils.resampling`.

    Args:
        predictions: DataFrame. clip_id, label, group and score; all rows count, and those without a score
            are left out and counted.
        threshold: float in [0, 1]. Fake when score >= threshold. Defaults to 0.5.
        n_bootstrap: int. Resamples; 0 gives no intervals. Defaults to 2000.
        seed: int. Defaults to 7.

    Returns:
        Evaluation.

    Raises:
        DataError: If no clip has a score, a scored clip has no label or group, a clip is there twice, or
            a score is not in [0, 1].
        SettingsError: If the threshold, `n_bootstrap` (0, or at least 20) or the seed is out of range.
    """
    check_threshold(threshold)
    scored = scored_rows(predictions)
    labels, scores = scored["label"].to_numpy(int), scored["score"].to_numpy(float)
    codes = group_codes(scored["group"])
    value = weighted_metrics(labels, scores, np.ones((1, len(scored))), threshold)
    resamples = resample(
        codes, labels, n_bootstrap, seed, lambda w: weighted_metrics(labels, scores, w, threshold)
    )
    table = pd.DataFrame(
        [(value[name][0], *resamples.interval(name, value[name][0])) for name in METRICS],
        index=pd.Index(METRICS, name="metric"),
        columns=["value", "low", "high"],
    )
    called = scores >= threshold
    confusion = pd.DataFrame(
        [[int(((labels == truth) & (called == call)).sum()) for call in (0, 1)] for truth in (0, 1)],
        index=pd.Index(["real", "fake"], name="is"),
        columns=pd.Index(["real", "fake"], name="called"),
    )
    n_groups = int(codes.max()) + 1
    return Evaluation(
        table,
        confusion,
        _roc(labels, scores),
        float(threshold),
        len(predictions),
        len(scored),
        int((labels == 0).sum()),
        int((labels == 1).sum()),
        n_groups,
        _remarks(predictions, labels, called, resamples, table),
    )


def compare(
    first: pd.DataFrame | list[pd.DataFrame],
    second: pd.DataFrame | list[pd.DataFrame],
    metric: str = "auc",
    threshold: float = 0.5,
    n_bootstrap: int = 2000,
    seed: int = 7,
) -> Difference:
    """Compare two detectors on the clips that both have scored, resampling the same groups for both.

    Args:
        first, second: DataFrame, or list of as many DataFrames of the same clips: one a seed. As for `evaluate`. Of
            several, the mean over the seeds is compared, and pairs of seeds are resampled as well as groups: the
            interval is for another training on other people.
        metric: str. Defaults to `"auc"`.
        threshold, n_bootstrap, seed: As for `evaluate`.

    Returns:
        Difference. First less second.

    Raises:
        DataError: As `evaluate`, or if no clip was scored by all, or the tables do not agree on labels and groups.
        SettingsError: As `evaluate`, or if the metric is unknown, or the lists are empty or not of one length.
    """
    check_metrics([metric])
    check_threshold(threshold)
    sides = [[tables] if isinstance(tables, pd.DataFrame) else list(tables) for tables in (first, second)]
    if len(sides[0]) != len(sides[1]) or not sides[0]:
        raise SettingsError(f"Give one table a seed of each. Received: {len(sides[0])} and {len(sides[1])}")
    sides = [[scored_rows(table).set_index("clip_id") for table in tables] for tables in sides]
    common = sides[0][0].index
    for table in (*sides[0], *sides[1]):
        common = common.intersection(table.index)
    for table in (*sides[0], *sides[1]):
        for column in ("label", "group"):
            differs = (sides[0][0].loc[common, column] != table.loc[common, column]).to_numpy()
            if differs.any():
                raise DataError(
                    f"The tables differ in the {column} of {common[differs][0]!r}: both must be of the same clips."
                )
    if common.empty:
        raise DataError("No clip was scored by both detectors, so they cannot be compared.")
    remarks = []
    if len(common) < max(len(table) for tables in sides for table in tables):
        remarks.append(f"Compared on the {len(common)} clips that both have scored.")
    known = sides[0][0].loc[common]
    labels, codes = known["label"].to_numpy(int), group_codes(known["group"])
    scores = [[table.loc[common, "score"].to_numpy(float) for table in tables] for tables in sides]

    def gaps(weights):
        values = [
            [weighted_metrics(labels, one, weights, threshold)[metric] for one in side] for side in scores
        ]
        return np.array(values[0]) - np.array(values[1])

    gap = paired_difference(metric, codes, labels, gaps, n_bootstrap, seed)
    return replace(gap, remarks=remarks + gap.remarks)


def paired_difference(
    metric: str,
    codes: np.ndarray,
    labels: np.ndarray,
    gaps: Callable[[np.ndarray], np.ndarray],
    n_bootstrap: int,
    seed: int,
) -> Difference:
    """Return a mean difference over several runs, with an interval from resampling groups as well as runs.

    One run fewer is drawn than there are, which makes up for how alike so few draws are (Rao and Wu, 1988), and the
    degrees of freedom are between those of the runs and those of the groups (Satterthwaite, 1946).

    Args:
        metric: str. Its name.
        codes: int array [N]. Each clip's group, as `group_codes` gives it.
        labels: int array [N]. Each clip's class.
        gaps: function. From weights, float [B, N], to the difference in each run, float [R, B].
        n_bootstrap, seed: As for `evaluate`.
    """
    check_draws(n_bootstrap, seed)
    of_runs = gaps(np.ones((1, len(codes))))[:, 0]
    runs, value, name = len(of_runs), float(of_runs.mean()), f"{metric} difference"
    rng = np.random.default_rng(seed)

    def of_all_runs(weights):
        return {name: gaps(weights).mean(0)}

    def of_some_runs(weights):
        values = gaps(weights)
        drawn = max(1, runs - 1)
        counts = rng.multinomial(drawn, np.full(runs, 1 / runs), values.shape[1]) / drawn
        return {name: (values * counts.T).sum(0)}

    resamples = resample(codes, labels, n_bootstrap, seed, of_some_runs, of_all_runs)
    if runs > 1 and len(resamples.left_out.get(name, ())):
        left_out = resamples.left_out[name]
        of_groups = (len(left_out) - 1) * left_out.var()
        of_seeds = of_runs.var(ddof=1) / runs
        parts = of_groups**2 / max(resamples.fewest - 1, 1) + of_seeds**2 / (runs - 1)
        if parts > 0:
            # So few runs cannot be drawn as far apart as others would lie: their draws are stretched instead.
            stretch = reach_of((of_groups + of_seeds) ** 2 / parts) / reach_of(math.inf)
            furthest = math.inf if metric == "log_loss" else 1.0
            draws = {name: np.clip(value + (resamples.draws[name] - value) * stretch, -furthest, furthest)}
            resamples = replace(resamples, draws=draws, reach=reach_of(math.inf))
    return Difference(metric, value, *resamples.interval(name, value), group_remarks(resamples))


def majority_line(predictions: pd.DataFrame) -> MajorityLine:
    """Return what always naming the commoner class of the scored clips would score.

    Args:
        predictions: DataFrame. As for `evaluate`.
    """
    share = float(scored_rows(predictions)["label"].mean())
    return MajorityLine("fake" if share >= 0.5 else "real", max(share, 1 - share))


def check_threshold(threshold: float) -> None:
    """Raise SettingsError unless a threshold is a number in [0, 1]."""
    if not isinstance(threshold, int | float | np.number) or not 0 <= threshold <= 1:
        raise SettingsError(f"A threshold is a number in [0, 1]. Received: threshold={threshold!r}")


def check_metrics(metrics: Iterable[str]) -> None:
    """Raise SettingsError unless all are names of metrics."""
    for metric in metrics:
        if metric not in METRICS:
            raise SettingsError(f"Unknown metric {metric!r}. Known: {', '.join(METRICS)}.")


def check_columns(table: pd.DataFrame, names: Iterable[str], what: str = "Predictions") -> None:
    """Raise DataError unless a table has these columns, each once."""
    missing = [name for name in names if name not in table]
    if missing:
        raise DataError(
            f"{what} have no column {', '.join(missing)}. They have: {', '.join(map(str, table))}."
        )
    twice = [name for name in names if (table.columns == name).sum() > 1]
    if twice:
        raise DataError(f"{what} have the column {twice[0]} more than once.")


def scored_rows(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with a score; label is int, and score float64.

    Raises:
        DataError: If a column is missing, no clip has a score, a scored clip has no clip_id, label or group, a clip is
            there twice, or a score is not in [0, 1].
    """
    check_columns(predictions, ("clip_id", "group", "label", "score"))
    twice = predictions["clip_id"][predictions["clip_id"].duplicated()]
    if len(twice):
        raise DataError(f"The clip {twice.iloc[0]!r} is there twice. Give each clip once.")
    score = pd.to_numeric(predictions["score"], errors="coerce").astype(float)
    odd = predictions["score"].notna() & (score.isna() | ~score.between(0, 1))
    if odd.any():
        row = predictions[odd].iloc[0]
        raise DataError(f"A score lies in [0, 1]. Received: {row['score']} for {row['clip_id']!r}")
    scored = predictions.assign(score=score)[score.notna()]
    if scored.empty:
        raise DataError(f"None of the {len(predictions)} clips has a score: see the coverage table for why.")
    unlabelled = scored["clip_id"][scored["label"].isna() | ~scored["label"].isin([0, 1])]
    if len(unlabelled):
        raise DataError(f"The clip {unlabelled.iloc[0]!r} has a score but no label 0 or 1. Leave it out.")
    if scored["clip_id"].isna().any():
        raise DataError("A clip with a score has no clip_id.")
    ungrouped = scored["clip_id"][scored["group"].isna() | (scored["group"].astype(str) == "")]
    if len(ungrouped):
        raise DataError(f"The clip {ungrouped.iloc[0]!r} has no group.")
    return scored.assign(label=scored["label"].astype(int))


def _roc(labels: np.ndarray, scores: np.ndarray) -> pd.DataFrame:
    from sklearn.metrics import roc_curve

    if len(set(labels)) < 2:
        return pd.DataFrame(columns=["fpr", "tpr", "threshold"], dtype=float)
    return pd.DataFrame(dict(zip(("fpr", "tpr", "threshold"), roc_curve(labels, scores), strict=True)))


def _remarks(predictions, labels, called, resamples, table) -> list[str]:
    remarks = []
    without = len(predictions) - len(labels)
    if without:
        remarks.append(f"{without} of {len(predictions)} clips have no score and are in no metric.")
    if len(set(labels)) < 2:
        only = "fake" if labels[0] == 1 else "real"
        absent = "real" if labels[0] == 1 else "fake"
        remarks.append(
            f"All scored clips are {only}: AUC, EER and balanced accuracy cannot be had"
            f"{', nor average precision' if only == 'real' else ''}, and what counts {absent} clips is empty."
        )
    if not called.any():
        remarks.append("No clip is called fake: precision, recall and F1 are 0 by convention.")
    remarks += group_remarks(resamples)
    names = {"accuracy": "accuracy", "auc": "AUC"}
    same = [words for name, words in names.items() if table.loc[name, "low"] == table.loc[name, "high"]]
    same = [] if predictions["score"].nunique() == 1 else same  # of a constant, that is no wonder
    if same:
        # Hanley and Lippman-Hand, 1983: after n successes, 3/n bounds the error at 95 %.
        bound = min(1.0, 3 / resamples.n_groups)
        remarks.append(
            f"Every resample gave the same {' and '.join(same)}, which is no proof of certainty: with "
            f"{resamples.n_groups} groups, another outcome may still await up to about {bound:.0%} of new groups "
            "(rule of three)."
        )
    return remarks


def group_remarks(resamples: Resamples) -> list[str]:
    """Return what a reader of intervals should know of the groups they come from."""
    remarks, n_groups = [], resamples.n_groups
    if n_groups == 1:
        remarks.append("All clips are of one group: there is nothing to resample, so no interval can be had.")
    elif resamples.fewest < _FEW_GROUPS:
        groups = f"{resamples.fewest} group{'s' if resamples.fewest > 1 else ''}"
        if resamples.fewest < n_groups:
            groups += " of one of the classes"
        remarks.append(
            f"Only {groups}: intervals by resampling so few may come out too narrow. Read them as a hint."
        )
    if resamples.one_class > 0.005:
        remarks.append(
            f"{resamples.one_class:.0%} of the resamples held one class only and are in no interval."
        )
    return remarks

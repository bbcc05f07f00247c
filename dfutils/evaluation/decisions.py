"""Choose on validation clips when a score means fake, when real, and when nobody can tell."""

from dataclasses import replace

import numpy as np
import pandas as pd

from dfutils.errors import SettingsError
from dfutils.evaluation.calibration import fit_temperature
from dfutils.evaluation.predictions import scored_rows
from dfutils.evaluation.thresholds import Rule, choose_threshold
from dfutils.training.decision import Decision

# If the wanted share of wrong verdicts cannot be promised, the next larger one of these is tried.
_SHARES = (0.1, 0.15, 0.2, 0.25, 0.3)
_NEVER = 2.0  # above every score


def choose_decision(
    predictions: pd.DataFrame,
    *,
    crossed: pd.DataFrame | None = None,
    rule: Rule = "balanced_accuracy",
    target: float = 0.05,
    wrong: float = 0.1,
) -> Decision:
    """Choose the temperature, the threshold and the two limits between fake, unsure and real, on validation clips.

    The temperature and the threshold are those of `fit_temperature` and `choose_threshold`.

    The upper limit is the lowest score from which on at most a share `wrong` of the clips called fake is expected to be
    real. The lower limit is chosen in the same way for the clips called real. In between, the verdict is "unsure".

    The expected share is the conformal estimate behind the procedure of Benjamini and Hochberg (Jin and Candès, 2023):
    one imagined mistake is added to those that the validation clips show. Each group counts once for each class,
    because its clips are alike. So few groups cannot promise a small share. Then the smallest of 10, 15, 20, 25 and
    30 % that can be promised is used. If the groups are too few for any of them, both limits are the threshold, and
    nothing is promised. If the groups would suffice and the scores do not separate the classes well enough, the verdict
    is never "fake" (or never "real").

    Args:
        predictions: DataFrame. The validation clips with their scores, as for `evaluate`. Both classes are needed.
        crossed: DataFrame or None. Calibrated scores from a cross-validation of the training and validation clips, as
            `cross_validate` returns them for one detector and seed. They choose the two limits, because they are of
            more groups. Defaults to None: the validation clips choose them.
        rule, target: As for `choose_threshold`.
        wrong: float in (0, 0.5). The share of wrong verdicts to promise. Defaults to 0.1.

    Returns:
        Decision.

    Raises:
        DataError: As `choose_threshold`.
        SettingsError: If `wrong` is out of range, or as `choose_threshold`.
    """
    if not 0 < wrong < 0.5:
        raise SettingsError(f"The share of wrong verdicts must be between 0 and 0.5. Received: wrong={wrong}")
    temperature = fit_temperature(predictions)
    scored = scored_rows(predictions)
    scored = scored.assign(score=temperature.apply(scored["score"]))
    chosen = choose_threshold(scored, rule=rule, target=target)
    decision = Decision(
        temperature=temperature.value,
        threshold=chosen.value,
        rule=rule,
        fake_from=chosen.value,
        real_below=chosen.value,
    )
    if crossed is not None:
        scored = scored_rows(crossed)
    decision = replace(decision, groups=int(scored["group"].nunique()))
    scores, is_fake = scored["score"].to_numpy(), scored["label"].to_numpy() == 1
    groups = scored["group"].to_numpy(str)
    shares = [wrong, *(share for share in _SHARES if share > wrong)]
    possible = [share for share in shares if max(_lowest_shares(is_fake, groups)) <= share]
    if not possible:
        return replace(decision, remark=_too_few(decision.groups, shares[-1]))
    for share in possible:
        upper = _lowest_limit(scores, is_fake, groups, share)
        lower = _lowest_limit(1 - scores, ~is_fake, groups, share)
        if upper is not None and lower is not None:
            break
    fake_from = _NEVER if upper is None else max(upper, chosen.value)
    real_below = 0.0 if lower is None else min(float(np.nextafter(1 - lower, 1)), chosen.value)
    return replace(
        decision,
        fake_from=fake_from,
        real_below=real_below,
        promised=share,
        remark=_words(share, wrong, never_fake=upper is None, never_real=lower is None),
    )


def _lowest_limit(scores: np.ndarray, hits: np.ndarray, groups: np.ndarray, share: float) -> float | None:
    """Return the lowest score from which on at most `share` of the clips called a hit is expected to be wrong."""
    weights = np.where(hits, _weights(hits, groups), _weights(~hits, groups))
    n_hits, n_others = weights[hits].sum(), weights[~hits].sum()
    limits = np.unique(scores)
    called = scores[:, None] >= limits[None, :]
    found = (weights[hits, None] * called[hits]).sum(0) / n_hits
    false = (weights[~hits, None] * called[~hits]).sum(0)
    prior = hits.mean()
    all_called = prior * found + (1 - prior) * false / n_others
    expected = (1 - prior) * (1 + false) / (1 + n_others) / all_called
    good = limits[(expected <= share) & (found > 0)]
    return float(good[0]) if len(good) else None


def _lowest_shares(is_fake: np.ndarray, groups: np.ndarray) -> tuple[float, float]:
    """Return the share that could be promised for fake and for real if the scores separated the classes perfectly."""
    prior = is_fake.mean()
    reals, fakes = (len(set(groups[part])) for part in (~is_fake, is_fake))
    return (1 - prior) / prior / (1 + reals), prior / (1 - prior) / (1 + fakes)


def _weights(part: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Return for each clip 1 / the number of clips of its group in this part, so that each group counts once."""
    counts = pd.Series(groups[part]).value_counts()
    return np.array([1 / counts.get(group, 1) for group in groups])


def _too_few(groups: int, share: float) -> str:
    return (
        f"The clips that the limits rest on are of {groups} groups. That is too few to promise at most {share:.0%} "
        "wrong verdicts. So no verdict is 'unsure', and nothing is promised."
    )


def _words(share: float, wrong: float, *, never_fake: bool, never_real: bool) -> str:
    never = " and ".join(word for word, is_so in (("fake", never_fake), ("real", never_real)) if is_so)
    if never:
        return (
            f"No limit keeps the share of wrong verdicts at {share:.0%}, because the scores do not separate the "
            f"classes well enough. So no clip is called {never}."
        )
    if share > wrong:
        return (
            f"There are too few groups to promise at most {wrong:.0%} wrong verdicts, or the scores do not separate "
            f"the classes well enough. The smallest share that can be promised is {share:.0%}."
        )
    return ""

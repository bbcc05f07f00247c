"""Check the answers to the exercises of notebook 07."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dfutils.lessons.answers import check_answer


def full_grid(answer: float | None, choices: Mapping[str, Sequence[Any]], *, seconds: float) -> None:
    """Check the exercise of notebook 07: the hours that it would take to try every combination of the choices once.

    Args:
        answer: float or None. The reader's answer, in hours.
        choices: dict. {setting: its choices}.
        seconds: float. How long one trial takes.
    """
    combinations = math.prod(len(values) for values in choices.values())
    check_answer(
        answer,
        combinations * seconds / 3600,
        usual={
            combinations: "That is how many combinations there are.",
            combinations * seconds: "Those are seconds.",
            combinations * seconds / 60: "Those are minutes.",
            sum(map(len, choices.values()))
            * seconds
            / 3600: "The numbers of choices are multiplied, not added.",
        },
        hint="the number of combinations is the product of the numbers of choices. Multiply it by the seconds of one "
        "trial, and divide by the 3600 seconds of an hour.",
    )


def seed_spread(answer: float | None, differences: Sequence[float]) -> None:
    """Check the exercise of notebook 07: the standard deviation over seeds of the tuned model's gain.

    Args:
        answer: float or None. The reader's answer.
        differences: sequence of float. The difference in AUC, once per seed.
    """
    mean = sum(differences) / len(differences)
    squares = sum((difference - mean) ** 2 for difference in differences)
    check_answer(
        answer,
        math.sqrt(squares / max(1, len(differences) - 1)),
        usual={
            math.sqrt(
                squares / len(differences)
            ): "That divides by n. A sample's deviation divides by n − 1.",
            squares / max(1, len(differences) - 1): "That is the variance. Take its root.",
            mean: "That is the mean.",
        },
        hint="the sample standard deviation divides by the number of seeds minus one.",
        tolerance=0.02,
    )


def best_of_many(answer: float | None, *, trials: int, spread: float) -> None:
    """Check the exercise of notebook 07: by how much the best of equally good trials looks better than they are.

    Args:
        answer: float or None. The reader's answer.
        trials: int. Number of trials.
        spread: float. The standard deviation of a trial's validation AUC around its true value.
    """
    draws = np.random.default_rng(0).normal(0, spread, (200_000, trials))
    check_answer(
        answer,
        float(draws.max(axis=1).mean()),
        usual={
            0.0: "That is the mean of *all* trials. The search reports the best one.",
            spread: "That is the spread of one trial.",
            float(
                draws.max()
            ): "That is the best of all draws together. Take the best of each search, then the mean.",
            float(
                draws.max(axis=0).mean()
            ): "That takes the best along the wrong axis: one row is one search.",
        },
        tolerance=0.03,
        hint="`rng.normal(0, spread, (100_000, trials))` draws many searches, one per row. Take the best of each row, "
        "and then the mean.",
    )

"""A self-check says right to the right answer, gives a hint for a wrong one, and asks for a missing one."""

import pandas as pd
import pytest

from dfutils.lessons import exercises

CATALOG = pd.DataFrame({"label": [0, 0, 0, 1, 1], "method": ["", "", "", "blend", "swap"]})
CHECKS = {
    "majority_line": (lambda a: exercises.majority_line(a, CATALOG), 0.75, 0.4),
    "first_sample": (lambda a: exercises.first_sample(a, count=250, rate=25.0, frames=20), 0.25, 0.5),
    "precision_at_base_rate": (
        lambda a: exercises.precision_at_base_rate(a, recall=0.9, false_positive_rate=0.1, base_rate=0.01),
        0.009 / (0.009 + 0.099),
        0.9,
    ),
    "seed_spread": (lambda a: exercises.seed_spread(a, [0.8, 0.9, 1.0]), 0.1, 0.08165),
}  # fmt: skip


@pytest.mark.parametrize("name", CHECKS)
def test_right_wrong_and_missing(name, capsys):
    check, right, wrong = CHECKS[name]
    for answer, expected in (
        (right, "Right"),
        (wrong, "Hint"),
        (None, "Set `answer`"),
        ("much", "one number"),
    ):
        check(answer)
        assert expected in capsys.readouterr().out


def test_checks_on_features_and_models(capsys, make_clips):
    from dfutils.training import GRUSettings, build_gru

    exercises.bytes_per_clip(5 * 6 * 2, make_clips())
    exercises.gru_parameters(3 * 64 * (6 + 64 + 2), build_gru(6, GRUSettings(units=64)))
    assert capsys.readouterr().out.count("Right") == 2

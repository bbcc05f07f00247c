"""Each check accepts the right answer, gives a hint for a wrong one, and asks for a missing one."""

import math

import pandas as pd
import pytest

from dfutils.data import Catalog
from dfutils.lessons import exercises

CATALOG = pd.DataFrame({"label": [0, 0, 0, 1, 1], "method": ["", "", "", "blend", "swap"]})
TRAIN, TEST = pd.DataFrame({"group": ["a", "b", "b"]}), pd.DataFrame({"group": ["a", "b", "b", "c"]})
CONFUSION = pd.DataFrame({"real": [8, 7], "fake": [2, 3]}, index=["real", "fake"])
CHECKS = {
    "majority_line": (lambda a: exercises.majority_line(a, CATALOG), 0.75, 0.4),
    "shared_groups": (lambda a: exercises.shared_groups(a, TRAIN, TEST), 0.75, 0.25),
    "crop_side": (lambda a: exercises.crop_side(a, width=120, height=150, margin=1.3), 195, 156),
    "first_sample": (lambda a: exercises.first_sample(a, count=250, rate=25.0, frames=20), 0.25, 0.5),
    "precision_at_base_rate": (
        lambda a: exercises.precision_at_base_rate(a, recall=0.9, false_positive_rate=0.1, base_rate=0.01),
        0.009 / (0.009 + 0.099),
        0.9,
    ),
    "weight_updates": (lambda a: exercises.weight_updates(a, clips=100, batch_size=32, epochs=10), 40, 30),
    "full_grid": (
        lambda a: exercises.full_grid(a, {"units": [32, 64], "depth": [1, 2, 3]}, seconds=1800.0),
        3,
        2.5,
    ),
    "balanced_accuracy": (lambda a: exercises.balanced_accuracy(a, CONFUSION), 0.55, 0.64),
    "times_scored": (lambda a: exercises.times_scored(a, repeats=3, seeds=2), 6, 30),
    "share_lost": (lambda a: exercises.share_lost(a, auc=0.9, elsewhere=0.7), 0.5, 0.2),
    "seed_spread": (lambda a: exercises.seed_spread(a, [0.8, 0.9, 1.0]), 0.1, 0.08165),
}
WRONG_ANSWERS = {None: "Set `answer`", "much": "one number", math.nan: "Hint"}


@pytest.mark.parametrize("name", CHECKS)
def test_right_answer_is_accepted_and_wrong_one_gets_a_hint(name, capsys):
    check, right, wrong = CHECKS[name]
    check(right)
    assert "Right" in capsys.readouterr().out
    check(wrong)
    assert "Hint" in capsys.readouterr().out


@pytest.mark.parametrize("answer", WRONG_ANSWERS)
def test_missing_answer_and_one_that_is_not_a_number_are_named(answer, capsys):
    exercises.seed_spread(answer, [0.8, 0.9, 1.0])
    assert WRONG_ANSWERS[answer] in capsys.readouterr().out


def test_majority_line_takes_a_catalog_object(capsys):
    exercises.majority_line(0.75, Catalog(table=CATALOG))
    assert "Right" in capsys.readouterr().out


def test_bytes_of_the_longest_clip(make_clips, capsys):
    exercises.bytes_per_clip(5 * 6 * 2, make_clips())
    assert "Right" in capsys.readouterr().out


def test_without_a_cache_each_crop_is_computed_in_every_epoch_of_every_training(make_clips, capsys):
    clips = make_clips()
    exercises.crops_without_cache(int(clips.mask.sum()) * 3 * 10, clips, trainings=3, epochs=10)
    assert "Right" in capsys.readouterr().out
    exercises.crops_without_cache(clips.mask.size * 3 * 10, clips, trainings=3, epochs=10)  # with padding
    assert "Hint" in capsys.readouterr().out


@pytest.mark.slow
def test_gru_has_two_gates_and_a_candidate_state(capsys):
    from dfutils.training import GRUSettings, build_gru

    model = build_gru(6, GRUSettings(units=64))
    exercises.gru_parameters(3 * 64 * (6 + 64 + 2), model)
    assert "Right" in capsys.readouterr().out
    exercises.gru_parameters(3 * 64 * (6 + 64 + 1), model)
    assert "two gates and a candidate state" in capsys.readouterr().out


def test_passes_over_the_training_crops(capsys):
    exercises.passes(2.4, steps=10, batch_size=24, crops=100)
    assert "Right" in capsys.readouterr().out
    exercises.passes(0.1, steps=10, batch_size=24, crops=100)
    assert "how many crops do all steps together take" in capsys.readouterr().out


def test_auc_is_a_share_of_pairs(capsys):
    scores, labels = [0.1, 0.5, 0.5, 0.9], [0, 0, 1, 1]
    exercises.pairs_in_order(3.5 / 4, scores, labels)
    assert "Right" in capsys.readouterr().out
    exercises.pairs_in_order(0.75, scores, labels)
    assert "A tie counts half" in capsys.readouterr().out

from types import SimpleNamespace

import numpy as np
import pytest

from dfutils import plots


def test_the_mask_names_the_shortest_clip():
    mask = np.array([[1, 1, 1], [1, 0, 0], [1, 1, 0]], bool)
    figure = plots.mask_picture(mask, ["a", "b", "c"])
    assert "2 of them have padding; the shortest, b, has 1 frame" in figure.alt
    assert "No clip has padding" in plots.mask_picture(np.ones((2, 2), bool), ["a", "b"]).alt


def test_medians_of_the_lowest_and_highest_method_are_given():
    methods = ["", "", "swap", "swap", "blend", "mix"]
    alt = plots.values_by_method({"top": [1, 3, 5, 7, 9, 8]}, methods, label="change").alt
    assert "Medians in top: real 2.00, swap 6.00 (lowest), blend 9.00 (highest)" in alt


def test_a_median_leaves_undefined_values_out():
    axis = plots.values_by_method({"top": [1, np.nan, 3]}, ["swap"] * 3, label="change").axes[0]
    (median,) = (
        lines for lines in axis.collections if len(lines.get_paths()) and hasattr(lines, "get_segments")
    )
    assert median.get_segments()[0][0][0] == 2


@pytest.mark.parametrize(
    ("val_loss", "sentence"),
    [
        ((0.8, 0.7, 0.6), "The validation loss is above the training loss in every epoch."),
        ((0.6, 0.6, 0.6), "From epoch 2 on the curves part: the validation loss is above the training loss."),
        ((0.8, 0.4, 0.6), "From epoch 3 on the curves part"),
        ((0.8, 0.4, 0.2), "At the end the validation loss is not above the training loss."),
        ((np.nan,) * 3, "The losses are undefined."),
    ],
)
def test_learning_curves_say_where_they_part(make, val_loss, sentence):
    assert sentence in plots.learning_curves(make.history((0.7, 0.5, 0.3), val_loss), 2).alt


def test_learning_curves_say_what_the_kept_epoch_is_worth(make):
    figure = plots.learning_curves(make.history(val_loss=(0.7, 0.55, 0.8), accuracy=0.6), 2)
    assert "Epoch 2 was kept: validation loss 0.55, validation accuracy 0.60." in figure.alt
    assert "the training loss goes from 0.70 to 0.30" in figure.alt
    assert "epoch 2" in figure.caption


def test_one_epoch_goes_nowhere(make):
    assert "the training loss is 0.50" in plots.learning_curves(make.history((0.5,), (0.6,)), 1).alt


def test_seeds_are_counted_that_are_above_chance(make):
    runs = [
        SimpleNamespace(run=SimpleNamespace(seed=seed, history=make.history(accuracy=auc), best_epoch=seed))
        for seed, auc in ((1, 0.4), (2, 0.6), (3, 0.7))
    ]
    alt = plots.seed_curves(runs).alt
    assert "3 trainings; the epochs that were kept: 1 to 3" in alt
    assert "the AUC 0.40 to 0.70, above 0.5 in 2 of 3" in alt
    assert plots.seed_curves([one.run for one in runs]).alt == alt

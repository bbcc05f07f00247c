import numpy as np
import pytest

from dfutils import plots


def test_calls_are_read_out_with_their_numbers(make):
    figure = plots.confusion_matrix(make.evaluation(confusion=((1, 3), (2, 6))))
    assert (
        figure.alt
        == "Of 4 real clips, 1 is called real and 3 fake. Of 8 fake clips, 2 are called real and 6 fake."
    )
    assert "0.500" in figure.caption


@pytest.mark.parametrize(
    ("fpr", "tpr", "words"),
    [
        ((0, 0, 1), (0, 1, 1), "is above the diagonal"),
        ((0, 1, 1), (0, 0, 1), "is below the diagonal"),
        ((0, 0.5, 1), (0, 0.5, 1), "is on the diagonal"),
        ((0, 0.5, 0.5, 1), (0, 0, 1, 1), "is below the diagonal over 50% of its width"),
        ((0, 0.5, 0.5, 1), (0, 0.5, 1, 1), "is on or above the diagonal"),
    ],
)
def test_a_roc_curve_is_placed_above_or_below_the_diagonal(make, fpr, tpr, words):
    alt = plots.roc_curves({"GRU": make.evaluation(auc=0.5, low=0.3, high=0.7, fpr=fpr, tpr=tpr)}).alt
    assert f"GRU, AUC 0.50 [0.30, 0.70], {words}." in alt


def test_a_detector_without_a_roc_curve_is_named(make):
    without = make.evaluation(np.nan, np.nan, np.nan, (), ())
    assert (
        "No curve for mean: a class is missing"
        in plots.roc_curves({"GRU": make.evaluation(), "mean": without}).alt
    )


def test_scores_are_counted_on_both_sides_of_the_threshold(make):
    table = make.predictions([0.1, 0.2, 0.7, 0.8, 0.3], [0, 0, 0, 1, 1], ["", "", "", "swap", "blend"])
    alt = plots.score_distribution(table, threshold=0.5).alt
    assert "3 real clips: median score 0.20, 1 at or above the threshold 0.50" in alt
    assert "blend 0.30, swap 0.80" in alt
    assert "1 of 2 fakes below the threshold" in alt


def test_of_many_forgeries_the_lowest_and_the_highest_are_named(make):
    scores, methods = np.linspace(0.1, 0.8, 8), [f"method {i}" for i in range(8)]
    alt = plots.score_distribution(make.predictions(scores, [1] * 8, methods), threshold=0.5).alt
    assert "8 forgeries, median scores 0.10 to 0.80, lowest method 0, highest method 7" in alt
    assert "There is no real clip" in alt


def test_the_median_of_a_row_leaves_unscored_clips_out(make):
    figure = plots.score_distribution(make.predictions([0.2, np.nan, 0.4], [0, 0, 0]), threshold=0.5)
    assert any(np.allclose(line.get_xdata(), 0.3) for line in figure.axes[0].lines)
    assert "1 clip without a score or a label is not shown" in figure.alt


def test_mistakes_are_counted_by_class_and_the_first_is_named(make):
    wrong = make.predictions([0.95, 0.1, 0.2], [0, 1, 1])
    figure = plots.mistakes(wrong, {clip_id: make.track() for clip_id in wrong["clip_id"]})
    assert "2 fakes called real (score 0.10 to 0.20) and 1 real clip called fake (score 0.95)" in figure.alt
    assert "The most certain is clip0, real, score 0.95" in figure.alt
    assert len(figure.axes) == 12


def test_a_mistake_whose_clip_no_longer_opens_leaves_its_row_empty(make):
    wrong = make.predictions([0.1, 0.2], [1, 1])
    figure = plots.mistakes(wrong, {"clip0": make.track()})
    assert [axis.axison for axis in figure.axes] == [True] * 4 + [False] * 4

"""The table of predictions: every clip keeps its row, and what cannot be evaluated is refused by name."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dfutils.errors import DataError, DfutilsError
from dfutils.evaluation import coverage_table, evaluate, predictions_table, score
from dfutils.tables import PREDICTION_COLUMNS
from dfutils.training import ConstantBaseline, MeanPooledBaseline


@pytest.fixture
def coverage():
    return pd.DataFrame(
        {
            "clip_id": ["a", "b", "c"],
            "label": [0, 1, 1],
            "group": ["g", "g", "h"],
            "method": ["", "swap", "swap"],
            "split": "test",
            "status": ["ok", "no_face", "ok"],
            "reason": "",
        }
    )


def test_score_is_the_detectors_score_of_each_clip(make_clips):
    clips = make_clips(12)
    detector = MeanPooledBaseline().fit(clips, clips, seed=7)
    table = score(detector, clips)
    assert tuple(table.columns) == PREDICTION_COLUMNS
    np.testing.assert_array_equal(table["score"], detector.score(clips))
    assert table["clip_id"].tolist() == clips.clip_ids.tolist()


def test_score_keeps_clips_without_features_without_a_score(make_clips):
    clips = make_clips(6)
    unscored = clips.coverage.tail(1).assign(clip_id="hidden", status="no_face")
    clips = replace(clips, coverage=pd.concat([unscored, clips.coverage], ignore_index=True))
    table = score(ConstantBaseline().fit(clips, clips, seed=7), clips)
    assert len(table) == 7
    assert table.set_index("clip_id")["score"].isna().to_dict() == {
        "hidden": True, **dict.fromkeys(clips.clip_ids, False)
    }  # fmt: skip


def test_score_asks_for_one_score_per_clip(make_clips):
    class Column(ConstantBaseline):
        def score(self, clips):
            return super().score(clips)[:, None]

    clips = make_clips(6)
    with pytest.raises(DataError, match=r"one score for each of the 6 clips.*Received: float64 \[6, 1\]"):
        score(Column().fit(clips, clips, seed=7), clips)


def test_a_detector_that_is_not_fitted_is_refused(make_clips):
    with pytest.raises(DfutilsError, match="fit"):
        score(MeanPooledBaseline(), make_clips(6))


def test_predictions_keep_every_clip_in_the_order_of_the_coverage(coverage):
    table = predictions_table(coverage, ["c", "a"], [0.9, 0.1])
    assert table["score"].tolist()[0] == 0.1
    assert math.isnan(table["score"][1])
    assert table["score"][2] == 0.9


@pytest.mark.parametrize(
    ("clip_ids", "scores", "message"),
    [
        (["a", "a"], [0.1, 0.2], "scored twice"),
        (["a"], [0.1, 0.2], "one score for each of the 1 clips"),
        (["a"], [[0.1]], "one score for each"),
        (["a"], ["0.1"], "one score for each"),
        (["a"], [np.nan], "'a' is NaN"),
        (["z"], [0.1], "'z' is not in the coverage"),
    ],
)
def test_scores_that_do_not_fit_the_clips_are_refused(clip_ids, scores, message, coverage):
    with pytest.raises(DataError, match=message):
        predictions_table(coverage, clip_ids, scores)


def test_coverage_counts_clips_by_class_and_status(coverage):
    counts = coverage_table(coverage)
    assert counts.loc["all", ["ok", "no_face", "clips"]].tolist() == [2, 1, 3]
    assert counts.loc["fake", "share ok"] == "50%"
    assert counts.index.tolist() == ["real", "fake", "all"]


def test_coverage_shows_clips_of_unknown_class(coverage):
    labels = pd.array([0, 1, pd.NA], "Int64")
    assert coverage_table(coverage.assign(label=labels)).loc["unknown", "clips"] == 1


def test_an_unknown_status_is_refused(coverage):
    with pytest.raises(DataError, match="Received: 'weird'"):
        coverage_table(coverage.assign(status=["ok", "weird", "ok"]))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda table: table.assign(score=1.5), "1.5 for 'c0'"),
        (lambda table: table.assign(score="high"), "high for 'c0'"),
        (lambda table: table.drop(columns="group"), "no column group"),
        (lambda table: pd.concat([table, table.head(1)]), "'c0' appears twice"),
        (lambda table: pd.concat([table, table["score"]], axis=1), "the column score more than once"),
        (
            lambda table: table.assign(label=table["label"].astype("Int64").where(table.index != 3)),
            "'c3' has a score but no label",
        ),
        (lambda table: table.assign(label=2), "'c0' has a score but no label"),
        (lambda table: table.assign(group=["a", "b", "", *"c" * 7]), "'c2' has no group"),
        (lambda table: table.assign(clip_id=[None, *table["clip_id"][1:]]), "has no clip_id"),
    ],
)
def test_predictions_that_cannot_be_evaluated_are_refused_by_name(change, message, make_predictions):
    with pytest.raises(DataError, match=message):
        evaluate(change(make_predictions(10)))


def test_only_training_and_validation_clips_that_the_weights_have_seen_are_scored(make_clips):
    clips = make_clips(8)
    detector = MeanPooledBaseline().fit(clips, clips)
    seen = np.array(["its content"] * 2 + [""] * 6)
    assert len(score(detector, replace(clips, seen=seen))) == 8
    for split in ("test", ""):
        with pytest.raises(DataError, match="2 of 8 of the clips to score"):
            score(detector, replace(clips, seen=seen, splits=np.array([split] * 8)))

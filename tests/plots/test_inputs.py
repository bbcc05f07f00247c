import dataclasses
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from dfutils import demo, evaluation, features, frames, plots
from dfutils.data.people import SamePerson
from dfutils.plots.inputs import (
    ClipLike,
    ClipsLike,
    EvaluationLike,
    ForgeriesLike,
    PairLike,
    SamePersonLike,
    TrackLike,
    as_label,
    table_of,
)
from dfutils.tables import Catalog


def test_the_table_of_a_result_is_found_and_a_table_is_its_own():
    table = pd.DataFrame({"a": [1]})
    assert table_of(table) is table
    assert table_of(Catalog(table)) is table
    assert table_of(SimpleNamespace(trials=table), attribute="trials") is table


def test_a_missing_label_is_none():
    assert [as_label(value) for value in (1, np.int8(0), pd.NA, float("nan"))] == [1, 0, None, None]


@pytest.mark.parametrize(
    ("drawn", "result"),
    [
        (EvaluationLike, evaluation.Evaluation),
        (ClipLike, frames.Clip),
        (TrackLike, frames.FaceTrack),
        (PairLike, frames.Pair),
        (ForgeriesLike, demo.ForgerySamples),
        (SamePersonLike, SamePerson),
        (ClipsLike, features.FeatureSet),
    ],
)
def test_the_results_of_the_rooms_have_what_is_drawn(drawn, result):
    wanted = {name for name in vars(drawn) if not name.startswith("_")}
    there = {field.name for field in dataclasses.fields(result)} | set(dir(result))
    assert wanted
    assert wanted <= there


@pytest.mark.slow
def test_evaluations_of_real_scores_are_drawn():
    rng = np.random.default_rng(0)
    labels = np.tile([0, 1], 20)
    scores = np.clip(0.5 + 0.3 * (labels - 0.5) + rng.normal(0, 0.2, 40), 0, 1)
    table = pd.DataFrame(
        {
            "clip_id": [f"clip{i}" for i in range(40)],
            "group": [f"g{i // 4}" for i in range(40)],
            "label": pd.array(labels, dtype="Int64"),
            "method": np.where(labels == 1, "swap", ""),
            "score": scores,
        }
    )
    result = evaluation.evaluate(table, n_bootstrap=50)
    auc = result.table.loc["auc", "value"]
    assert f"GRU, AUC {auc:.2f} [" in plots.roc_curves({"GRU": result}).alt
    assert f"GRU {auc:.2f} [" in plots.intervals({"GRU": result}, "detector").alt
    assert f"GRU {auc:.2f} [" in plots.metric_intervals({"GRU": result}).alt
    called = int(result.confusion.loc["fake", "real"])
    assert f"Of 20 fake clips, {called} are called real" in plots.confusion_matrix(result).alt
    assert f"{called} of 20 fakes below" in plots.score_distribution(table, threshold=0.5).alt
    assert "40 clips in" in plots.reliability({"test": evaluation.reliability_table(table, bins=5)}).alt
    assert "mistakes" in plots.mistakes(evaluation.mistakes(table), {}).alt
    assert "chosen" in plots.threshold_costs(evaluation.threshold_table(table), {"chosen": 0.5}).alt

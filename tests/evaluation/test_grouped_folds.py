import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from dfutils.errors import DataError
from dfutils.evaluation.grouped_folds import fold_parts, groups_of_rarer_class, ranking_by_fold


def clips(groups, *, fakes_in=None):
    """Two clips of each group, real and fake; only the first `fakes_in` groups have fakes."""
    rows = []
    for group in range(groups):
        labels = (0, 1) if fakes_in is None or group < fakes_in else (0, 0)
        rows += [
            {"clip_id": f"{group}/{i}", "group": f"g{group}", "label": label}
            for i, label in enumerate(labels)
        ]
    return pd.DataFrame(rows).astype({"label": "Int64"})


def test_every_clip_is_in_one_part_of_each_fold_and_no_group_in_two():
    known = clips(12)
    tested = []
    for parts in fold_parts(known, 3, 7):
        assert sorted(np.concatenate(parts)) == list(range(24))
        groups = [set(known["group"].iloc[part]) for part in parts]
        assert not groups[0] & groups[1] and not groups[0] & groups[2] and not groups[1] & groups[2]
        assert all(known["label"].iloc[part].nunique() == 2 for part in parts[:2])
        tested += parts[2].tolist()
    assert sorted(tested) == list(range(24))


def test_too_few_groups_are_an_error():
    with pytest.raises(DataError, match="Too few groups"):
        list(fold_parts(clips(6, fakes_in=2), 2, 7))


def test_groups_of_the_rarer_class_are_counted():
    assert groups_of_rarer_class(clips(6, fakes_in=2)) == 2
    assert groups_of_rarer_class(clips(6)) == 6
    assert groups_of_rarer_class(clips(2).iloc[:0]) == 0


def test_metrics_are_computed_within_folds_and_weighted_by_pairs():
    rng = np.random.default_rng(0)
    run = pd.DataFrame({"fold": [0] * 8 + [1] * 20, "label": rng.integers(0, 2, 28), "score": rng.random(28)})
    run.loc[[0, 8], "label"], run.loc[[1, 9], "label"] = 0, 1
    run.loc[run["fold"] == 1, "score"] += 5  # another model, with other scores
    expected = pairs = 0.0
    for _, fold in run.groupby("fold"):
        count = fold["label"].sum() * (1 - fold["label"]).sum()
        expected += count * roc_auc_score(fold["label"], fold["score"])
        pairs += count
    values = ranking_by_fold(run, np.ones((1, 28)))
    assert values["auc"][0] == pytest.approx(expected / pairs)
    one_class = run.assign(label=1)
    assert np.isnan(ranking_by_fold(one_class, np.ones((1, 28)))["auc"][0])

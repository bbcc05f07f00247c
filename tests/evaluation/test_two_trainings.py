"""Two trainings are compared on the same clips; several tests are averaged."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from dfutils.errors import DataError, SettingsError
from dfutils.evaluation.two_trainings import check_ranking_metric, check_same_clips, compare_trainings

NAMES = {"old": "first", "new": "second"}


def scores(seed, *, better=0.0, clips=60, run=7):
    """Scores of the same clips by two trainings, in 20 groups."""
    rng = np.random.default_rng(seed)
    labels = np.arange(clips) % 2
    known = pd.DataFrame({"clip_id": [f"{seed}-{i}" for i in range(clips)], "label": labels, "fold": 0})
    known = known.assign(group=[f"g{i // 3}" for i in range(clips)], seed=run, detector="d", test="t")
    old = 0.4 + 0.1 * labels + 0.3 * rng.random(clips)
    return pd.concat(
        [
            known.assign(trained_on="old", score=old),
            known.assign(trained_on="new", score=old + better * labels),
        ]
    )


def compare(*tests, **options):
    return compare_trainings(tests, NAMES, **{"metric": "auc", "n_bootstrap": 200, "seed": 7} | options)


def test_values_are_those_of_scikit_learn_and_the_change_is_paired():
    table = scores(0, better=0.1)
    row = compare(table)
    for trained_on, name in NAMES.items():
        part = table[table["trained_on"] == trained_on]
        assert row[f"{name}_value"] == pytest.approx(roc_auc_score(part["label"], part["score"]), abs=1e-12)
        assert row[f"{name}_low"] < row[f"{name}_value"] < row[f"{name}_high"]
    assert row["change"] == pytest.approx(row["second_value"] - row["first_value"])
    assert row["change_low"] > 0
    assert (row["n_real"], row["n_fake"], row["n_groups"]) == (30, 30, 20)


def test_equal_trainings_differ_by_nothing():
    row = compare(scores(0))
    assert row["change"] == row["change_low"] == row["change_high"] == 0


def test_several_tests_and_seeds_are_averaged():
    one, two = scores(0, better=0.1), scores(1, better=0.3)
    rows = [compare(one), compare(two)]
    both = compare(one, two)
    assert both["change"] == pytest.approx(np.mean([row["change"] for row in rows]))
    assert both["n_fake"] == 60
    again = compare(pd.concat([one, one.assign(seed=8)]))
    assert again["change"] == pytest.approx(rows[0]["change"])


def test_a_resample_without_a_method_uses_the_others():
    """The second test's fakes are all of one group, which some resamples do not contain."""
    one, two = scores(0, better=0.1), scores(1, better=0.3)
    two = two[(two["label"] == 0) | (two["group"] == "g0")]
    row = compare(one, two)
    assert np.isfinite([row["change_low"], row["change_high"]]).all()


def test_wrong_metrics_and_other_clips_are_refused():
    with pytest.raises(SettingsError, match="one of auc"):
        check_ranking_metric("accuracy")
    table = scores(0).reset_index(drop=True)
    check_same_clips(table, "test", NAMES)
    wrong = {
        "a clip is missing": table.iloc[1:],
        "a training is missing": table[table["trained_on"] == "old"],
        "another seed": table.assign(seed=np.where(table["trained_on"] == "old", 7, 8)),
        "another label": table.assign(label=table["label"].where(table.index != 3, 0)),
        "another group": table.assign(group=table["group"].where(table.index != 3, "z")),
    }
    for part in wrong.values():
        with pytest.raises(DataError, match="'d' needs scores of the same clips for the test 't'"):
            check_same_clips(part, "test", NAMES)


def test_missing_values_and_clips_that_are_there_twice_are_refused():
    table = scores(0).reset_index(drop=True)
    for column in ("score", "label"):
        with pytest.raises(DataError, match=f"'0-3' has no {column}"):
            check_same_clips(
                table.assign(**{column: table[column].astype(float).where(table.index != 3)}), "test", NAMES
            )
    with pytest.raises(DataError, match="a clip is there twice"):
        check_same_clips(pd.concat([table, table.iloc[[0]]]), "test", NAMES)

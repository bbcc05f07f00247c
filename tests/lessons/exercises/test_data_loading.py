import pandas as pd
import pytest

from dfutils.data import Catalog, assign_splits
from dfutils.lessons import exercises

CATALOG = pd.DataFrame({"label": [0, 0, 0, 1, 1], "method": ["", "", "", "blend", "swap"]})
TRAIN, TEST = pd.DataFrame({"group": ["a", "b", "b"]}), pd.DataFrame({"group": ["a", "b", "b", "c"]})


@pytest.mark.parametrize("catalog", [CATALOG, Catalog(table=CATALOG)])
def test_majority_line(check_replies, catalog):
    wrong = {0.25: "smaller class", 0.6: "all methods", 0.4: "count the real clips", "much": "one number"}
    check_replies(lambda answer: exercises.majority_line(answer, catalog), 0.75, wrong)


def test_shared_groups(check_replies):
    wrong = {0.25: "*not* in training", 3: "number of clips", 2 / 3: "share of groups"}
    check_replies(lambda answer: exercises.shared_groups(answer, TRAIN, TEST), 0.75, wrong)


@pytest.mark.parametrize("seed", range(5))
def test_planted_leaks_are_of_two_kinds_and_can_be_found(check_replies, make_catalog, seed):
    catalog = assign_splits(make_catalog())
    planted = exercises.plant_leaks(catalog, seed=seed)
    train, test = (planted[planted["split"] == part] for part in ("train", "test"))
    by_group = set(test.loc[test["group"].isin(train["group"]), "clip_id"])
    by_content = set(test.loc[test["content"].isin(train["content"]), "clip_id"])
    assert len(by_group) == 2
    assert len(by_content) == 2
    assert not by_group & by_content
    wrong = [
        (by_group, "same content"),
        (sorted(by_content), "group that is in training"),
        (by_group | by_content | {train["clip_id"].iloc[0]}, "not those in training"),
        ({"another"}, "'another' is not one of the names"),
        (set(), "0 right, 0 too many, 4 missing"),
        (3, "a set of names"),
    ]
    check_replies(lambda answer: exercises.find_leaks(answer, planted), by_group | by_content, wrong)
    pd.testing.assert_frame_equal(planted, exercises.plant_leaks(catalog, seed=seed))


def test_nothing_is_planted_twice_in_a_small_catalog(make_catalog):
    planted = exercises.plant_leaks(assign_splits(make_catalog(groups=3, per_group=2)))
    assert planted["clip_id"].is_unique
    exercises.find_leaks(set(), planted)

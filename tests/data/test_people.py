"""Which groups show one person. What needs faces runs where `dfutils[people]` is installed."""

import itertools
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dfutils.data import read_catalog
from dfutils.data.embedding import is_available, load_models
from dfutils.data.people import PeopleFound, SamePerson, find_pairs, find_same_people, merge_groups
from dfutils.errors import DataError, DfutilsError, SettingsError

REAL = Path(__file__).resolve().parents[3] / "shared" / "real-clips"
needs_dlib = pytest.mark.skipif(not is_available(), reason="the extra dfutils[people] is not installed")
needs_real_clips = pytest.mark.skipif(not REAL.is_dir(), reason="there are no real clips next to the clone")


def pair(first, second, distance=0.3):
    return SamePerson(
        first=first, second=second, distance=distance, first_clip=f"{first}/1", second_clip=f"{second}/1"
    )


def real_clips(*rows):
    """A catalog of real clips from (clip_id, media, group), whose paths are their clip_ids."""
    table = pd.DataFrame(rows, columns=["clip_id", "media", "group"])
    return table.assign(path=table["clip_id"], label=0)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_groups_are_merged_along_chains_in_every_order_of_the_pairs(order):
    pairs = [[pair("a", "b"), pair("b", "c"), pair("d", "e")][i] for i in order]
    groups = pd.Series(["c", "a", "x", "e", "b", "d"], index=[9, 3, 5, 1, 0, 2])
    expected = pd.Series(["a+b+c", "a+b+c", "x", "d+e", "a+b+c", "d+e"], index=groups.index)
    pd.testing.assert_series_equal(merge_groups(groups, pairs), expected)


def test_a_part_of_the_clips_gets_the_same_names_as_the_whole():
    groups = pd.Series(["a", "b", "c", "d"])
    pairs = [pair("a", "b"), pair("b", "c")]
    pd.testing.assert_series_equal(merge_groups(groups[[0, 3]], pairs), merge_groups(groups, pairs)[[0, 3]])


def test_without_pairs_groups_stay_as_they_are():
    groups = pd.Series(["a", "b"])
    pd.testing.assert_series_equal(merge_groups(groups, []), groups)


@pytest.mark.parametrize("pairs", [(), (pair("a", "b", 0.2), pair("b", "c"))], ids=["none", "two"])
def test_the_pairs_are_a_table_too(pairs):
    found = PeopleFound(pairs=pairs, compared=3, groups=3, without_face=(), limit=0.4, remarks=())
    assert found.table.columns.tolist() == ["first", "second", "distance", "first_clip", "second_clip"]
    assert found.table["distance"].tolist() == [one.distance for one in pairs]


def test_a_pair_names_the_two_closest_clips_of_two_groups():
    points = np.array([[0.0], [0.5], [0.7], [9.0]])
    (found,) = find_pairs(points, ["a1", "a2", "b1", "c1"], ["a", "a", "b", "c"], limit=0.8)
    assert (found.first, found.second, found.first_clip, found.second_clip) == ("a", "b", "a2", "b1")
    assert found.distance == pytest.approx(0.2)


def test_pairs_agree_with_a_plain_search_in_every_order_of_the_clips():
    rng = np.random.default_rng(0)
    points, ids = rng.normal(size=(600, 3)), np.array([f"clip{i:03d}" for i in range(600)])
    groups = np.array([f"g{i}" for i in rng.integers(0, 40, 600)])
    apart = np.linalg.norm(points[:, None] - points, axis=-1)
    expected = {
        (first, second): closest
        for first, second in itertools.combinations(np.unique(groups), 2)
        if (closest := apart[np.ix_(groups == first, groups == second)].min()) <= 0.2
    }
    found = find_pairs(points, ids, groups, limit=0.2)
    assert {(one.first, one.second): one.distance for one in found} == pytest.approx(expected)
    assert [one.distance for one in found] == sorted(one.distance for one in found)
    mixed = rng.permutation(600)
    assert find_pairs(points[mixed], ids[mixed], groups[mixed], limit=0.2) == found


def test_clips_that_are_named_as_different_people_are_never_a_pair():
    points, ids, groups = np.zeros((4, 2)), ["a1", "b1", "b2", "c1"], ["a", "b", "b", "c"]
    found = find_pairs(points, ids, groups, identities=["ann", "bob", "", "bob"], limit=0.1)
    assert [(one.first_clip, one.second_clip) for one in found] == [("a1", "b2"), ("b1", "c1")]


def test_faces_are_not_compared_where_the_catalog_names_everybody():
    catalog = real_clips(("a.mp4", "video", "a"), ("b.mp4", "video", "b")).assign(identity=["ann", "bob"])
    found = find_same_people(catalog, ".", progress=False)
    assert found.remarks == ("Faces were not compared: the catalog says who is seen in every real clip.",)


def test_a_missing_extra_is_named_before_a_clip_is_read(monkeypatch):
    monkeypatch.setitem(sys.modules, "dlib", None)
    load_models.cache_clear()
    catalog = real_clips(("a.mp4", "video", "a"), ("b.mp4", "video", "b"))
    with pytest.raises(DfutilsError, match=r'pip install "dfutils\[people\]"'):
        find_same_people(catalog, ".", progress=False)


@pytest.mark.parametrize(
    ("labels", "groups", "words"),
    [([1, pd.NA], ["a", "b"], "no real clips"), ([0, 0], ["a", "a"], "one group only")],
)
def test_a_remark_says_that_there_is_nothing_to_compare(labels, groups, words):
    catalog = real_clips(("a.mp4", "video", "a"), ("b.mp4", "video", "b")).assign(
        label=pd.array(labels, dtype="Int64"), group=groups
    )
    found = find_same_people(catalog, ".", progress=False)
    assert (found.pairs, found.compared, found.groups, found.without_face) == ((), 0, 0, ())
    assert words in found.remarks[0]


def test_what_cannot_be_used_is_refused():
    with pytest.raises(DataError, match="no column group"):
        find_same_people(real_clips().drop(columns="group"), ".")
    with pytest.raises(SettingsError, match="Received: limit=0"):
        find_same_people(real_clips(), ".", limit=0)


@needs_dlib
def test_clips_without_a_face_and_unreadable_ones_are_named(make_video, tmp_path):
    make_video("noise.mp4")
    (tmp_path / "broken.mp4").write_bytes(b"no video at all")
    (tmp_path / "empty").mkdir()
    catalog = real_clips(("noise.mp4", "video", "a"), ("broken.mp4", "video", "b"), ("empty", "frames", "c"))
    found = find_same_people(catalog, tmp_path, progress=False)
    assert (found.pairs, found.compared) == ((), 0)
    assert found.without_face == ("broken.mp4", "empty", "noise.mp4")
    assert "2 of 3 real clips cannot be read, such as broken.mp4" in found.remarks[0]
    assert "No face was found in 1 of 3 real clips, such as noise.mp4" in found.remarks[1]
    assert "one group at most" in found.remarks[2]


@needs_dlib
@pytest.mark.slow
def test_a_remark_says_that_rendered_people_are_too_much_alike(demo_dir):
    catalog = read_catalog(demo_dir).table.drop(columns="identity")
    catalog = catalog[catalog["path"].str.contains("take0")]
    found = find_same_people(catalog, demo_dir, progress=False)
    assert found.compared == (catalog["label"] == 0).sum()
    assert found.groups == 3
    assert "rendered or blurred" in found.remarks[0]
    shuffled = catalog.sample(frac=1, random_state=1)
    assert find_same_people(shuffled, demo_dir, progress=False) == found


@needs_dlib
@needs_real_clips
@pytest.mark.slow
def test_copies_are_recognised_and_different_people_are_not():
    catalog = read_catalog(REAL).table
    copies = catalog.assign(clip_id=catalog["clip_id"] + " copy", group=catalog["group"] + " copy")
    found = find_same_people(pd.concat([catalog, copies]), REAL, progress=False)
    assert found.remarks == ()
    assert {(one.first, one.second) for one in found.pairs} == {
        (group, f"{group} copy") for group in catalog["group"]
    }
    assert max(one.distance for one in found.pairs) < 1e-6

"""The demonstration of a leak, on scenes that do not move: a classifier that recognises the scene knows the label."""

import numpy as np
import pandas as pd
import pytest

from dfutils.data import read_catalog
from dfutils.demo import encode
from dfutils.errors import DataError
from dfutils.lessons import demonstrate_leak
from dfutils.lessons.leak import _draw_clips


@pytest.fixture
def make_scenes(tmp_path):
    """A function that writes `groups` scenes of two real and two fake clips each, and returns their folder."""

    def make(groups):
        rng = np.random.default_rng(0)
        rows = ["path,label,group"]
        for group in range(groups):
            scene = rng.integers(40, 216, (8, 8, 3)).repeat(8, 0).repeat(12, 1)
            for clip in range(4):
                noise = rng.normal(0, 6, (31, *scene.shape))
                encode(tmp_path / f"{group}_{clip}.mp4", np.clip(scene + noise, 0, 255).astype(np.uint8))
                rows.append(f"{group}_{clip}.mp4,{clip % 2},g{group}")
        (tmp_path / "list.csv").write_text("\n".join(rows))
        return tmp_path

    return make


@pytest.mark.slow
def test_a_split_that_leaks_is_perfect_and_whole_groups_are_not(make_scenes):
    leak = demonstrate_leak(read_catalog(make_scenes(12)), progress=False)
    table = leak.table.set_index("protocol")
    assert table.index.tolist() == ["frames at random", "clips at random", "whole groups"]
    assert leak.clips == 24  # of each group, one class
    assert table.loc["frames at random", "auc"] > 0.99
    assert table.loc["clips at random", "auc"] > 0.9
    assert table.loc["whole groups", "low"] < 0.5
    for scored, by_frame, by_clip, by_group in leak.neighbours:
        assert by_frame.group == by_clip.group == scored.group != by_group.group
        assert by_clip.clip_id != scored.clip_id
        assert scored.image.shape == (96, 96, 3)
    assert [row[0].label for row in leak.neighbours] == [0, 1]


def test_a_remark_says_that_there_are_too_few_groups(make_scenes):
    leak = demonstrate_leak(read_catalog(make_scenes(3)), progress=False)
    assert leak.table.empty
    assert leak.neighbours == []
    assert "at least two groups for each class" in leak.remarks[0]
    assert "Groups with real clips: 1; with fake clips: 2" in leak.remarks[0]


@pytest.mark.slow
def test_few_groups_are_an_illustration_and_wrong_groups_are_below_chance(make_scenes):
    root = make_scenes(6)
    catalog = read_catalog(root)
    assert "only 6 groups" in demonstrate_leak(catalog, progress=False).remarks[0]
    each_alone = catalog.table.assign(group=catalog.table["clip_id"])  # as if the groups were unknown
    assert "below chance" in demonstrate_leak(each_alone, root, progress=False).remarks[0]


def test_a_table_without_a_folder_is_refused(make_catalog):
    with pytest.raises(DataError, match="The folder of the clips is unknown"):
        demonstrate_leak(make_catalog())


def test_large_groups_leave_room_for_others(make_catalog):
    drawn = _draw_clips(make_catalog(groups=28, per_group=64), 160, seed=7)
    assert drawn["group"].nunique() >= 20
    assert (drawn.groupby("label")["group"].nunique() >= 5).all()


def test_half_of_the_groups_give_their_real_clips_and_half_their_fakes(make_catalog):
    drawn = _draw_clips(make_catalog(groups=8, per_group=4), 160, seed=7)
    labels = drawn.groupby("group")["label"].agg(["min", "max"])
    assert (labels["min"] == labels["max"]).all()
    assert (labels["min"] == 0).sum() == 4
    shuffled = make_catalog(groups=8, per_group=4).sample(frac=1, random_state=0)
    pd.testing.assert_frame_equal(_draw_clips(shuffled, 160, seed=7), drawn)

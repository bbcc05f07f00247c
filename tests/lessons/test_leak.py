"""The demonstration of a leak, on scenes that stand still: whoever knows the scene knows the label."""

import numpy as np
import pandas as pd
import pytest

from dfutils.data import read_catalog
from dfutils.demo import encode
from dfutils.lessons import demonstrate_leak


@pytest.fixture
def scenes(tmp_path):
    """A function that writes `groups` scenes of two real and two fake clips each, and returns their folder."""

    def write(groups):
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

    return write


def test_a_split_that_leaks_is_perfect_and_whole_groups_are_not(scenes):
    root = scenes(12)
    leak = demonstrate_leak(read_catalog(root), root, progress=False)
    table = leak.table.set_index("protocol")
    assert table.index.tolist() == ["frames at random", "clips at random", "whole groups"]
    assert leak.clips == 24  # of each group, one class
    assert table.loc["frames at random", "auc"] > 0.99
    assert table.loc["clips at random", "auc"] > 0.9
    assert table.loc["whole groups", "low"] < 0.5
    for asked, by_frame, by_clip, by_group in leak.neighbours:
        assert by_frame.group == by_clip.group == asked.group != by_group.group
        assert by_clip.clip_id != asked.clip_id
        assert asked.image.shape == (96, 96, 3)
    assert [row[0].label for row in leak.neighbours] == [0, 1]


def test_too_few_groups_are_said(scenes):
    root = scenes(3)
    leak = demonstrate_leak(read_catalog(root), root, progress=False)
    assert leak.table.empty
    assert "at least two groups for each class" in leak.remarks[0]


def test_wrong_groups_are_below_chance_and_few_are_an_illustration(scenes):
    root = scenes(6)
    catalog = read_catalog(root).table
    assert "Only 6 groups" in demonstrate_leak(catalog, root, progress=False).remarks[0]
    catalog["group"] = catalog["clip_id"]  # as if nobody knew which clips belong together
    leak = demonstrate_leak(catalog, root, progress=False)
    assert "below chance" in leak.remarks[0]


def test_large_groups_leave_room_for_others(scenes):
    from dfutils.lessons.leak import _draw_clips

    root = scenes(2)
    catalog = read_catalog(root).table
    many = [
        catalog.assign(group=f"g{g}", clip_id=[f"{g}/{copy}/{i}" for i in range(8)])
        for g in range(28)
        for copy in range(8)
    ]
    drawn = _draw_clips(pd.concat(many), 160, seed=7)
    assert drawn["group"].nunique() >= 20
    assert (drawn.groupby("label")["group"].nunique() >= 5).all()

"""Whole groups are drawn so that a part is close to the wanted share, label by label and method by method."""

import numpy as np
import pandas as pd
import pytest

from dfutils.data.group_drawing import draw_groups
from dfutils.errors import DataError


def make_clips(groups, per_group=4, methods=("swap", "blend")):
    rows = [
        (f"g{g:02d}", clip % 2, methods[clip // 2 % len(methods)] if clip % 2 else "")
        for g in range(groups)
        for clip in range(per_group)
    ]
    return pd.DataFrame(rows, columns=["group", "label", "method"])


def draw(clips, part="test", share=0.2, groups_left=1, seed=7):
    return draw_groups(
        clips, part, share=share, fake_share=float(clips["label"].mean()), groups_left=groups_left, seed=seed
    )


@pytest.mark.parametrize("share", [0.1, 0.2, 0.5])
def test_the_share_is_met_with_whole_groups(share):
    clips = make_clips(40)
    drawn = draw(clips, share=share)
    assert len(drawn) == round(40 * share)
    assert len({*drawn}) == len(drawn)


def test_label_and_method_are_kept_in_proportion_where_groups_differ():
    rng = np.random.default_rng(0)
    clips = pd.DataFrame(
        {"group": [f"g{g}" for g in rng.integers(0, 60, 600)], "label": rng.integers(0, 2, 600)}
    )
    clips["method"] = np.where(clips["label"] == 1, rng.choice(["a", "b", "c"], 600), "")
    inside = clips["group"].isin(draw(clips))
    assert clips[inside]["label"].mean() == pytest.approx(clips["label"].mean(), abs=0.02)
    assert inside.mean() == pytest.approx(0.2, abs=0.02)
    shares = inside.groupby(clips["method"]).mean()
    assert (shares - 0.2).abs().max() < 0.05


def test_the_draw_depends_on_seed_and_part_and_not_on_the_order_of_the_clips():
    clips = make_clips(40)
    drawn = draw(clips).tolist()
    assert draw(clips.sample(frac=1, random_state=1)).tolist() == drawn
    assert draw(clips, seed=8).tolist() != drawn
    assert draw(clips, part="val").tolist() != drawn


def test_groups_of_each_class_are_left_over():
    # Real clips are in three groups only, of which two must be left.
    clips = pd.concat(
        [make_clips(3), make_clips(30).query("label == 1").assign(group=lambda t: "f" + t["group"])]
    )
    for seed in range(5):
        drawn = draw(clips, groups_left=2, seed=seed)
        assert sum(group.startswith("g") for group in drawn) == 1


def test_one_group_cannot_be_divided():
    with pytest.raises(DataError, match="Too few groups to split: 1 group is left to draw 'val' from"):
        draw(make_clips(1), part="val")

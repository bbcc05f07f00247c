"""Damaged copies and pictures of two people are what the notebooks show."""

import numpy as np
import pytest

from dfutils.errors import SettingsError
from dfutils.frames import Clip, FaceCrop, Sampling, inspect_clips
from dfutils.lessons import break_copies, place_side_by_side


def make_clip(value, count, size):
    return Clip(None, np.full((count, *size, 3), value, np.uint8), np.arange(count) / 25)


def test_second_clip_is_put_to_the_right_at_its_size():
    both = place_side_by_side(make_clip(10, 4, (100, 80)), make_clip(200, 3, (50, 60)), size=0.5)
    assert both.frames.shape == (3, 100, 140, 3)
    assert both.times.tolist() == [0, 0.04, 0.08]
    assert (both.frames[:, :, :80] == 10).all()
    assert (both.frames[:, :, 80:] == 200).all()


def test_first_clip_can_be_shown_for_a_moment_only():
    first = make_clip(10, 4, (40, 30))
    first.frames[:, :, 0] = 90
    both = place_side_by_side(first, make_clip(200, 4, (40, 30)), size=1.0, first_in=range(1, 3))
    assert (both.frames[1:3, :, 1:30] == 10).all()
    assert (both.frames[[0, 3], :, :30] == 90).all()
    assert (both.frames[:, :, 30:] == 200).all()


@pytest.mark.parametrize("size", [0, 1.5, -1])
def test_size_out_of_range_is_refused(size):
    clip = make_clip(10, 2, (20, 20))
    with pytest.raises(SettingsError, match=f"Received: size={size}"):
        place_side_by_side(clip, clip, size=size)


def test_damaged_copies_show_every_way_to_fail(tmp_path, make_video):
    path = make_video("a.mp4")
    content = path.read_bytes()
    copies = break_copies(path, tmp_path)
    assert path.read_bytes() == content
    report = inspect_clips(
        copies, tmp_path, sampling=Sampling(frames=4), face=FaceCrop(detector="none"), progress=False
    ).table
    status = report.set_index("clip_id")["status"]
    assert status["whole"] == "ok"
    assert status["no bytes"] == "empty"
    assert status[["a web page", "not there"]].eq("unreadable").all()
    assert (report.loc[report["clip_id"] != "whole", "reason"] != "").all()

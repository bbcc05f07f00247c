"""A rendered clip depends on its seed and numbers alone, and a forgery alters its mask alone."""

import os
import subprocess
import sys

import cv2
import numpy as np
import pytest

from dfutils.demo import METHODS, clips, render_clip
from dfutils.demo.clips import name_clip, partner_of, render_take, scheduled_method
from dfutils.errors import SettingsError


def test_every_pair_has_every_method_once():
    for first in (0, 2, 38):
        methods = [scheduled_method(person, take) for person in (first, first + 1) for take in (0, 1)]
        assert sorted(methods) == sorted(METHODS)


def test_people_come_in_pairs():
    assert [partner_of(person) for person in range(4)] == [1, 0, 3, 2]


def test_clips_are_named_by_person_take_and_method():
    assert name_clip(3, 1, None) == "person_003/take1"
    assert name_clip(3, 1, "swap") == "person_003/take1_swap"


def test_unknown_forgery_is_refused():
    with pytest.raises(SettingsError, match="Unknown forgery 'morph'"):
        render_clip(7, 0, method="morph", frames=2)


@pytest.mark.parametrize(
    "wrong", [{"seed": -1}, {"person": -1}, {"take": -1}, {"frames": 0}, {"strength": np.nan}]
)
def test_numbers_out_of_range_are_refused(wrong):
    with pytest.raises(SettingsError, match=f"Received: {next(iter(wrong))}="):
        render_clip(**{"seed": 7, "person": 0, "method": "swap"} | wrong)


@pytest.mark.slow
def test_same_seed_same_pixels_other_seed_other_person():
    first, again = render_clip(7, 0, frames=2), render_clip(7, 0, frames=2)
    assert (first.frames == again.frames).all()
    assert (first.frames != render_clip(8, 0, frames=2).frames).any()


@pytest.mark.slow
def test_a_clip_is_the_same_alone_and_with_others():
    together = render_take(7, 1, 1, [None, "swap", "blend"], frames=2)
    for method, clip in zip((None, "swap", "blend"), together, strict=True):
        alone = render_clip(7, 1, take=1, method=method, frames=2)
        np.testing.assert_array_equal(alone.frames, clip.frames)
        np.testing.assert_array_equal(alone.mask, clip.mask)


@pytest.mark.slow
def test_same_pixels_on_every_processor():
    """Without the fast paths of numpy and OpenCV, as on an older processor, every pixel is the same."""
    program = (
        "import hashlib\n"
        "from dfutils.demo import METHODS\n"
        "from dfutils.demo.clips import render_take\n"
        "for person in (3, 5, 22):\n"
        "    for clip in render_take(7, person, 0, [None, *METHODS], frames=3):\n"
        "        print(hashlib.sha256(clip.frames.tobytes() + clip.mask.tobytes()).hexdigest())\n"
    )
    extensions = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    dispatched = [name[1:] for name in cv2.getCPUFeaturesLine().split() if name[0] == "*" and name[-1] != "?"]
    plain = {"NPY_DISABLE_CPU_FEATURES": " ".join(extensions), "OPENCV_CPU_DISABLE": ",".join(dispatched)}
    usual, slow = (
        subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | extra,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for extra in ({}, plain)
    )
    assert usual == slow
    assert len(set(usual.split())) == 15


@pytest.mark.slow
def test_mask_is_where_the_forgery_differs():
    real, fake = render_take(7, 0, 0, [None, "swap"], frames=4)
    assert real.mask.sum() == 0
    change = np.abs(real.frames.astype(int) - fake.frames).mean(-1)
    inside, outside = change[fake.mask == 1].mean(), change[fake.mask == 0].mean()
    assert fake.mask.any(axis=(1, 2)).all()
    assert inside > 1.5 * outside  # outside, only the noise of the camera differs


@pytest.mark.slow
def test_nothing_but_the_masked_region_is_altered(monkeypatch):
    """Without the camera's noise, the frames are the same outside the mask."""

    class NoiselessCamera(clips.Camera):
        def shoot(self, frame):
            return cv2.GaussianBlur(frame, (0, 0), 0.55)

    monkeypatch.setattr(clips, "Camera", NoiselessCamera)
    for person in (0, 1, 2, 3):
        real, *fakes = render_take(5, person, 0, [None, *METHODS], frames=3)
        for fake in fakes:
            change = np.abs(real.frames.astype(int) - fake.frames).max(-1)
            assert change[fake.mask == 0].max() <= 1
            assert change[fake.mask == 1].mean() > 1


@pytest.mark.slow
def test_boxes_frame_the_face():
    clip = render_clip(7, 0, method="swap", frames=4)
    for mask, (x, y, width, height) in zip(clip.mask, clip.boxes, strict=True):
        inside = mask[round(y) : round(y + height), round(x) : round(x + width)]
        assert inside.sum() > 0.9 * mask.sum()

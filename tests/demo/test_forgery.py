"""Each forgery leaves its own traces, and no others."""

import cv2
import numpy as np
import pytest

from dfutils.demo import METHODS, render_clip
from dfutils.demo.clips import render_take
from dfutils.frames import Sampling, read_clip

pytestmark = pytest.mark.slow


def test_temporal_forgery_changes_more_between_frames_than_its_original():
    real, fake = render_take(7, 0, 1, [None, "temporal"], frames=16)

    def change(clip):
        smooth = np.stack([cv2.GaussianBlur(frame, (0, 0), 2) for frame in clip.frames]).astype(int)
        return np.abs(np.diff(smooth, axis=0))[:, fake.mask[0] == 1].mean()

    assert change(fake) > 1.5 * change(real)


def test_swapped_face_is_softer_than_its_original():
    real, fake = render_take(7, 0, 0, [None, "swap"], frames=4)

    def sharpness(clip):
        edges = np.stack([cv2.Laplacian(frame.mean(-1), cv2.CV_64F) for frame in clip.frames])
        inner = cv2.erode(fake.mask[0], np.ones((9, 9), np.uint8)) == 1
        return np.abs(edges[:, inner]).mean()

    assert sharpness(fake) < 0.95 * sharpness(real)


def test_reenacted_face_is_altered_below_the_eyes():
    fake = render_clip(7, 0, take=1, method="reenact", frames=2)
    rows = np.nonzero(fake.mask[0])[0]
    _, y, _, height = fake.boxes[0]
    assert rows.min() > y + 0.3 * height


@pytest.mark.parametrize("method", METHODS)
def test_the_weakest_forgery_still_alters_the_picture(method):
    real, fake = (render_clip(7, 1, method=which, strength=0, frames=2) for which in (None, method))
    soft = [cv2.GaussianBlur(clip.frames[0].astype(np.float32), (0, 0), 3) for clip in (real, fake)]
    change = np.abs(soft[0] - soft[1]).mean(-1)
    assert change[fake.mask[0] == 1].mean() > 1.1 * change[fake.mask[0] == 0].mean()


@pytest.mark.parametrize("method", METHODS)
def test_traces_grow_with_strength(method):
    def change(strength):
        real, fake = render_take(7, 2, 0, [None, method], strength=strength, frames=8)
        soft = [
            np.stack([cv2.GaussianBlur(f, (0, 0), 2) for f in clip.frames]).astype(int)
            for clip in (real, fake)
        ]
        return np.abs(np.diff(soft[0] - soft[1], axis=0)).mean() + np.abs(soft[0] - soft[1]).mean()

    assert change(0.3) < change(1.0) < change(2.0)


def test_outside_the_mask_a_forgery_looks_like_its_original(demo_dir, demo_catalog):
    """After the encoder too: brightness, sharpness and flicker differ less than between any two people."""

    def statistics(clip_id, mask):
        frames = read_clip(demo_dir / f"{clip_id}.mp4", Sampling(frames=50)).frames.mean(-1)[::7]
        sharp = np.stack([cv2.Laplacian(frame, cv2.CV_64F) for frame in frames])
        shown = np.stack([cv2.erode(1 - part, np.ones((5, 5), np.uint8)) for part in mask[::7]]) == 1
        flicker = np.abs(np.diff(frames, axis=0))[shown[1:] & shown[:-1]].mean()
        return frames[shown].mean(), frames[shown].std(), np.abs(sharp[shown]).mean(), flicker

    real, fake = [], []
    for clip_id in demo_catalog.query("label == 1")["clip_id"]:
        with np.load(demo_dir / f"masks/{clip_id}.npz") as file:
            mask = file["mask"]
        real.append(statistics(clip_id.rpartition("_")[0], mask))
        fake.append(statistics(clip_id, mask))
    apart = np.abs(np.subtract(fake, real)).mean(0)
    assert (apart < 0.1 * np.std(real, axis=0)).all()

from dataclasses import replace

import cv2
import numpy as np
import pytest

from dfutils.errors import SettingsError
from dfutils.frames.self_blending import SelfBlend, draw_blend, vary

LANDMARKS = np.array([[120, 130], [180, 130], [150, 165], [126, 195], [174, 195.0]])


@pytest.fixture(scope="module")
def picture():
    """A textured picture, uint8 [299, 299, 3]."""
    noise = np.random.default_rng(0).integers(0, 256, (299, 299, 3), np.uint8)
    return cv2.GaussianBlur(noise, (0, 0), 1.2)


def blends(count=40, **options):
    settings = SelfBlend(**options)
    return [draw_blend(np.random.default_rng(seed), settings) for seed in range(count)]


def test_outside_the_mask_nothing_is_changed(picture):
    for blend in blends():
        fake, base, mask = blend.apply(picture, LANDMARKS)
        assert fake.dtype == base.dtype == np.uint8
        assert (fake[mask == 0] == base[mask == 0]).all()
        assert 0 <= mask.min() <= mask.max() <= 1
        if blend.changes_source:
            assert (base == picture).all()


def test_the_face_is_changed(picture):
    changed = []
    for blend in blends():
        fake, base, mask = blend.apply(picture, LANDMARKS)
        inside = mask > 0.2 * mask.max()
        changed.append(np.abs(fake.astype(int) - base)[inside].mean())
    assert np.median(changed) > 3


def test_the_mask_covers_the_face_and_not_the_corners(picture):
    for blend in blends():
        _, _, mask = blend.apply(picture, LANDMARKS)
        rows, columns = np.nonzero(mask > 0.5 * mask.max())
        assert abs(columns.mean() - 150) < 40
        assert 80 < rows.mean() < 240
        for corner in (mask[:20, :20], mask[:20, -20:], mask[-20:, :20], mask[-20:, -20:]):
            assert corner.max() < 0.1


def test_without_strength_only_sharpness_differs(picture):
    for blend in blends(strength=0.0, sharpness=0.0, denoise=0.0, warp=0.0):
        fake, base, _ = blend.apply(picture, LANDMARKS)
        assert np.abs(fake.astype(int) - base).max() <= 1


def test_options_choose_what_is_changed():
    assert all(blend.changes_source for blend in blends(source=1.0))
    assert not any(blend.changes_source for blend in blends(source=0.0))
    assert {blend.region for blend in blends(regions={"mouth": 1.0})} == {"mouth"}
    assert all(blend.bend is None for blend in blends(warp=0.0))
    assert all(not blend.look.smooth for blend in blends(denoise=0.0))


def test_same_generator_gives_the_same_pseudo_fake(picture):
    first, second = (draw_blend(np.random.default_rng(3)).apply(picture, LANDMARKS) for _ in range(2))
    assert all((one == other).all() for one, other in zip(first, second, strict=True))


def test_a_face_in_a_large_frame_is_changed_like_the_same_face_in_a_small_one(picture):
    large = np.full((900, 1200, 3), 90, np.uint8)
    large[400:699, 500:799] = picture
    for blend in blends(6, source=1.0):
        _, _, mask = blend.apply(picture, LANDMARKS)
        _, _, mask_large = blend.apply(large, LANDMARKS + np.array([500, 400]))
        assert mask_large[:300].max() == 0
        assert np.abs(mask_large[400:699, 500:799] - mask).mean() < 0.05


def test_a_face_at_the_edge_is_no_error(picture):
    for shift in (-200, 200):
        for blend in blends(5):
            fake, _, _ = blend.apply(picture, LANDMARKS + shift)
            assert fake.shape == picture.shape


def test_wavering_changes_from_frame_to_frame_and_steady_does_not():
    blend = draw_blend(np.random.default_rng(0))
    steady = vary(blend, 30, np.random.default_rng(1), waver=0.0)
    assert all(one is blend for one in steady)
    wavering = vary(blend, 30, np.random.default_rng(1), waver=1.0)
    shifts = np.array([one.shift for one in wavering])
    assert len(np.unique(shifts, axis=0)) == 30
    assert np.abs(shifts - blend.shift).max() < 0.15
    assert {one.region for one in wavering} == {blend.region}
    weak = vary(blend, 30, np.random.default_rng(1), waver=0.1)
    assert np.std([one.turn for one in weak]) < np.std([one.turn for one in wavering])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"strength": 4}, "SelfBlend.strength must be from 0 to 3"),
        ({"source": -0.1}, "SelfBlend.source must be from 0 to 1"),
        ({"regions": {}}, "SelfBlend.regions"),
        ({"regions": {"nose": 1.0}}, "SelfBlend.regions"),
        ({"regions": {"mouth": 0.0}}, "SelfBlend.regions"),
    ],
)
def test_settings_out_of_range_are_refused(options, message):
    with pytest.raises(SettingsError, match=message):
        replace(SelfBlend(), **options)

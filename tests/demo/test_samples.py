"""Portraits and forgeries are taken from the data set that is there."""

import numpy as np
import pytest

from dfutils.demo import METHODS, contact_sheet, forgery_samples, portraits

pytestmark = pytest.mark.slow


def test_samples_show_every_method_inside_its_mask(demo_dir):
    samples = forgery_samples(demo_dir)
    assert samples.methods == list(METHODS)
    for original, fake, mask in zip(samples.originals, samples.fakes, samples.masks, strict=True):
        assert original.shape == fake.shape == (*mask.shape, 3)
        change = np.abs(original.astype(int) - fake).mean(-1)
        assert change[mask == 1].mean() > 2 * change[mask == 0].mean()


def test_portraits_make_a_contact_sheet(demo_dir):
    faces = portraits(demo_dir, most=5)
    assert len(faces) == 5
    assert contact_sheet(demo_dir, columns=4, side=64, most=6).shape == (128, 256, 3)

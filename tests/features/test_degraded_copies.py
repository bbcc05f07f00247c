"""Degraded copies are extracted once, and join their clips under names of their own."""

import numpy as np
import pytest

from dfutils.data import assign_splits
from dfutils.features import Backbone, ExtractionSettings, add_copies, extract, load, load_degraded
from dfutils.frames import Degradation, FaceCrop, Sampling

SETTINGS = ExtractionSettings(
    sampling=Sampling(frames=2),
    face=FaceCrop(detector="none"),
    backbone=Backbone(weights="random", layers=("mixed0",)),
)


@pytest.mark.slow
def test_copies_are_extracted_once_and_keep_label_group_and_split(demo_dir, demo_catalog, tmp_path):
    catalog = assign_splits(demo_catalog)
    extract(catalog, demo_dir, tmp_path / "features", SETTINGS, progress=False)
    train = load(tmp_path / "features", catalog, SETTINGS).part("train")
    blur = Degradation("blur", 4)
    options = {"root": demo_dir, "store": tmp_path / "degraded", "settings": SETTINGS, "progress": False}
    copies, extracted = load_degraded(catalog, blur, **options)
    assert extracted == len(copies) == len(catalog.table)
    packed, extracted = load_degraded(catalog, blur, packed=True, **options)
    assert extracted == 0
    np.testing.assert_array_equal(packed.X, copies.X)
    both = add_copies(train, {"blur:4": copies})
    assert len(both) == 2 * len(train)
    added = both.take(np.arange(len(train), len(both)))
    assert [name.removesuffix("@blur:4") for name in added.clip_ids] == train.clip_ids.tolist()
    assert set(added.splits) == {"train"}
    for name in ("y", "groups"):
        assert getattr(added, name).tolist() == getattr(train, name).tolist()
    assert np.abs(added.X - train.X).max() > 0.1
    assert both.coverage["clip_id"].tolist() == both.clip_ids.tolist()


def test_copies_of_other_clips_are_left_out(make_clips):
    clips = make_clips(8)
    first, rest = clips.take(np.arange(4)), clips.take(np.arange(4, 8))
    assert add_copies(first, {"blur:4": rest}) is first

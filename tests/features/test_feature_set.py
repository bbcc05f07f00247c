from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from dfutils.errors import DataError, SettingsError
from dfutils.features import load


def test_layer_that_the_clips_do_not_have_is_refused(filled, catalog):
    with pytest.raises(SettingsError, match=r"hold the layers mixed0, mixed2\. Received: mixed10"):
        load(filled, catalog).select("mixed10")


@pytest.mark.parametrize("rows", [[2, 0], [True, False, True], [0, 1]])
def test_some_of_the_clips_come_with_their_coverage(rows, filled, catalog):
    clips = load(filled, catalog)
    rows = np.array(rows)
    some = clips.take(rows)
    assert some.X.shape == (2, *clips.X.shape[1:])
    assert (clips.X[rows] == some.X).all()
    assert some.coverage["clip_id"].tolist() == some.clip_ids.tolist() == clips.clip_ids[rows].tolist()
    assert set(some.coverage["status"]) == {"ok"}


def test_neighbouring_clips_and_single_layers_share_memory(filled, catalog):
    clips = load(filled, catalog)
    assert np.shares_memory(clips.take(np.array([1, 2])).X, clips.X)
    assert np.shares_memory(clips.select("mixed2").X, clips.X)


def test_part_of_a_split_counts_its_unusable_clips(filled, catalog):
    test = load(filled, catalog).part("test")
    assert test.clip_ids.tolist() == ["4.mp4"]
    assert test.coverage["clip_id"].tolist() == ["notes.txt", "4.mp4"]


def test_split_without_features_is_an_error(filled, catalog):
    with pytest.raises(DataError, match="No clip of the split 'val' has features"):
        load(filled, catalog).part("val")


def test_blocks_cover_all_clips_once(make_clips):
    clips = make_clips(n=600, length=1, width=2)
    rows = np.concatenate([np.arange(600)[block] for block in clips.blocks()])
    assert rows.tolist() == list(range(600))
    assert max(len(clips.X[block]) for block in clips.blocks()) == 256


def test_fields_cannot_be_replaced(make_clips):
    with pytest.raises(FrozenInstanceError):
        make_clips().y = np.zeros(24)

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pandas as pd
import pytest

from dfutils.data import Catalog
from dfutils.errors import DataError, MissingArtefactError, SettingsError
from dfutils.features import Backbone, load
from dfutils.features.store import Store


@pytest.fixture
def two_layers(settings):
    return replace(settings, backbone=Backbone(weights="random", layers=("mixed0", "mixed2")))


@pytest.fixture
def catalog():
    """Four clips, of which one is a text file and two are short."""
    names = ["2.mp4", "1.mp4", "notes.txt", "4.mp4"]
    table = pd.DataFrame({"clip_id": names, "path": names, "label": [0, 1, 0, 1], "group": list("aabb")})
    return table.assign(method=["", "swap", "", "swap"], split=["train", "train", "test", "test"])


@pytest.fixture
def filled(catalog, make_files, make_store, two_layers):
    """A store with random features of the four clips; their lengths are 3, 2, 0 and 3 frames."""
    root = make_files()
    for name in catalog["path"]:
        (root / name).write_text(name)
    return make_store(catalog, root, two_layers)


def test_clips_that_are_ok_become_arrays(filled, catalog):
    clips = load(filled, catalog)
    assert clips.X.shape == (3, 3, 256 + 288)
    assert clips.X.dtype == np.float32
    assert clips.mask.tolist() == [[True] * 3, [True, True, False], [True] * 3]
    assert (clips.X[~clips.mask] == 0).all()
    assert (clips.X[clips.mask] != 0).any(axis=1).all()
    assert clips.y.tolist() == [0, 1, 1]
    assert clips.clip_ids.tolist() == ["2.mp4", "1.mp4", "4.mp4"]
    assert clips.groups.tolist() == ["a", "a", "b"]


def test_coverage_holds_every_clip_with_its_status(filled, catalog):
    coverage = load(filled, catalog).coverage
    assert coverage["clip_id"].tolist() == catalog["clip_id"].tolist()
    assert coverage["status"].tolist() == ["ok", "ok", "unreadable", "ok"]
    assert coverage["reason"].tolist() == ["", "", "is not a video", ""]


def test_features_are_the_stored_ones(filled, catalog, two_layers):
    clips, source = load(filled, catalog), Store(filled, two_layers)
    stored, _ = source.read(source.index()["1.mp4"]["key"])
    np.testing.assert_array_equal(clips.X[1, :2], stored.features)


def test_catalog_object_is_taken_as_well(filled, catalog):
    assert load(filled, Catalog(table=catalog)).clip_ids.tolist() == load(filled, catalog).clip_ids.tolist()


def test_layers_are_loaded_in_any_order_or_alone(filled, catalog):
    both = load(filled, catalog)
    turned = load(filled, catalog, layers=("mixed2", "mixed0"))
    assert turned.layers == ("mixed2", "mixed0")
    for layer in both.layers:
        np.testing.assert_array_equal(both.X[..., both.spans[layer]], turned.X[..., turned.spans[layer]])
    np.testing.assert_array_equal(both.select("mixed2").X, load(filled, catalog, layers=("mixed2",)).X)
    np.testing.assert_array_equal(both.select(("mixed2", "mixed0")).X, turned.X)


def test_layer_that_was_not_stored_is_refused(filled, catalog):
    with pytest.raises(SettingsError, match=r"holds the layers mixed0, mixed2\. Received: layers=mixed10"):
        load(filled, catalog, layers=("mixed10",))
    with pytest.raises(SettingsError, match=r"hold the layers mixed0, mixed2\. Received: mixed10"):
        load(filled, catalog).select("mixed10")


def test_missing_label_becomes_minus_one(filled, catalog):
    catalog["label"] = pd.array([0, None, 0, 1], "Int64")
    assert load(filled, catalog).y.tolist() == [0, -1, 1]


def test_empty_store_names_the_notebook(tmp_path, catalog):
    with pytest.raises(MissingArtefactError, match="03_feature_caching"):
        load(tmp_path / "nowhere", catalog)


def test_clip_that_was_not_extracted_is_named(filled, catalog):
    more = pd.concat([catalog, catalog.tail(1).assign(clip_id="new")], ignore_index=True)
    with pytest.raises(MissingArtefactError, match=r"1 of 5 clips are not in the store .*such as new"):
        load(filled, more)


def test_damaged_clip_is_named(filled, catalog, two_layers):
    source = Store(filled, two_layers)
    path = source.path(source.index()["1.mp4"]["key"])
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(MissingArtefactError, match=r"1 of 4 clips .*such as 1\.mp4"):
        load(filled, catalog)


def test_no_usable_clip_is_an_error_with_the_counts(filled, catalog):
    with pytest.raises(DataError, match="None of the 1 clips has features: {'unreadable': 1}"):
        load(filled, catalog[catalog["clip_id"] == "notes.txt"])


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

"""Features are loaded into memory or packed on the disk, with the same values."""

import numpy as np
import pandas as pd
import pytest

from dfutils.data import Catalog
from dfutils.errors import DataError, MissingArtefactError, SettingsError
from dfutils.features import load, loading
from dfutils.features.packed_features import PackedFeatures
from dfutils.features.store import Store


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


def assert_same(packed, ordinary):
    assert isinstance(packed.X, PackedFeatures)
    assert isinstance(ordinary.X, np.ndarray)
    np.testing.assert_array_equal(np.asarray(packed.X), ordinary.X)
    for name in ("mask", "y", "groups", "clip_ids", "splits", "seen", "face_sides"):
        np.testing.assert_array_equal(getattr(packed, name), getattr(ordinary, name))
    assert packed.spans == ordinary.spans
    pd.testing.assert_frame_equal(packed.coverage, ordinary.coverage)


@pytest.mark.parametrize("layers", [None, ("mixed2", "mixed0"), ("mixed2",)])
def test_packed_features_are_the_same(layers, filled, catalog):
    ordinary = load(filled, catalog, layers=layers, packed=False)
    packed = load(filled, catalog, layers=layers, packed=True)
    assert_same(packed, ordinary)
    for change in (
        lambda clips: clips.select("mixed2"),
        lambda clips: clips.select(tuple(reversed(clips.layers))),
        lambda clips: clips.part("train"),
        lambda clips: clips.take(np.array([2, 0])),
        lambda clips: clips.take(np.array([False, True, True])).select("mixed2"),
    ):
        assert_same(change(packed), change(ordinary))


def test_one_pack_serves_every_catalog_of_its_store(filled, catalog):
    load(filled, catalog.tail(2), packed=True)
    some = catalog.iloc[[1, 0]].reset_index(drop=True)
    assert_same(load(filled, some, packed=True), load(filled, some, packed=False))
    alone = catalog[catalog["clip_id"] == "1.mp4"]
    assert load(filled, alone, packed=True).X.shape == (1, 2, 256 + 288)
    assert len(list(filled.glob("*/pack/*.f16"))) == 1


def test_many_features_are_packed_without_being_asked(filled, catalog, monkeypatch):
    size = load(filled, catalog).X.nbytes
    monkeypatch.setattr(loading, "MOST_IN_MEMORY", size)
    assert isinstance(load(filled, catalog).X, np.ndarray)
    monkeypatch.setattr(loading, "MOST_IN_MEMORY", size - 1)
    assert isinstance(load(filled, catalog).X, PackedFeatures)
    assert isinstance(load(filled, catalog, packed=False).X, np.ndarray)


def test_two_clips_with_the_same_content_are_packed_once(filled, catalog, two_layers):
    source = Store(filled, two_layers)
    source.add_to_index([source.index()["1.mp4"] | {"clip_id": "copy"}])
    more = pd.concat([catalog, catalog[catalog["clip_id"] == "1.mp4"].assign(clip_id="copy")])
    packed = load(filled, more, packed=True)
    assert_same(packed, load(filled, more, packed=False))
    (file,) = filled.glob("*/pack/*.f16")
    assert file.stat().st_size == 2 * (256 + 288) * (3 + 2 + 3)


def test_packed_clips_do_not_need_their_files(filled, catalog, two_layers):
    before = np.asarray(load(filled, catalog, packed=True).X)
    for path in (Store(filled, two_layers).folder / "clips").iterdir():
        path.unlink()
    np.testing.assert_array_equal(load(filled, catalog, packed=True).X, before)
    with pytest.raises(MissingArtefactError, match="3 of 4 clips are not in the store"):
        load(filled, catalog, packed=False)


def test_damaged_clip_that_is_not_packed_is_named(filled, catalog, two_layers):
    source = Store(filled, two_layers)
    path = source.path(source.index()["1.mp4"]["key"])
    whole = path.read_bytes()
    path.write_bytes(whole[:-100])
    with pytest.raises(MissingArtefactError, match=r"1 of 4 clips .*such as 1\.mp4"):
        load(filled, catalog, packed=True)
    path.write_bytes(whole)
    assert_same(load(filled, catalog, packed=True), load(filled, catalog, packed=False))


def test_packing_shows_its_progress(filled, catalog, capsys):
    load(filled, catalog, packed=True, progress=False)
    assert not capsys.readouterr().err
    for path in filled.glob("*/pack/*"):
        path.unlink()
    load(filled, catalog, packed=True)
    assert "packing features: 100%" in capsys.readouterr().err

import os
import time
from dataclasses import replace

import numpy as np
import pytest

from dfutils.errors import MissingArtefactError, SettingsError, StoreError
from dfutils.features import Backbone, ExtractionSettings, StoredClip
from dfutils.features.store import Store, stored_settings
from dfutils.frames import Sampling


def make_clip(frames=3, width=256, **changes):
    values = {
        "status": "ok",
        "reason": "",
        "features": np.random.default_rng(0).normal(size=(frames, width)).astype(np.float16),
        "times": np.arange(frames) / 25,
        "boxes": np.tile([0.0, 0.0, 64.0, 64.0], (frames, 1)),
    }
    return StoredClip(**values | changes)


@pytest.fixture
def target(tmp_path, settings):
    target = Store(tmp_path / "store", settings)
    target.create()
    return target


def test_clip_is_read_as_it_was_written(target):
    clip = make_clip(reason="2 of 5 frames were lost")
    target.write("key", clip)
    read, problem = target.read("key")
    assert problem == ""
    assert (read.status, read.reason) == (clip.status, clip.reason)
    for name in ("features", "times", "boxes"):
        np.testing.assert_array_equal(getattr(read, name), getattr(clip, name))


def test_clip_that_is_not_there_has_no_problem(target):
    assert target.read("key") == (None, "")


def test_every_flipped_byte_is_noticed_or_harmless(target):
    truth = make_clip()
    target.write("key", truth)
    content = target.path("key").read_bytes()
    noticed = 0
    for position in range(0, len(content), 7):
        damaged = bytearray(content)
        damaged[position] ^= 0x55
        target.path("key").write_bytes(damaged)
        clip, problem = target.read("key")
        noticed += clip is None
        assert clip is None or (clip.features == truth.features).all()
        assert (clip is None) == bool(problem)
    assert noticed > len(content) / 7 * 0.8


def test_file_that_lost_its_end_is_damaged(target):
    target.write("key", make_clip())
    content = target.path("key").read_bytes()
    for length in (0, 100, len(content) // 2, len(content) - 1):
        target.path("key").write_bytes(content[:length])
        clip, problem = target.read("key")
        assert clip is None
        assert "damaged" in problem


def test_file_from_other_settings_is_not_used(target, settings, tmp_path):
    other = Store(tmp_path / "store", replace(settings, sampling=Sampling(frames=2)))
    other.create()
    other.write("key", make_clip(frames=2))
    target.path("key").write_bytes(other.path("key").read_bytes())
    assert target.read("key") == (None, "its stored features are from other settings")


def test_file_of_another_clip_is_not_used(target):
    target.write("first", make_clip())
    target.path("second").write_bytes(target.path("first").read_bytes())
    assert target.read("second") == (None, "its stored features belong to another clip")


@pytest.mark.parametrize(
    "changes",
    [
        {"features": np.full((3, 256), np.nan, np.float16)},
        {"features": np.full((3, 256), np.inf, np.float16)},
        {"features": np.zeros((3, 255), np.float16)},
        {"features": np.zeros((2, 256), np.float16)},
        {"features": np.zeros((3, 256), np.float32)},
        {"times": np.full(3, np.nan)},
        {"boxes": np.zeros((3, 5))},
        {"status": "fine"},
        {"status": "no_face"},
    ],
    ids=["NaN", "infinite", "narrow", "short", "float32", "times", "boxes", "unknown status", "wrong status"],
)
def test_values_that_cannot_be_right_are_not_used(target, changes):
    target.write("key", make_clip(**changes))
    assert target.read("key") == (None, "its stored features are not finite numbers, or have the wrong shape")


def test_index_keeps_the_last_row_of_a_clip(target):
    row = {"clip_id": "a", "key": "1", "status": "ok", "reason": "", "frames": 3}
    target.add_to_index([row, {**row, "clip_id": "b"}])
    target.add_to_index([{**row, "key": "2"}])
    assert {clip_id: row["key"] for clip_id, row in target.index().items()} == {"a": "2", "b": "1"}


def test_index_ignores_lines_that_are_not_rows(target):
    row = {"clip_id": "a", "key": "1", "status": "ok", "reason": "", "frames": 3}
    target.add_to_index([row])
    with (target.folder / "index.jsonl").open("a") as file:
        file.write('\n[]\n"x"\n{"clip_id": "00.mp4"}\n\x00\n' + "[" * 100_000 + "\n")
    target.add_to_index([{**row, "clip_id": "long", "frames": 4}, {**row, "clip_id": "text", "frames": "3"}])
    assert target.index() == {"a": row}


def test_index_line_cut_off_by_a_kill_costs_only_its_own_clip(target):
    row = {"clip_id": "a", "key": "1", "status": "ok", "reason": "", "frames": 3}
    target.add_to_index([row, {**row, "clip_id": "b"}])
    index = target.folder / "index.jsonl"
    index.write_text(index.read_text().rstrip()[:-20])
    target.add_to_index([{**row, "clip_id": "c"}])
    assert set(target.index()) == {"a", "c"}


def test_store_describes_its_settings(target, settings):
    assert target.folder.name == settings.fingerprint()
    assert stored_settings(target.folder) == settings


def test_description_is_written_once_and_repaired(target):
    path = target.folder / "settings.json"
    before = path.stat()
    target.create()
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert path.stat().st_ino == before.st_ino
    path.write_text("{")
    with pytest.raises(SettingsError, match=r"settings\.json is damaged .* Run the extraction again"):
        stored_settings(target.folder)
    target.create()
    assert stored_settings(target.folder) == target.settings


def test_partial_files_of_killed_processes_are_removed(target):
    target.write("key", make_clip())
    old, new = target.folder / "partial/old.npz", target.folder / "partial/new.npz"
    for path in (old, new):
        path.write_text("half a file")
    os.utime(old, (time.time() - 3600,) * 2)
    target.create()
    assert not old.exists()
    assert new.exists()


def test_folder_that_cannot_be_made_is_named(tmp_path, settings):
    (tmp_path / "store").write_text("a file is in the way")
    with pytest.raises(
        StoreError, match=r"store/\w+ cannot be written: .*Make room or choose another folder"
    ):
        Store(tmp_path / "store", settings).create()


def test_folder_that_cannot_be_written_is_named(target):
    (target.folder / "partial").write_text("a file is in the way")
    with pytest.raises(StoreError, match="cannot be written"):
        target.check_writable()
    with pytest.raises(StoreError, match="cannot be written"):
        target.write("key", make_clip())


def test_only_settings_are_opened_without_naming_them(target, settings, tmp_path):
    assert Store.only(tmp_path / "store").settings == settings


def test_default_settings_are_opened_among_several(target, tmp_path, monkeypatch, forget_weights):
    from dfutils.features import weights

    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(weights, "_IMAGENET_URL", "http://127.0.0.1:9/nothing.h5")
    Store(tmp_path / "store", ExtractionSettings()).create()
    assert Store.only(tmp_path / "store").settings == ExtractionSettings()


def test_several_settings_without_the_default_ones_must_be_named(target, settings, tmp_path):
    other = replace(settings, backbone=Backbone(weights="random", layers=("mixed2",)))
    Store(tmp_path / "store", other).create()
    with pytest.raises(MissingArtefactError, match=rf"several settings \(.*{other.fingerprint()}.*settings="):
        Store.only(tmp_path / "store")


def test_empty_store_names_the_notebook(tmp_path):
    with pytest.raises(MissingArtefactError, match="03_feature_caching"):
        Store.only(tmp_path)


def test_store_of_version_0_1_0_is_opened_and_left_as_it_is(old_store):
    before = (old_store.folder / "settings.json").read_bytes()
    store = Store.only(old_store.store)
    store.create()
    assert store.folder == old_store.folder
    assert store.settings.face.detector == "none"
    assert (old_store.folder / "settings.json").read_bytes() == before
    clip, problem = store.read(store.index()["clip"]["key"])
    assert problem == ""
    assert clip.features.shape == (2, 256)

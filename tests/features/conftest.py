"""Videos and stores that the tests of this room share."""

import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from dfutils.features import Backbone, ExtractionSettings, StoredClip, extract, weights
from dfutils.features.backbone_settings import layer_widths
from dfutils.features.clip_keys import content_key
from dfutils.features.store import Store
from dfutils.frames import FaceCrop, Sampling

_SETTINGS = ExtractionSettings(
    sampling=Sampling(frames=3),
    face=FaceCrop(detector="none"),
    backbone=Backbone(weights="random", layers=("mixed0",)),
)


@pytest.fixture
def settings():
    """Quick settings: three frames, no search for faces, one small layer."""
    return _SETTINGS


@pytest.fixture
def make_table():
    """A function that makes the catalog of all files in a folder, named by the files: `make_table(root)`."""

    def make(root):
        names = sorted(path.name for path in root.iterdir())
        return pd.DataFrame({"clip_id": names, "path": names, "label": 0, "group": "g"})

    return make


@pytest.fixture(scope="session")
def shared_videos(tmp_path_factory):
    """Twenty short clips of one to five frames. Tests must not change them."""
    from dfutils.demo import encode

    rng = np.random.default_rng(0)
    folder = tmp_path_factory.mktemp("shared") / "root"
    folder.mkdir()
    for i in range(20):
        encode(folder / f"{i:02d}.mp4", rng.integers(0, 256, (1 + i % 5, 64, 96, 3), np.uint8))
    return folder


@pytest.fixture
def root(shared_videos, tmp_path):
    """The test's own copy of the twenty clips."""
    shutil.copytree(shared_videos, tmp_path / "root")
    return tmp_path / "root"


@pytest.fixture(scope="session")
def shared_store(shared_videos, tmp_path_factory):
    """The store that `extract` makes of the twenty clips. Tests must not change it."""
    names = sorted(path.name for path in shared_videos.iterdir())
    store = tmp_path_factory.mktemp("shared") / "store"
    table = pd.DataFrame({"clip_id": names, "path": names})
    extraction = extract(table, shared_videos, store, _SETTINGS, progress=False)
    assert extraction.extracted == 20
    return store


@pytest.fixture
def store(shared_store, tmp_path):
    """The test's own copy of the store of the twenty clips."""
    shutil.copytree(shared_store, tmp_path / "store")
    return tmp_path / "store"


@pytest.fixture
def make_store(tmp_path):
    """A function that fills a store with random features, without a network: `make_store(table, root, settings)`.

    A file that is not a video gets the status `unreadable`. Returns the store's folder.
    """

    def make(table, root, settings=_SETTINGS):
        target = Store(tmp_path / "store", settings)
        target.create()
        rng = np.random.default_rng(0)
        width = sum(layer_widths(settings.backbone.layers, pooling=settings.backbone.pooling).values())
        for clip_id, path in zip(table["clip_id"], table["path"], strict=True):
            is_ok = (root / path).suffix == ".mp4"
            count = min(settings.sampling.frames, 1 + int(path[-5]) % 5) if is_ok else 0
            clip = StoredClip(
                status="ok" if is_ok else "unreadable",
                reason="" if is_ok else "is not a video",
                features=rng.normal(size=(count, width)).astype(np.float16),
                times=np.arange(count) / 25,
                boxes=np.tile([0.0, 0.0, 64.0, 64.0], (count, 1)),
            )
            key = content_key(root / path)
            target.write(key, clip)
            row = {"clip_id": clip_id, "key": key, "status": clip.status, "reason": clip.reason}
            target.add_to_index([{**row, "frames": count}])
        return tmp_path / "store"

    return make


@pytest.fixture
def two_layers(settings):
    """Quick settings with two layers."""
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


@pytest.fixture
def forget_weights():
    """What `resolve_weights` remembers is forgotten before and after the test."""
    weights._resolve.cache_clear()
    yield
    weights._resolve.cache_clear()


@pytest.fixture
def keras_3_15_1(monkeypatch, forget_weights):
    """Weights are named as by Keras 3.15.1, whose version is part of the recorded fingerprints."""
    monkeypatch.setattr(weights, "version", lambda package: {"keras": "3.15.1"}[package])


@pytest.fixture
def old_store(tmp_path, keras_3_15_1):
    """A copy of the store that version 0.1.0 filled: `.store`, `.folder` (in it) and `.videos`."""
    original = Path(__file__).parents[1] / "contract/v0.1.0"
    for name in ("features", "videos"):
        shutil.copytree(original / name, tmp_path / "old" / name)
    (folder,) = (tmp_path / "old/features").iterdir()
    return SimpleNamespace(store=folder.parent, folder=folder, videos=tmp_path / "old/videos")


@pytest.fixture
def make_adapted(tmp_path):
    """A function that writes a weights file without weights, and a record that says it has seen clips.

    `make_adapted([SeenClip(…), …], people={…})` returns the file's path.
    """
    import h5py

    from dfutils.features.view import View
    from dfutils.features.weights_record import FrameHead, WeightsRecord, mark_as_adapted, write_record

    def make(seen=(), people=None, name="adapted", view=None, details=None):
        path = tmp_path / f"{name}.weights.h5"
        with h5py.File(path, "w") as file:
            file["value"] = np.arange(3)
        mark_as_adapted(path)
        record = WeightsRecord(
            view=view or View(crop=239, side=192),
            until="mixed0",
            head=FrameHead(layer="mixed0", kernel=np.linspace(-1, 1, 256, dtype=np.float32), bias=0.25),
            seen=tuple(seen),
            people=people or {},
            details={"steps": 12} | (details or {}),
        )
        write_record(path, record)
        return path

    return make

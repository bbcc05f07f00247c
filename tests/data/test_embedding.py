"""Faces as numbers. What needs dlib runs where `dfutils[people]` is installed."""

import sys
from pathlib import Path

import numpy as np
import pytest

from dfutils.data.embedding import distances, embed_face, is_available, load_models
from dfutils.errors import DfutilsError
from dfutils.media.few_frames import read_frames

REAL = Path(__file__).resolve().parents[3] / "shared" / "real-clips"
needs_dlib = pytest.mark.skipif(not is_available(), reason="the extra dfutils[people] is not installed")
needs_real_clips = pytest.mark.skipif(not REAL.is_dir(), reason="there are no real clips next to the clone")


@pytest.fixture(autouse=True)
def fresh_models():
    """Load the models in each test that replaces a module, and leave nothing behind."""
    load_models.cache_clear()
    yield
    load_models.cache_clear()


def frames_of(name):
    return read_frames(next(REAL.glob(f"original*/**/{name}.mp4")), "video")


def test_distances_are_euclidean():
    points = np.random.default_rng(0).normal(size=(5, 7))
    np.testing.assert_allclose(
        distances(points[:3], points), np.linalg.norm(points[:3, None] - points, axis=-1), atol=1e-7
    )


@pytest.mark.parametrize("missing", ["dlib", "face_recognition_models"])
def test_a_missing_extra_is_named_with_its_command(monkeypatch, missing):
    monkeypatch.setitem(sys.modules, missing, None)
    assert not is_available()
    with pytest.raises(DfutilsError, match=r'pip install "dfutils\[people\]"'):
        load_models()


@needs_dlib
def test_models_are_found_without_pkg_resources(monkeypatch):
    monkeypatch.setitem(sys.modules, "pkg_resources", None)
    assert load_models().network


@needs_dlib
def test_the_model_that_bars_commercial_use_is_never_loaded(monkeypatch):
    import dlib

    loaded = []
    for name in ("shape_predictor", "face_recognition_model_v1"):
        model = getattr(dlib, name)
        monkeypatch.setattr(
            dlib, name, lambda path, model=model: (loaded.append(Path(path).name), model(path))[1]
        )
    load_models()
    assert sorted(loaded) == [
        "dlib_face_recognition_resnet_model_v1.dat",
        "shape_predictor_5_face_landmarks.dat",
    ]


@needs_dlib
def test_a_picture_without_a_face_has_no_embedding():
    noise = np.random.default_rng(0).integers(0, 256, (64, 96, 3), np.uint8)
    assert embed_face([noise]) is None
    assert embed_face([]) is None


@needs_dlib
@needs_real_clips
@pytest.mark.slow
def test_frames_that_show_somebody_else_do_not_change_the_embedding():
    person, passer_by = frames_of("634"), frames_of("519")
    np.testing.assert_allclose(embed_face([*person[:3], passer_by[0]]), embed_face(person[:3]))
    assert embed_face(person).shape == (128,)

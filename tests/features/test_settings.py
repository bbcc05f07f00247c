import json
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from dfutils.errors import MissingArtefactError, SettingsError
from dfutils.features import Backbone, ExtractionSettings, View
from dfutils.frames import Degradation, FaceCrop, Sampling
from dfutils.workspace import Workspace

COUNTS = st.integers(1, 500)
SHARES = st.floats(0, 1)
ANY_SETTINGS = st.builds(
    ExtractionSettings,
    sampling=st.builds(
        Sampling,
        rule=st.sampled_from(["uniform", "burst", "keyframes"]),
        frames=COUNTS,
        window=COUNTS,
        min_frames=COUNTS,
        max_side=COUNTS,
    ),
    face=st.builds(
        FaceCrop,
        detector=st.sampled_from(["mtcnn", "none"]),
        margin=st.floats(1, 3),
        look_every=COUNTS,
        look_side=COUNTS,
        min_confidence=SHARES,
        min_share=SHARES,
        align=st.booleans(),
    ),
    backbone=st.builds(
        Backbone,
        weights=st.just("random"),
        layers=st.lists(st.sampled_from([f"mixed{i}" for i in range(11)]), min_size=1, unique=True).map(
            tuple
        ),
        pooling=st.lists(
            st.sampled_from(["mean", "deviation", "maximum", "grid"]), min_size=1, unique=True
        ).map(tuple),
        view=st.builds(
            View, crop=st.integers(37, 149).map(lambda half: 2 * half + 1), side=st.integers(75, 299)
        ),
        precision=st.sampled_from(["float32", "bfloat16"]),
        seed=st.integers(0, 3),
    ),
    degradation=st.none()
    | st.builds(Degradation, st.just("h264"), st.floats(0, 51))
    | st.builds(Degradation, st.just("resolution"), st.floats(0.01, 1)),
)
# One other value for each option, so that each can be changed by itself.
CHANGES = {
    "sampling": {"rule": "burst", "frames": 21, "window": 6, "min_frames": 2, "max_side": 640},
    "face": {
        "detector": "none",
        "margin": 1.4,
        "look_every": 4,
        "look_side": 320,
        "min_confidence": 0.8,
        "min_share": 0.4,
        "align": True,
    },
    "backbone": {
        "layers": ("mixed2",),
        "pooling": ("mean", "maximum"),
        "view": View(crop=239, side=192),
        "precision": "bfloat16",
        "seed": 8,
    },
}
DEFAULT = ExtractionSettings(backbone=Backbone(weights="random"))
# Recorded with version 0.1.0 and Keras 3.15.1.
FINGERPRINTS = {
    "6349216b0e04": DEFAULT,
    "a1f6c5d5cb3a": ExtractionSettings(
        sampling=Sampling(frames=2),
        face=FaceCrop(detector="none"),
        backbone=Backbone(weights="random", layers=("mixed0",)),
    ),
    "f2161a28d9dc": ExtractionSettings(
        sampling=Sampling(rule="burst", frames=30, window=6, min_frames=3, max_side=640),
        face=FaceCrop(margin=1.5, look_every=2, look_side=320, min_confidence=0.8, min_share=0.25),
        backbone=Backbone(weights="random", layers=("mixed2", "mixed10"), precision="bfloat16", seed=8),
    ),
    "819d8328009d": ExtractionSettings(
        sampling=Sampling(rule="keyframes"),
        face=FaceCrop(detector="none"),
        backbone=Backbone(weights="random"),
        degradation=Degradation("h264", 35),
    ),
}


@given(ANY_SETTINGS)
@hypothesis_settings(deadline=None, max_examples=100)
def test_settings_survive_a_round_trip_through_json(settings):
    assert ExtractionSettings.from_dict(json.loads(json.dumps(settings.to_dict()))) == settings


@given(ANY_SETTINGS, ANY_SETTINGS)
@hypothesis_settings(deadline=None, max_examples=100)
def test_fingerprint_is_the_same_exactly_for_the_same_settings(first, second):
    assert (first.fingerprint() == second.fingerprint()) == (first == second)
    assert replace(first).fingerprint() == first.fingerprint()


@pytest.mark.parametrize(
    ("stage", "option"), [(stage, option) for stage in CHANGES for option in CHANGES[stage]]
)
def test_every_option_changes_the_fingerprint(stage, option):
    changed = replace(getattr(DEFAULT, stage), **{option: CHANGES[stage][option]})
    assert replace(DEFAULT, **{stage: changed}).fingerprint() != DEFAULT.fingerprint()


def test_no_option_was_forgotten_above():
    stages = {"sampling": Sampling, "face": FaceCrop, "backbone": Backbone}
    # The crops' size is fixed for InceptionV3; weights count by their content (see test_weights.py).
    assert {(stage, field.name) for stage, kind in stages.items() for field in fields(kind)} == {
        ("face", "size"),
        ("backbone", "weights"),
        *((stage, option) for stage in CHANGES for option in CHANGES[stage]),
    }


def test_degradation_changes_the_fingerprint():
    degraded = [replace(DEFAULT, degradation=Degradation("h264", crf)) for crf in (35, 40)]
    assert len({settings.fingerprint() for settings in (DEFAULT, *degraded)}) == 3


@pytest.mark.parametrize("fingerprint", FINGERPRINTS)
def test_fingerprint_is_the_one_that_version_0_1_0_gave(fingerprint, keras_3_15_1):
    assert FINGERPRINTS[fingerprint].fingerprint() == fingerprint


def test_detector_is_read_under_the_name_of_version_0_1_0():
    described = replace(DEFAULT, face=FaceCrop(detector="none")).to_dict()
    assert described["face"]["detector"] == "none"
    assert "face" not in described["face"]
    described["face"]["face"] = described["face"].pop("detector")
    assert ExtractionSettings.from_dict(described).face.detector == "none"


def test_settings_of_a_run_are_those_that_it_recorded(home):
    run = Workspace("mine")
    with pytest.raises(MissingArtefactError, match="03_feature_caching"):
        ExtractionSettings.of_run(run)
    settings = replace(DEFAULT, sampling=Sampling(rule="burst", frames=6), face=FaceCrop(detector="none"))
    run.remember(features=settings.to_dict())
    assert ExtractionSettings.of_run(run) == settings


@pytest.mark.parametrize(
    "damage",
    [
        lambda values: values["sampling"].update(speed=3),
        lambda values: values["face"].update(face="none"),
        lambda values: values["sampling"].update(frames="many"),
        lambda values: values.update(backbone="InceptionV3"),
        lambda values: values.update(face="mtcnn"),
        lambda values: values.pop("sampling"),
    ],
    ids=["unknown option", "both names", "text for a number", "no layers", "text for options", "missing"],
)
def test_unknown_or_missing_options_are_refused(damage):
    values = json.loads(json.dumps(DEFAULT.to_dict()))
    damage(values)
    with pytest.raises(SettingsError):
        ExtractionSettings.from_dict(values)


def test_numbers_of_numpy_are_written_as_plain_numbers():
    settings = replace(DEFAULT, sampling=Sampling(frames=np.int64(5)))
    assert settings.fingerprint() == replace(DEFAULT, sampling=Sampling(frames=5)).fingerprint()
    assert ExtractionSettings.from_dict(json.loads(json.dumps(settings.to_dict()))) == settings


def test_crops_of_another_size_are_refused():
    with pytest.raises(SettingsError, match=r"299 pixels\. Received: FaceCrop\.size=224"):
        ExtractionSettings(face=FaceCrop(size=224))


def test_options_are_given_by_name():
    with pytest.raises(TypeError, match="positional"):
        ExtractionSettings(Sampling())


def test_pinned_settings_name_the_weights_that_are_available(tmp_path, monkeypatch, forget_weights):
    from dfutils.features import weights

    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(weights, "_IMAGENET_URL", "http://127.0.0.1:9/nothing.h5")
    settings = ExtractionSettings()
    assert settings.pinned().backbone.weights == "random"
    assert settings.pinned().pinned() == settings.pinned()

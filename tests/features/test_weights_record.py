import json
import os

import numpy as np
import pytest

from dfutils.errors import SettingsError, WeightsError
from dfutils.features import Backbone, ExtractionSettings, View, resolve_weights
from dfutils.features.weights_record import SeenClip, read_record, record_path

CLIP = SeenClip(key="a" * 32, clip_id="real/1", group="person 1", part="train")


def test_record_is_written_and_read_back(make_adapted):
    path = make_adapted([CLIP], people={"person 1": [[0.5] * 128]})
    assert record_path(path).name == "adapted.json"
    record = read_record(path)
    assert record.seen == (CLIP,)
    assert record.groups == {"person 1"}
    assert record.view == View(crop=239, side=192)
    assert record.people == {"person 1": [[0.5] * 128]}
    assert record.details == {"steps": 12}
    np.testing.assert_allclose(record.head.kernel, np.linspace(-1, 1, 256), rtol=1e-6)


def test_weights_bring_their_view_and_record(make_adapted):
    weights = resolve_weights(Backbone(weights=str(make_adapted([CLIP]))))
    assert weights.kind == "file"
    assert weights.view == View(crop=239, side=192)
    assert weights.record.seen == (CLIP,)


def test_weights_adapted_from_random_ones_keep_their_warning(make_adapted):
    assert resolve_weights(Backbone(weights=str(make_adapted()))).note == ""
    path = make_adapted(name="taught", details={"started_from": {"kind": "random", "random": True}})
    assert "adapted from seeded weights" in resolve_weights(Backbone(weights=str(path))).note


def test_other_weights_have_no_record(tmp_path):
    import h5py

    with h5py.File(tmp_path / "plain.weights.h5", "w") as file:
        file["value"] = [1]
    (tmp_path / "no.weights.h5").write_text("not HDF5")
    for name in ("plain", "no"):
        weights = resolve_weights(Backbone(weights=str(tmp_path / f"{name}.weights.h5")))
        assert weights.record is None
        assert weights.view is None


def test_missing_record_is_an_error_that_says_what_to_do(make_adapted):
    path = make_adapted([CLIP])
    record_path(path).unlink()
    with pytest.raises(WeightsError, match=r"its record adapted.json is missing.*dfutils adapt"):
        resolve_weights(Backbone(weights=str(path)))


def test_record_of_another_file_is_refused(make_adapted):
    first, second = make_adapted([CLIP]), make_adapted(name="other", view=View(crop=199, side=100))
    import h5py

    with h5py.File(second, "a") as file:
        file["more"] = [1]
    record_path(first).write_bytes(record_path(first).read_bytes())
    with pytest.raises(WeightsError, match=r"other.json is the record of another weights file"):
        read_record(second)


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda text: json.dumps({**json.loads(text), "format": 99}),
        lambda text: json.dumps({**json.loads(text), "view": {"crop": 2, "side": 1}}),
        lambda text: json.dumps({**json.loads(text), "head": {"layer": "mixed0", "kernel": [1], "bias": 0}}),
        lambda text: json.dumps({**json.loads(text), "seen": [{"key": "x"}]}),
        lambda text: "[]",
    ],
)
def test_damaged_record_is_refused(make_adapted, damage):
    path = make_adapted([CLIP])
    record_path(path).write_text(damage(record_path(path).read_text()))
    with pytest.raises(WeightsError, match=r"adapted.json.*dfutils adapt"):
        read_record(path)


def test_renamed_weights_are_not_taken_for_others(make_adapted, tmp_path):
    path = make_adapted([CLIP])
    path.rename(tmp_path / "renamed.h5")
    with pytest.raises(WeightsError, match="its record renamed.json is missing"):
        read_record(tmp_path / "renamed.h5")


def test_name_of_adapted_weights_must_end_in_weights_h5(tmp_path):
    for name in ("a.h5", ".weights.h5", "weights"):
        with pytest.raises(SettingsError, match=r"must end in \.weights\.h5"):
            record_path(tmp_path / name)


def test_new_file_under_the_same_name_is_noticed(make_adapted):
    path = make_adapted([CLIP])
    backbone = Backbone(weights=str(path))
    before = resolve_weights(backbone)
    os.utime(path, ns=(1, 1))
    make_adapted(view=View(crop=199, side=100))
    after = resolve_weights(backbone)
    assert after.view == View(crop=199, side=100)
    assert before.identity != after.identity


def test_view_is_part_of_the_fingerprint(make_adapted):
    paths = [
        make_adapted(name=name, view=view) for name, view in (("a", None), ("b", View(crop=99, side=99)))
    ]
    fingerprints = {ExtractionSettings(backbone=Backbone(weights=str(path))).fingerprint() for path in paths}
    assert len(fingerprints) == 2


def test_view_of_the_settings_must_not_contradict_the_weights(make_adapted):
    from dfutils.features.backbone import resolve_view

    weights = resolve_weights(Backbone(weights=str(make_adapted())))
    assert resolve_view(Backbone(), weights) == weights.view
    assert resolve_view(Backbone(view=weights.view), weights) == weights.view
    with pytest.raises(SettingsError, match=r"was adapted with View\(crop=239, side=192, mirror=False\)"):
        resolve_view(Backbone(view=View(crop=199, side=192)), weights)

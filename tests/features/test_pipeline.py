from dataclasses import replace

import numpy as np
import pytest

from dfutils.errors import WeightsError
from dfutils.features import Backbone, clip_job, extract, extract_clip, load, pipeline

pytestmark = pytest.mark.slow


def test_batches_hold_crops_of_several_clips_and_change_nothing(
    root, make_table, settings, tmp_path, monkeypatch
):
    batches = []
    build = pipeline.build_backbone

    class Counting:
        def __init__(self, model):
            self.model = model

        def predict_on_batch(self, crops):
            batches.append(len(crops))
            return self.model.predict_on_batch(crops)

    monkeypatch.setattr(pipeline, "build_backbone", lambda backbone: Counting(build(backbone)))
    extraction = extract(make_table(root), root, tmp_path / "store", settings, progress=False)
    assert extraction.table["status"].eq("ok").all()
    assert (extraction.table["seconds"] > 0).all()
    assert batches == [32, sum(min(3, 1 + i % 5) for i in range(20)) - 32]
    clips = load(tmp_path / "store", make_table(root))
    for i, name in enumerate(clips.clip_ids):
        alone = extract_clip(root / name, settings)
        np.testing.assert_array_equal(alone.features, clips.X[i][clips.mask[i]].astype(np.float16))


def test_failure_of_every_clip_in_the_same_way_stops_the_run(
    root, make_table, settings, tmp_path, monkeypatch
):
    def fail(*_, **__):
        raise KeyError("a programming mistake")

    monkeypatch.setattr(clip_job, "read_clip", fail)
    with pytest.raises(RuntimeError, match=r"20 clips all failed in the same way .*a programming mistake"):
        extract(make_table(root), root, tmp_path / "store", settings, progress=False)
    few = extract(make_table(root).head(3), root, tmp_path / "store", settings, progress=False)
    assert set(few.table["status"]) == {"unreadable"}


def test_weights_that_give_infinite_values_are_named(root, make_table, settings, tmp_path):
    import keras

    network = keras.applications.InceptionV3(include_top=False, weights=None, input_shape=(299, 299, 3))
    activation = network.get_layer("mixed0").input[0]._keras_history.operation
    norm = activation.input._keras_history.operation
    beta, *statistics = norm.get_weights()
    norm.set_weights([beta + 1e6, *statistics])
    network.save_weights(tmp_path / "bad.weights.h5")
    backbone = Backbone(weights=str(tmp_path / "bad.weights.h5"), layers=("mixed0",))
    with pytest.raises(WeightsError, match=r"bad\.weights\.h5.*00\.mp4"):
        extract(
            make_table(root), root, tmp_path / "store", replace(settings, backbone=backbone), progress=False
        )


class SmallMemory:
    """A network on a card that holds at most ten crops at once."""

    def __init__(self, network):
        self.network, self.sizes = network, []

    def predict_on_batch(self, crops):
        import tensorflow as tf

        self.sizes.append(len(crops))
        if len(crops) > 10:
            raise tf.errors.ResourceExhaustedError(None, None, "no memory left")
        return self.network.predict_on_batch(crops)


def test_batches_on_a_gpu_shrink_until_they_fit(root, make_table, settings, tmp_path, monkeypatch):
    plain = extract(make_table(root), root, tmp_path / "plain", settings, progress=False)
    monkeypatch.setattr(pipeline, "has_gpu", lambda: True)
    network = SmallMemory(pipeline.build_backbone(settings.backbone))
    monkeypatch.setattr(pipeline, "build_backbone", lambda backbone: network)
    found = extract(make_table(root), root, tmp_path / "gpu", settings, progress=False)
    crops = sum(min(3, 1 + i % 5) for i in range(20))
    assert network.sizes[:4] == [crops, crops // 2, crops // 4, crops // 8]
    assert max(network.sizes[4:]) <= crops // 8
    assert found.table["status"].tolist() == plain.table["status"].tolist()
    one, other = (load(tmp_path / name, make_table(root)) for name in ("plain", "gpu"))
    np.testing.assert_array_equal(one.X, other.X)


def test_card_without_room_for_one_crop_is_an_error(root, settings, monkeypatch):
    import tensorflow as tf

    class NoMemory:
        def predict_on_batch(self, crops):
            raise tf.errors.ResourceExhaustedError(None, None, "no memory left")

    monkeypatch.setattr(pipeline, "build_backbone", lambda backbone: NoMemory())
    with pytest.raises(tf.errors.ResourceExhaustedError):
        extract_clip(root / "03.mp4", settings)


def test_all_cores_decode_next_to_a_gpu(monkeypatch):
    monkeypatch.setattr(pipeline.os, "cpu_count", lambda: 64)
    assert pipeline._default_workers(False) == 8
    assert pipeline._default_workers(True) == 64
    monkeypatch.setattr(pipeline.os, "cpu_count", lambda: 1)
    assert pipeline._default_workers(False) == 2

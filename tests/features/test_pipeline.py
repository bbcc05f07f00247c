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

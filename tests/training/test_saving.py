"""A saved model scores the same when it is loaded; no other file is taken for one."""

import subprocess
import sys

import numpy as np
import pytest

from dfutils.errors import DataError, MissingArtefactError, SettingsError
from dfutils.training import GRUDetector, GRUSettings, build_gru, load_model, predict, save_model


def test_missing_model_names_its_notebook(tmp_path):
    with pytest.raises(MissingArtefactError, match="04_gru_training"):
        load_model(tmp_path / "gru.keras")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("gru.keras", b"not a model", r"gru\.keras is not a model that dfutils saved: it is damaged"),
        ("model.h5", b"", r"its name does not end in \.keras"),
    ],
)
def test_other_files_are_refused(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=message):
        load_model(tmp_path / name)


@pytest.mark.slow
def test_saved_model_scores_the_same(make_clips, tmp_path):
    clips, model = make_clips(12), build_gru(6, GRUSettings(units=4))
    save_model(model, tmp_path / "gru.keras")
    loaded = load_model(tmp_path / "gru.keras")
    np.testing.assert_allclose(predict(loaded, clips), predict(model, clips), atol=1e-6)
    assert [path.name for path in tmp_path.iterdir()] == ["gru.keras"]


@pytest.mark.slow
def test_saved_model_scores_the_same_in_a_fresh_process(make_clips, tmp_path):
    clips = make_clips(12)
    settings = GRUSettings(units=4, depth=2, bidirectional=True, differences=True)
    detector = GRUDetector(settings=settings, epochs=1).fit(clips, make_clips(8, seed=1))
    detector.save(tmp_path / "gru.keras")
    np.savez(tmp_path / "clips.npz", X=clips.X, mask=clips.mask)
    code = (
        "import sys, numpy as np; from dfutils.training import load_model\n"
        "data = dict(np.load(sys.argv[1] + '/clips.npz'))\n"
        "model = load_model(sys.argv[1] + '/gru.keras')\n"
        "scores = model.predict({'features': data['X'], 'mask': data['mask']}, verbose=0)\n"
        "np.save(sys.argv[1] + '/scores.npy', scores[:, 0])"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, capture_output=True)
    np.testing.assert_allclose(np.load(tmp_path / "scores.npy"), detector.score(clips), atol=1e-6)


@pytest.mark.slow
def test_model_that_contains_code_is_refused(tmp_path):
    import keras

    features = keras.Input((None, 6), name="features")
    model = keras.Model(features, keras.layers.Lambda(lambda x: x * 2, name="standardise")(features))
    model.save(tmp_path / "gru.keras")
    with pytest.raises(DataError, match="not a model that dfutils saved: it contains code"):
        load_model(tmp_path / "gru.keras")


@pytest.mark.slow
def test_model_with_other_inputs_is_refused(tmp_path):
    import keras

    inputs = keras.Input((None, 6))
    keras.Model(inputs, keras.layers.Normalization(name="standardise")(inputs)).save(tmp_path / "other.keras")
    with pytest.raises(DataError, match="does not take the inputs features and mask"):
        load_model(tmp_path / "other.keras")


@pytest.mark.slow
def test_model_of_another_program_is_refused(tmp_path):
    import keras

    inputs = keras.Input((6,))
    keras.Model(inputs, keras.layers.Dense(1)(inputs)).save(tmp_path / "other.keras")
    with pytest.raises(DataError, match="not a model that dfutils saved: .*standardise"):
        load_model(tmp_path / "other.keras")


def test_model_is_saved_under_a_name_that_can_be_loaded(tmp_path):
    with pytest.raises(SettingsError, match=r"must end in \.keras.*model\.h5"):
        save_model(None, tmp_path / "model.h5")
    assert not list(tmp_path.iterdir())

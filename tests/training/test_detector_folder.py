"""A detector's folder needs nothing else, and whatever is wrong with it gets a clear message."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from dfutils.errors import (
    DataError,
    DfutilsError,
    MissingArtefactError,
    SettingsError,
    StoreError,
    WeightsError,
)
from dfutils.features import Backbone, ExtractionSettings
from dfutils.features.weights_record import FrameHead
from dfutils.training import (
    ConstantBaseline,
    Decision,
    Detector,
    FrameScoreDetector,
    GRUDetector,
    GRUSettings,
    MeanPooledBaseline,
    TemporalBaseline,
    load_detector,
    load_gru,
    save_detector,
)
from dfutils.workspace import Workspace

SETTINGS = ExtractionSettings(backbone=Backbone(weights="random", layers=("mixed2", "mixed10")))
HEAD = FrameHead(layer="mixed2", kernel=np.array([1.0, -2.0, 0.5], np.float32), bias=0.3)
KINDS = {
    "gru": GRUDetector(settings=GRUSettings(units=4, differences=True), layers=("mixed10",), epochs=2),
    "constant": ConstantBaseline(),
    "linear_mean": MeanPooledBaseline(),
    "linear_temporal": TemporalBaseline(),
    "frame_scores": FrameScoreDetector(HEAD),
}


@pytest.fixture
def parts(make_clips):
    return make_clips(24), make_clips(12, seed=1)


@pytest.fixture
def save(parts, tmp_path):
    """A function that fits a detector and saves it: `save(kind, …)` returns the fitted detector and the folder."""

    def save_one(kind="linear_temporal", name="saved", **options):
        fitted = KINDS[kind].fit(*parts, seed=7)
        options = {"settings": SETTINGS, "data": "test data", **options}
        return fitted, save_detector(tmp_path / name, fitted, *parts, **options)

    return save_one


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_loaded_detector_scores_the_same_also_where_it_was_moved_to(save, parts, tmp_path, kind):
    decision = Decision(temperature=1.5, real_below=0.3, fake_from=0.7, promised=0.1, groups=6)
    fitted, folder = save(kind, decision=decision)
    moved = tmp_path / "elsewhere" / "renamed"
    moved.parent.mkdir()
    shutil.move(folder, moved)
    loaded = load_detector(moved)
    assert isinstance(loaded, Detector)
    assert loaded.name == fitted.name
    assert loaded.decision == decision
    np.testing.assert_allclose(loaded.detector.score(parts[1]), fitted.score(parts[1]), atol=1e-6)
    np.testing.assert_allclose(loaded.score(parts[1]), decision.calibrate(fitted.score(parts[1])), atol=1e-6)
    expected = {"frame_scores": ("mixed2",)}.get(kind, ("mixed2", "mixed10"))
    assert loaded.settings.backbone.layers == expected
    assert loaded.trained_on["training"] == {"clips": 24, "fake": 12, "real": 12, "groups": 12}
    again = loaded.fit(*parts, seed=7)
    np.testing.assert_allclose(again.score(parts[1]), fitted.score(parts[1]), atol=1e-5)


@pytest.mark.slow
def test_scores_are_the_same_in_another_process(save, parts):
    fitted, folder = save("gru")
    code = (
        "import sys, numpy as np\n"
        "from dfutils.training import load_detector\n"
        "model = load_detector(sys.argv[1]).detector.model\n"
        "inputs = {'features': np.full((1, 2, 3), 0.5, 'float32'), 'mask': np.ones((1, 2), bool)}\n"
        "print(float(model.predict(inputs, verbose=0)[0, 0]))\n"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=True
    ).stdout
    inputs = {"features": np.full((1, 2, 3), 0.5, "float32"), "mask": np.ones((1, 2), bool)}
    expected = fitted.model.predict(inputs, verbose=0)[0, 0]
    assert float(printed.splitlines()[-1]) == pytest.approx(float(expected), abs=1e-6)


def test_card_names_the_clips_that_were_given_as_those_of_the_training(make_clips, tmp_path):
    from dfutils.training import ConstantBaseline

    clips = make_clips(24)
    fitted, some = ConstantBaseline().fit(clips), clips.take(np.arange(6))
    save_detector(tmp_path / "d", fitted, some, some, settings=SETTINGS, trained_on=(clips, some))
    card = (tmp_path / "d/MODEL_CARD.md").read_text()
    assert "training: 24 clips" in card
    assert "validation: 6 clips" in card


def test_card_says_what_the_detector_is_and_what_not_to_use_it_for(save):
    auc = {"auc": {"value": 0.8, "low": 0.6, "high": 0.9}}
    _, folder = save(scores={"test clips": auc}, decision=Decision(promised=0.1, groups=6))
    card = (folder / "MODEL_CARD.md").read_text()
    for words in (
        "# logistic regression on temporal statistics",
        "Data set: test data. training: 24 clips (12 real, 12 fake) of 12 groups",
        "On test clips: AUC 0.80 [0.60, 0.90].",
        "at most 10% are expected to be wrong",
        "Do not use its verdict as the only evidence about a person",
        "not for judging real videos",  # the weights are seeded
    ):
        assert words in card, words


def test_a_new_detector_replaces_the_old_one_and_nothing_else_is_overwritten(save, tmp_path):
    save("constant")
    _, folder = save("linear_mean")
    assert load_detector(folder).name == "mean-pooled logistic regression"
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "diary.txt").touch()
    with pytest.raises(StoreError, match="holds something other than a detector"):
        save("constant", name="mine")


def test_full_disk_keeps_the_old_detector(save, monkeypatch):
    _, folder = save("constant")

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(StoreError, match=r"cannot be saved in .*No space left on device"):
        save("linear_mean")
    monkeypatch.undo()
    assert load_detector(folder).name == "constant"


def test_missing_parts_and_damage_are_named(save, tmp_path):
    with pytest.raises(MissingArtefactError, match=r"no detector in .*nowhere.*Notebooks 04, 05, 07"):
        load_detector(tmp_path / "nowhere")
    for name in ("model.npz", "familiarity.npz", "MODEL_CARD.md"):
        _, folder = save()
        (folder / name).unlink()
        with pytest.raises(DataError, match=f"incomplete: {name} is missing"):
            load_detector(folder)
        _, folder = save()
        content = bytearray((folder / name).read_bytes())
        content[len(content) // 2] ^= 1
        (folder / name).write_bytes(content)
        with pytest.raises(DataError, match=f"damaged .{name} has changed since it was saved"):
            load_detector(folder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda facts: "{", "damaged"),
        (lambda facts: "[]", "not the description of a detector"),
        (lambda facts: facts | {"format": 99}, "format 99.*reads format 1.*Install the version"),
        (lambda facts: facts | {"kind": "oracle"}, "unknown kind 'oracle'"),
        (lambda facts: facts | {"decision": {"power": 1}}, "damaged .TypeError"),
        (lambda facts: {name: facts[name] for name in facts if name != "model"}, "damaged .KeyError"),
        (lambda facts: facts | {"model": facts["model"] | {"width": 5}}, "does not take 5 features"),
        (
            lambda facts: (
                facts | {"extraction": facts["extraction"] | {"backbone": {"weights": "/etc/passwd"}}}
            ),
            "damaged",
        ),
    ],
)
def test_changed_descriptions_are_refused(save, change, message):
    _, folder = save()
    path = folder / "detector.json"
    changed = change(json.loads(path.read_text()))
    path.write_text(changed if isinstance(changed, str) else json.dumps(changed))
    with pytest.raises(DataError, match=message):
        load_detector(folder)


@pytest.mark.slow
def test_code_in_a_folder_is_never_run(save, tmp_path):
    import keras

    _, folder = save("gru")
    stolen = tmp_path / "ran"
    lines = f"lambda x: (__import__('pathlib').Path({str(stolen)!r}).touch(), x)[1]"
    evil = keras.Sequential([keras.Input((3,)), keras.layers.Lambda(eval(lines))])
    evil.save(folder / "model.keras")
    stolen.unlink(missing_ok=True)
    rewrite_checksum(folder, "model.keras")
    with pytest.raises(DataError, match=r"model\.keras is not a model"):
        load_detector(folder)
    assert not stolen.exists()


def test_pickled_arrays_are_refused(save, tmp_path):
    _, folder = save()
    np.savez(folder / "model.npz", kernel=np.array([print], object), mean=[0], scale=[1], bias=0.0)
    rewrite_checksum(folder, "model.npz")
    with pytest.raises(DataError, match="allow_pickle"):
        load_detector(folder)


def rewrite_checksum(folder, name):
    """Change the description so that it names the file as it is now, as somebody who tampers with it would."""
    import hashlib

    path = folder / "detector.json"
    facts = json.loads(path.read_text())
    facts["files"][name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    path.write_text(json.dumps(facts))


def test_other_weights_than_those_of_the_training_are_refused(save):
    _, folder = save()
    path = folder / "detector.json"
    facts = json.loads(path.read_text())
    path.write_text(json.dumps(facts | {"weights": facts["weights"] | {"identity": "others"}}))
    with pytest.raises(WeightsError, match="trained with other weights .* needs others; here are random"):
        load_detector(folder)


def test_imagenet_weights_that_are_not_available_say_what_to_do(save, monkeypatch):
    _, folder = save()
    path = folder / "detector.json"
    facts = json.loads(path.read_text())
    facts["extraction"]["backbone"]["weights"] = "imagenet"
    path.write_text(json.dumps(facts))
    monkeypatch.setattr("dfutils.features.weights._imagenet_file", lambda: (None, "no network"))
    with pytest.raises(WeightsError, match="needs weights that are not available.*no network.*or put"):
        load_detector(folder)


@pytest.mark.slow
def test_weights_from_a_file_are_in_the_folder(save, parts, tmp_path):
    from dfutils.features.backbone import load_inception
    from dfutils.features.weights import resolve_weights

    path = tmp_path / "own.weights.h5"
    load_inception(resolve_weights(Backbone(weights="random")), 7, side=75).save_weights(path)
    backbone = replace(SETTINGS.backbone, weights=str(path))
    _, folder = save(settings=replace(SETTINGS, backbone=backbone))
    path.unlink()
    loaded = load_detector(folder)
    assert loaded.settings.backbone.weights == str(folder / "backbone.weights.h5")
    assert loaded.notes == ()


def test_only_fitted_detectors_of_a_known_kind_are_saved(parts, tmp_path):
    with pytest.raises(DfutilsError, match="not fitted"):
        save_detector(tmp_path / "a", TemporalBaseline(), *parts, settings=SETTINGS)

    class Own(ConstantBaseline):
        pass

    with pytest.raises(SettingsError, match="A Own cannot be saved as a folder. Save one of: GRUDetector"):
        save_detector(tmp_path / "a", Own().fit(parts[0]), *parts, settings=SETTINGS)
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_gru_of_a_workspace_has_everything_it_was_trained_with(parts, home):
    run = Workspace("mine")
    with pytest.raises(MissingArtefactError, match="01_data_loading"):
        load_gru(run)
    options = {"epochs": 2, "batch_size": 8, "balance_classes": True, "pairs": True}
    detector = GRUDetector(settings=GRUSettings(units=4), layers=("mixed10",), **options)
    fitted = detector.fit(*parts)
    save_detector(run.models / "gru", fitted, *parts, settings=SETTINGS)
    loaded = load_gru(run)
    assert loaded == fitted
    assert loaded.directory == run.trainings
    save_detector(run.models / "gru", ConstantBaseline().fit(parts[0]), *parts, settings=SETTINGS)
    with pytest.raises(DataError, match="is not a GRU"):
        load_gru(run)

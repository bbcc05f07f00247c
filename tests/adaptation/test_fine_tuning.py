"""The whole adaptation, with a small network on small pictures."""

import json
from dataclasses import replace

import numpy as np
import pytest

from dfutils.adaptation import adapt, prepare_crops, trainer
from dfutils.errors import DataError, SettingsError, StoreError
from dfutils.evaluation import evaluate
from dfutils.features import Backbone, ExtractionSettings, View, extract, load, resolve_weights
from dfutils.frames import FaceCrop, Sampling
from dfutils.training import FrameScoreDetector

pytestmark = pytest.mark.slow


def test_the_network_learns_and_the_record_says_what_it_has_seen(run, quick, tmp_path):
    result = run(steps=40, settings=replace(quick, fakes="auto"))
    assert any("No face was found in any real training crop" in remark for remark in result.remarks)
    assert result.record.details["fakes"] == "real"
    written = sorted(path.name for path in tmp_path.glob("adapted*"))
    assert written == ["adapted.json", "adapted.scores.csv", "adapted.weights.h5"]
    predictions = result.predictions
    assert set(predictions["split"]) == {"val", "test"}
    assert evaluate(predictions[predictions["split"] == "test"], n_bootstrap=0).table.loc["auc", "value"] == (
        pytest.approx(result.results.query("split == 'test' and unit == 'clip'")["value"].iloc[0])
    )
    results = result.results.set_index(["split", "unit"])
    assert results.loc[("test", "frame"), "value"] > 0.9
    assert results.loc[("test", "clip"), "n_groups"] == 2
    record = result.record
    assert record.view == View(crop=299, side=75, mirror=True)
    seen = {clip.group for clip in record.seen}
    assert seen == {f"person_{group}" for group in range(6)}
    assert {clip.part for clip in record.seen} == {"train", "val"}
    assert record.details["data"]["groups"] == 6
    assert record.details["steps"] == 40
    assert len(result.curves) == 10
    assert result.curves["step"].tolist()[-1] == 40
    written = json.loads((tmp_path / "adapted.json").read_text())
    assert str(tmp_path) not in json.dumps(written)


def test_weights_are_used_like_any_others_and_give_the_same_scores(run, tmp_path):
    result = run(steps=25)
    settings = ExtractionSettings(
        sampling=Sampling(frames=2),
        face=FaceCrop(detector="none"),
        backbone=Backbone(weights=str(result.path), layers=("mixed0",)),
    )
    catalog = run.table.assign(split=run.table["split"].replace("", "train"))
    extract(catalog, run.root, tmp_path / "store", settings, progress=False)
    clips = load(tmp_path / "store", catalog, settings)
    assert (clips.seen[clips.splits == "test"] == "").all()
    assert (clips.seen[clips.splits == "train"] != "").all()
    detector = FrameScoreDetector.of_weights(result.path)
    test = clips.part("test")
    from sklearn.metrics import roc_auc_score

    auc = roc_auc_score(test.y, detector.score(test))
    reported = result.results.query("split == 'test' and unit == 'clip' and method == ''")["value"].item()
    assert auc == pytest.approx(reported, abs=0.13)  # features are stored with three digits
    np.testing.assert_allclose(
        detector.score(test), np.nanmean(detector.frame_scores(test), axis=1), rtol=1e-12
    )
    wrong = catalog.assign(split="test")
    with pytest.raises(DataError, match="InceptionV3 was adapted with"):
        load(tmp_path / "store", wrong, settings)
    with pytest.raises(SettingsError, match="needs the features of mixed0"):
        detector.score(replace(test, spans={"mixed2": slice(0, 256)}))


def test_crops_are_kept_for_other_adaptations(run, tmp_path, monkeypatch, quick):
    options = {"settings": quick, "face": FaceCrop(detector="none"), "progress": False}
    table = prepare_crops(run.table, run.root, tmp_path / "crops", **options)
    assert table["status"].tolist() == ["ok"] * 32
    names = [path.name for path in (tmp_path / "crops").rglob("*.npy")]
    assert len([name for name in names if not name.endswith(".landmarks.npy")]) == 32
    monkeypatch.setattr("dfutils.features.clip_job.read_clip", None)  # no clip is read again
    assert run(steps=2, name="other", crops=tmp_path / "crops").record.details["steps"] == 2


def test_output_folder_names_the_file_by_all_that_decides_it(write_pictures, tmp_path, quick):
    table, root = write_pictures(splits={6: "test", 7: "test"})

    def run_into(**options):
        options = {
            "minutes": 5,
            "steps": 1,
            "settings": quick,
            "weights": "random",
            "progress": False,
        } | options
        return adapt(table, root, tmp_path / "models", face=FaceCrop(detector="none"), **options)

    first = run_into()
    assert first.path.parent == tmp_path / "models"
    assert run_into().was_done
    others = [run_into(minutes=4), run_into(settings=replace(quick, seed=8))]
    assert len({first.path, *(other.path for other in others)}) == 3


def test_two_runs_of_one_seed_agree(run):
    first, second = run(name="first"), run(name="second")
    np.testing.assert_allclose(first.record.head.kernel, second.record.head.kernel, atol=1e-6)
    assert first.results.equals(second.results)


def test_finished_adaptation_is_not_run_again_and_never_overwritten(run, tmp_path):
    first = run(steps=3)
    again = run(steps=3)
    assert again.was_done
    assert again.record.seen == first.record.seen
    with pytest.raises(DataError, match=r"adapted\.weights\.h5 exists already"):
        run(steps=4)


def test_budget_too_small_for_one_pass_says_what_was_reached(run):
    result = run(steps=1)
    assert any("too small for one pass over the" in remark for remark in result.remarks)


def test_full_disk_is_named_and_the_training_is_kept(run, monkeypatch):
    def full(self, path):
        raise OSError(28, "No space left on device")

    save = trainer.AdaptedNetwork.save
    monkeypatch.setattr(trainer.AdaptedNetwork, "save", full)
    with pytest.raises(StoreError, match=r"No space left on device\. The training is kept"):
        run(steps=3)
    monkeypatch.setattr(trainer.AdaptedNetwork, "save", save)
    monkeypatch.setattr(trainer.AdaptedNetwork, "step", None)  # no further step is taken
    assert run(steps=3).record.details["steps"] == 3


def test_pseudo_fakes_alone(run, monkeypatch, quick):
    places = np.array([[120, 130], [180, 130], [150, 165], [126, 195], [174, 195.0]])
    monkeypatch.setattr(
        "dfutils.adaptation.crops.find_landmarks", lambda pictures: np.tile(places, (len(pictures), 1, 1))
    )
    result = run(steps=6, settings=replace(quick, fakes="pseudo"))
    assert {clip.clip_id.split("/")[0] for clip in result.record.seen} == {"real"}
    assert result.record.details["fakes"] == "pseudo"
    assert set(result.results.query("split == 'test' and unit == 'clip'")["n_fake"]) == {4}
    assert result.results.query("split == 'val' and unit == 'frame'")["n_fake"].iloc[0] > 0


def test_last_blocks_only_and_frozen_statistics(run, quick):
    settings = replace(quick, until="mixed1", frozen_until="mixed0", batch_norm="frozen")
    result = run(steps=2, settings=settings)
    network = resolve_weights(Backbone(weights=str(result.path)))
    assert network.record.until == "mixed1"
    from dfutils.features.backbone import load_inception

    before = load_inception(resolve_weights(Backbone(weights="random")), 7, side=75)
    after = load_inception(network, 7, side=75)
    changed = {
        layer.name
        for layer, other in zip(before.layers, after.layers, strict=True)
        if any(
            not np.array_equal(*pair) for pair in zip(layer.get_weights(), other.get_weights(), strict=True)
        )
    }
    names = [layer.name for layer in before.layers]
    assert changed
    assert min(map(names.index, changed)) > names.index("mixed0")
    assert max(map(names.index, changed)) < names.index("mixed1")
    assert not any("batch_norm" in name for name in changed)


def test_people_and_seen_clips_of_the_weights_to_start_from_are_kept(run, monkeypatch):
    monkeypatch.setattr("dfutils.data.people.embed_people", lambda *_, **__: {"person_0": [[0.5] * 128]})
    first = run(steps=2, people=True)
    again = run(steps=2, name="again", weights=str(first.path))
    assert again.record.people == {"person_0": [[0.5] * 128]}
    assert len(again.record.seen) == 2 * len(first.record.seen)


def test_options_are_checked_before_anything_is_read(run, tmp_path):
    with pytest.raises(SettingsError, match="above 0"):
        run(minutes=0)
    with pytest.raises(SettingsError, match="steps must be"):
        run(steps=0)
    with pytest.raises(SettingsError, match=r"\.weights\.h5"):
        adapt(run.table, run.root, tmp_path / "a.h5")

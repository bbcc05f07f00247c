import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from dfutils.adaptation.crops import Crops
from dfutils.adaptation.scoring import (
    Sample,
    check_has_crops,
    clip_predictions,
    evaluate_frames,
    pictures_of,
    sample_crops,
    thin_out,
)
from dfutils.errors import DataError

LANDMARKS = np.array([[120, 130], [180, 130], [150, 165], [126, 195], [174, 195.0]])


@pytest.fixture
def crops(tmp_path):
    """A real clip of ten crops, without a face in the last five, and a fake clip of two."""
    rows = []
    for number, (label, frames) in enumerate(((0, 10), (1, 2))):
        key = f"{number + 1:032x}"
        pictures = np.random.default_rng(number).integers(0, 256, (frames, 299, 299, 3), np.uint8)
        np.save(tmp_path / f"{key}.npy", pictures)
        landmarks = np.tile(LANDMARKS, (frames, 1, 1))
        landmarks[5:] = np.nan
        np.save(tmp_path / f"{key}.landmarks.npy", landmarks)
        facts = {
            "clip_id": f"c{number}",
            "key": key,
            "group": f"g{number}",
            "method": "swap" if label else "",
        }
        rows.append(facts | {"label": label, "frames": frames, "status": "ok"})
    return Crops(tmp_path, pd.DataFrame(rows))


def test_crops_are_spread_over_each_clip(crops):
    table = sample_crops(crops, crops.table, fakes="real", per_clip=4).table
    assert table.loc[table["clip_id"] == "c0", "frame"].tolist() == [0, 3, 6, 9]
    assert table.loc[table["clip_id"] == "c1", "frame"].tolist() == [0, 1]
    assert not table["pseudo"].any()


def test_pseudo_fakes_are_added_where_a_face_was_found(crops, quick):
    sample = sample_crops(crops, crops.table[:1], fakes="pseudo", per_clip=10)
    assert sample.has_both_classes
    assert sample.table.loc[sample.table["pseudo"], "frame"].tolist() == [0, 1, 2, 3, 4]
    pictures = pictures_of(crops, sample, quick)
    real, fake = (np.flatnonzero(sample.table["pseudo"] == pseudo)[0] for pseudo in (False, True))
    assert (pictures[real] != pictures[fake]).any()
    assert (pictures_of(crops, sample, quick) == pictures).all()


def test_thinning_out_keeps_both_classes():
    table = pd.DataFrame({"label": [0] * 50 + [1] * 4, "frame": range(54)})
    thin = thin_out(Sample(table), 20).table
    assert thin["label"].value_counts().to_dict() == {0: 10, 1: 4}
    assert thin["frame"].is_monotonic_increasing
    assert len(thin_out(Sample(table.iloc[:0]), 20)) == 0


def test_results_by_frame_clip_and_method():
    rng = np.random.default_rng(0)
    scored = pd.DataFrame(
        [
            {"clip_id": f"c{clip}", "group": f"g{clip // 3}", "frame": frame, "label": int(clip % 3 > 0),
             "method": ("", "swap", "mouth")[clip % 3], "pseudo": False, "score": rng.random()}
            for clip in range(30) for frame in range(4)
        ]
    )  # fmt: skip
    results = pd.DataFrame(evaluate_frames(scored, "test")).set_index(["unit", "method"])
    assert list(results.index) == [(u, m) for u in ("frame", "clip") for m in ("", "mouth", "swap")]
    assert results.loc[("frame", ""), "value"] == pytest.approx(
        roc_auc_score(scored["label"], scored["score"])
    )
    by_clip = scored.groupby("clip_id").agg({"label": "first", "score": "mean", "method": "first"})
    part = by_clip[by_clip["method"] != "mouth"]
    assert results.loc[("clip", "swap"), "value"] == pytest.approx(
        roc_auc_score(part["label"], part["score"])
    )
    assert results["n_groups"].unique().tolist() == [10]
    assert (results["low"] <= results["value"]).all() and (results["value"] <= results["high"]).all()
    assert evaluate_frames(scored.assign(label=1), "test") == []


def test_score_of_a_clip_is_the_mean_over_its_crops(crops):
    sample = sample_crops(crops, crops.table, fakes="pseudo", per_clip=10).table
    scored = sample.assign(score=np.linspace(0, 1, len(sample)))
    rows = pd.concat([crops.table, crops.table.iloc[[0]].assign(clip_id="lost", status="no_face", frames=0)])
    predictions = clip_predictions(rows.assign(split="test"), scored)
    assert list(predictions) == ["clip_id", "label", "group", "method", "split", "status", "score"]
    real = scored[(scored["clip_id"] == "c0") & ~scored["pseudo"]]
    assert predictions["score"][0] == pytest.approx(real["score"].mean())
    assert np.isnan(predictions["score"][2])


def test_missing_crops_are_an_error():
    with pytest.raises(DataError, match="No training clip has a face crop within the budget"):
        check_has_crops(pd.DataFrame(), "training")

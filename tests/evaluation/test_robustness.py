import numpy as np
import pytest

from dfutils.evaluation import evaluate_degraded, predictions_table
from dfutils.features import Backbone, ExtractionSettings, extract, load
from dfutils.frames import Degradation, FaceCrop, Sampling


def test_degraded_clips_are_scored_beside_themselves_and_cached(demo_dir, demo_catalog, tmp_path):
    settings = ExtractionSettings(
        sampling=Sampling(frames=2),
        face=FaceCrop(detector="none"),
        backbone=Backbone(weights="random", layers=("mixed0",)),
    )
    extract(demo_catalog, demo_dir, tmp_path / "features", settings, progress=False)
    clips = load(tmp_path / "features", demo_catalog, settings)
    seen = []

    def score(part):  # a detector that calls bright clips fake, and sees blurred ones worse
        seen.append(part.X.mean())
        return 1 / (1 + np.exp(-5 * (part.X.mean((1, 2)) - part.X.mean())))

    predictions = predictions_table(clips.coverage, clips.clip_ids, score(clips))
    given = demo_catalog, demo_dir, tmp_path / "degraded", settings, score, predictions
    options = {"n_bootstrap": 50, "progress": False}
    wanted = [Degradation("blur", 4), Degradation("noise", 20)]
    table = evaluate_degraded(*given, wanted, **options)
    assert table.index.tolist() == ["as they are", "blur:4", "noise:20"]
    assert table["scored"].tolist() == ["24 of 24"] * 3
    assert table["change"].tolist() == pytest.approx((table["auc"] - table["auc"].iloc[0]).tolist())
    assert table.attrs["clips_extracted"] == 48
    assert len(set(np.round(seen, 4))) == 3
    again = evaluate_degraded(*given, wanted, **options)
    assert again.attrs["clips_extracted"] == 0
    assert again.drop(columns="scored").equals(table.drop(columns="scored"))

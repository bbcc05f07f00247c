"""Degraded clips are scored like the clips as they are, and their features are stored."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from dfutils.errors import DataError, SettingsError
from dfutils.evaluation import DEGRADATIONS, evaluate_degraded, list_degradations, score
from dfutils.features import Backbone, ExtractionSettings, extract, load
from dfutils.frames import Degradation, FaceCrop, Sampling

SETTINGS = ExtractionSettings(
    sampling=Sampling(frames=2),
    face=FaceCrop(detector="none"),
    backbone=Backbone(weights="random", layers=("mixed0",)),
)


@dataclass
class Brightness:
    """A detector that calls bright clips fake."""

    name: str = "brightness"
    middle: float = 0.0
    seen: list[float] = field(default_factory=list)  # the mean feature of each set of clips that was scored

    def fit(self, train, val, *, seed):
        return Brightness(middle=float(train.X.mean()))

    def score(self, clips):
        self.seen.append(float(clips.X.mean()))
        return 1 / (1 + np.exp(-5 * (clips.X.mean((1, 2)) - self.middle)))


@pytest.mark.slow
def test_degraded_clips_are_scored_next_to_the_clips_as_they_are_and_stored(demo_dir, demo_catalog, tmp_path):
    extract(demo_catalog, demo_dir, tmp_path / "features", SETTINGS, progress=False)
    clips = load(tmp_path / "features", demo_catalog, SETTINGS)
    detector = Brightness().fit(clips, clips, seed=7)
    test = clips.take(np.arange(12))
    predictions = score(detector, test)
    options = {
        "root": demo_dir,
        "store": tmp_path / "degraded",
        "settings": SETTINGS,
        "degradations": [Degradation("blur", 4), Degradation("noise", 20)],
        "n_bootstrap": 50,
        "progress": False,
    }
    first = evaluate_degraded(detector, demo_catalog, predictions, **options)
    table = first.table
    assert table.index.tolist() == ["as they are", "blur:4", "noise:20"]
    assert table["scored"].tolist() == ["12 of 12"] * 3
    assert table["change"].tolist() == pytest.approx((table["auc"] - table["auc"].iloc[0]).tolist())
    assert first.extracted == 24
    # Each degradation changes what the detector sees.
    assert len({round(mean, 4) for mean in detector.seen}) == 3
    again = evaluate_degraded(detector, demo_catalog, predictions, **options)
    assert again.extracted == 0
    assert again.table.equals(table)
    assert again.display.loc["as they are", "change"] == "–"
    assert again.display.loc["blur:4", "AUC"].startswith(f"{table.loc['blur:4', 'auc']:.2f}")


def test_predictions_of_clips_that_are_not_in_the_catalog_are_refused(make_clips, make_catalog, tmp_path):
    clips = make_clips(6)
    detector = Brightness().fit(clips, clips, seed=7)
    with pytest.raises(DataError, match="'clip000'"):
        evaluate_degraded(
            detector,
            make_catalog(),
            score(detector, clips),
            root=tmp_path,
            store=tmp_path / "degraded",
            settings=SETTINGS,
        )


def test_without_a_root_a_plain_table_is_refused(make_clips, make_catalog, tmp_path):
    clips = make_clips(6)
    detector = Brightness().fit(clips, clips, seed=7)
    with pytest.raises(DataError, match="root"):
        evaluate_degraded(
            detector, make_catalog(), score(detector, clips), store=tmp_path / "degraded", settings=SETTINGS
        )


def test_the_usual_degradations_are_two_strengths_of_each_kind():
    kinds = [degradation.kind for degradation in DEGRADATIONS]
    assert {kind: kinds.count(kind) for kind in kinds} == {"h264": 2, "resolution": 2, "blur": 2, "noise": 2}


def test_a_text_names_degradations():
    assert list_degradations("h264:40, blur:2,h264:40") == (Degradation("h264", 40), Degradation("blur", 2))
    assert list_degradations("all") == DEGRADATIONS
    assert list_degradations("none") == list_degradations(" ") == ()
    with pytest.raises(SettingsError, match="all"):
        list_degradations("blur:2,all")

import pandas as pd
import pytest

from dfutils.features import Backbone, ExtractionSettings
from dfutils.frames import FaceCrop, Sampling
from dfutils.lessons import compare_cold_and_warm, demonstrate_cache, fingerprint_changes

SETTINGS = ExtractionSettings(
    sampling=Sampling(frames=3),
    face=FaceCrop(detector="none"),
    backbone=Backbone(weights="random", layers=("mixed0",)),
)


@pytest.mark.slow
def test_warm_run_extracts_nothing_and_is_faster(make_video):
    video = make_video("clip.mp4", frames=5)
    catalog = pd.DataFrame({"clip_id": ["clip"], "path": [video.name]})
    runs = compare_cold_and_warm(catalog, video.parent, SETTINGS).set_index("run")
    assert runs["clips_extracted"].to_dict() == {"cold": 1, "warm": 0}
    assert 0 < runs.loc["warm", "seconds"] < runs.loc["cold", "seconds"]


def test_without_clips_there_is_nothing_to_compare(tmp_path):
    catalog = pd.DataFrame({"clip_id": [], "path": []})
    assert compare_cold_and_warm(catalog, tmp_path, SETTINGS).empty


@pytest.mark.parametrize(
    "settings",
    [
        SETTINGS,
        ExtractionSettings(
            sampling=Sampling(rule="burst"),
            backbone=Backbone(
                weights="random", layers=tuple(f"mixed{i}" for i in range(11)), precision="bfloat16"
            ),
        ),
    ],
    ids=["few layers", "all layers"],
)
def test_every_changed_setting_has_a_folder_of_its_own(settings):
    changes = fingerprint_changes(settings)
    assert list(changes) == ["settings", "folder"]
    assert changes["folder"].iloc[0] == settings.fingerprint()
    assert changes["folder"].is_unique


@pytest.mark.parametrize("layers", [("mixed2", "mixed7", "mixed10"), ("mixed10", "mixed0"), ("mixed7",)])
def test_any_layers_can_be_changed(layers):
    changes = fingerprint_changes(ExtractionSettings(backbone=Backbone(weights="random", layers=layers)))
    assert changes["folder"].is_unique


@pytest.mark.slow
def test_content_counts_and_a_damaged_file_is_replaced(make_video):
    first, second = make_video("first.mp4", frames=5), make_video("second.mp4", frames=4)
    before = first.read_bytes(), second.read_bytes()
    events = demonstrate_cache(first, second, SETTINGS)
    assert list(events) == ["event", "clips_extracted", "status", "reason"]
    assert events["clips_extracted"].tolist() == [1, 0, 0, 1, 0, 1]
    assert "damaged" in events["reason"].iloc[-1]
    assert (first.read_bytes(), second.read_bytes()) == before

import pytest

from dfutils.features import Backbone, ExtractionSettings
from dfutils.frames import FaceCrop, Sampling
from dfutils.lessons import demonstrate_cache


@pytest.mark.slow
def test_content_counts_and_a_damaged_file_is_replaced(make_video):
    settings = ExtractionSettings(
        sampling=Sampling(frames=3),
        face=FaceCrop(detector="none"),
        backbone=Backbone(weights="random", layers=("mixed0",)),
    )
    first, second = make_video("first.mp4", frames=5), make_video("second.mp4", frames=4)
    before = first.read_bytes(), second.read_bytes()
    events = demonstrate_cache(first, second, settings)
    assert list(events) == ["event", "clips_extracted", "status", "reason"]
    assert events["clips_extracted"].tolist() == [1, 0, 0, 1, 0, 1]
    assert "damaged" in events["reason"].iloc[-1]
    assert (first.read_bytes(), second.read_bytes()) == before

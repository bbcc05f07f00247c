import json

import numpy as np

from dfutils.detection import Detection
from dfutils.detection.detection import COLUMNS


def test_result_without_a_score_has_a_row_and_json_without_numbers():
    result = Detection(path="a.mp4", status="empty", reason="has no bytes")
    assert list(result.row) == list(COLUMNS)
    assert result.row["score"] is None
    assert json.loads(json.dumps(result.to_dict(), allow_nan=False))["frame_scores"] == []


def test_json_holds_the_scores_of_all_frames_and_none_for_undefined_ones():
    result = Detection(
        path="a.mp4",
        status="ok",
        score=0.25,
        verdict="real",
        remarks=("its face is small",),
        frame_scores=np.array([0.25]),
        influence=np.array([np.nan]),
        times=np.array([0.0]),
        boxes=np.array([[1.0, 2, 3, 4]]),
    )
    found = json.loads(json.dumps(result.to_dict(), allow_nan=False))
    assert found["influence"] == [None]
    assert found["boxes"] == [[1, 2, 3, 4]]
    assert found["unlike"] == ["its face is small"]
    assert found["frames"] == 1

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


def person(score, **options):
    return Detection(
        path="a.mp4", status="ok", score=score, verdict="fake" if score > 0.5 else "real", **options
    )


def test_most_fake_person_decides_and_everybody_has_a_row():
    people = [person(0.2, seconds=1.0), person(0.9, seconds=2.0, reason="damaged"), person(0.6)]
    found = Detection.of_people(people)
    assert (found.score, found.verdict, found.seconds) == (0.9, "fake", 3.0)
    assert found.reason == "3 people: this is the verdict on person 2, the most fake one; damaged"
    assert [(row["person"], row["score"]) for row in found.rows] == [(1, 0.2), (2, 0.9), (3, 0.6)]
    assert [one["score"] for one in found.to_dict()["people"]] == [0.2, 0.9, 0.6]


def test_file_that_changed_while_it_was_judged_has_no_verdict():
    refused = Detection(path="a.mp4", status="unreadable", reason="changed")
    assert Detection.of_people([refused, person(0.9)]) is refused


def test_one_person_is_the_result():
    only = person(0.3)
    assert Detection.of_people([only]) is only
    assert [row["person"] for row in only.rows] == [1]


def test_pictures_of_all_people_are_freed():
    crops = np.zeros((2, 299, 299, 3), np.uint8)
    found = Detection.of_people([person(0.3, crops=crops), person(0.4, crops=crops)]).without_pictures()
    assert [len(one.crops) for one in (found, *found.people)] == [0, 0, 0]

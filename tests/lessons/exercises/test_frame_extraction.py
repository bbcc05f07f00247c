import numpy as np
import pytest

from dfutils.frames import FaceCrop
from dfutils.lessons import exercises


def test_crop_side(check_replies):
    wrong = {156: "shorter side", 150: "without the margin", 151.3: "a factor", 1: "times the margin"}
    check_replies(lambda answer: exercises.crop_side(answer, width=120, height=150, margin=1.3), 195, wrong)


def test_first_sample(check_replies):
    wrong = {0: "the first frame", 0.5: "end of the first part", 6: "number of the frame", 3.3: "equal parts"}
    check_replies(lambda answer: exercises.first_sample(answer, count=250, rate=25.0, frames=20), 0.25, wrong)


def test_two_frames_are_in_the_middle_of_each_half(check_replies, make_video):
    video = make_video("clip.mp4", frames=100)
    wrong = [
        ([0.0, 3.96], "first and the last frame"),
        ([1000, 3000], "milliseconds"),
        ([1.0], "has the shape 2; yours has 1"),
        ("soon", "an array of numbers"),
        ([2.0, 2.1], "two parts"),
    ]
    check_replies(lambda answer: exercises.two_frames(answer, video), np.array([1.0, 3.0]), wrong)


@pytest.mark.slow
def test_predicted_statuses_are_those_of_real_files(check_replies):
    right = {
        "empty.mp4": "empty",
        "error page.mp4": "unreadable",
        "grey.png": "no_face",
        "deleted.mp4": "unreadable",
    }
    wrong = [
        (right | {"error page.mp4": "empty"}, "Look at 'error page.mp4' again. dfutils says"),
        (right | {"grey.png": "ok"}, "Look at 'grey.png' again"),
        (right | {"grey.png": "strange"}, "Look at 'grey.png' again"),
    ]
    check_replies(lambda answer: exercises.predicted_statuses(answer, face=FaceCrop()), right, wrong)


def test_statuses_of_other_files_are_asked_for(capsys):
    exercises.predicted_statuses({"empty.mp4": "empty"}, face=FaceCrop(detector="none"))
    assert "give each of these files a status: empty.mp4, error page.mp4" in capsys.readouterr().out
    exercises.predicted_statuses(
        dict.fromkeys(("empty.mp4", "error page.mp4", "grey.png", "deleted.mp4"), ""),
        face=FaceCrop(detector="none"),
    )
    assert "Set `answer` first" in capsys.readouterr().out

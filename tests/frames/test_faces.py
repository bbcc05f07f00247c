"""The main face is found, followed and cropped without distortion."""

import numpy as np
import pytest

from dfutils.errors import ClipError, SettingsError
from dfutils.frames import (
    Clip,
    FaceCrop,
    Sampling,
    crop_all_faces,
    crop_faces,
    faces,
    read_clip,
)
from dfutils.frames.tracking import MainFace
from dfutils.lessons import place_side_by_side


def blank_clip(count=21, size=100):
    return Clip(None, np.zeros((count, size, size, 3), np.uint8), np.arange(float(count)))


@pytest.fixture
def follow(monkeypatch):
    """A function that lets the main face be where `find(i)` says in the i-th frame: box and confidence, or None.

    The landmarks are in the places of an upright face inside the box. In frames with no face, `others` says whether
    there is another one.
    """
    places = np.array([[0.3, 0.4], [0.7, 0.4], [0.5, 0.6], [0.35, 0.8], [0.65, 0.8]])

    def let(find, others=False):
        def main_face(frames, **_):
            rows = np.full((len(frames), 15), np.nan)
            for i, row in enumerate(rows):
                if (found := find(i)) is not None:
                    row[:5] = found
                    row[5:] = (row[:2] + places * row[2:4]).ravel()
            present = np.isfinite(rows).all(axis=1)
            return MainFace(rows, np.ones(len(frames), bool), present, ~present & others)

        monkeypatch.setattr(faces, "follow_main_face", main_face)

    return let


@pytest.mark.slow
def test_face_is_found_and_cropped_square(make_video):
    track = crop_faces(read_clip(make_video("a.mp4", face=True), Sampling(frames=6)))
    assert track.crops.shape == (6, 299, 299, 3)
    assert track.crops.dtype == np.uint8
    assert track.boxes.shape == (6, 4)
    assert track.looked.tolist() == [True, False, False, False, False, True]
    assert track.positions.tolist() == list(range(6))


@pytest.mark.slow
def test_the_larger_of_two_faces_is_followed(make_video):
    clip = read_clip(make_video("a.mp4", face=True), Sampling(frames=5))
    both = place_side_by_side(clip, clip, size=0.5)
    track = crop_faces(both)
    centres = track.boxes[:, 0] + track.boxes[:, 2] / 2
    assert (centres < 384).all()


@pytest.mark.slow
def test_noise_has_no_face(make_video):
    with pytest.raises(ClipError) as caught:
        crop_faces(read_clip(make_video("a.mp4")))
    assert caught.value.status == "no_face"


def test_without_a_detector_the_middle_square_is_taken(make_video):
    clip = read_clip(make_video("a.mp4"))
    track = crop_faces(clip, FaceCrop(detector="none", size=64))
    assert track.boxes[0].tolist() == [16, 0, 64, 64]
    np.testing.assert_array_equal(track.crops, clip.frames[:, :, 16:80])
    assert not track.looked.any()
    assert (track.confidence == 1).all()


def test_only_frames_with_the_main_face_are_cropped(follow):
    follow(lambda i: None if i in (3, 4) else [10.0 + i, 20, 30, 40, 0.99])
    clip = blank_clip(count=10)
    clip.frames[5] = 7
    track = crop_faces(clip, FaceCrop(size=50))
    assert track.positions.tolist() == [0, 1, 2, 5, 6, 7, 8, 9]
    assert track.crops.shape == (8, 50, 50, 3)
    assert (track.crops[3] == 7).all()
    np.testing.assert_allclose(track.boxes[:, 0], 10 + track.positions)
    assert track.landmarks.shape == (8, 5, 2)
    np.testing.assert_allclose(track.landmarks[:, 2], track.boxes[:, :2] + [15, 24])
    assert track.found.tolist() == [True] * 3 + [False] * 2 + [True] * 5
    assert track.note == "no face in 2 of 10 frames"


def test_frames_with_only_another_face_are_counted_apart(follow):
    follow(lambda i: [10, 20, 50, 50, 0.9] if i < 12 else None, others=np.arange(20) < 15)
    track = crop_faces(blank_clip(count=20))
    assert track.note == (
        "no face in 5 of 20 frames, only another face in 3 of 20 frames; crops of 65 pixels, enlarged 4.6 times"
    )


@pytest.mark.parametrize(
    ("present", "others", "reason"),
    [
        (0, 0, "a face in 0 of 20 frames"),
        (9, 0, "a face in 9 of 20 frames"),
        (4, 16, "the main face in 4 of 20 frames, only another face in 16"),
        (6, 3, "the main face in 6 of 20 frames, only another face in 3"),
        (10, 0, None),
        (5, 5, None),
    ],
)
def test_a_face_in_too_few_frames_is_no_face(follow, present, others, reason):
    follow(
        lambda i: [10, 20, 100, 100, 0.9] if i < present else None, others=np.arange(20) < present + others
    )
    if reason is None:
        assert len(crop_faces(blank_clip(count=20)).crops) == present
        return
    with pytest.raises(ClipError) as caught:
        crop_faces(blank_clip(count=20))
    assert (caught.value.status, caught.value.reason) == ("no_face", reason)


def test_the_share_of_frames_that_must_show_a_face_can_be_chosen(follow):
    follow(lambda i: [10, 20, 100, 100, 0.9] if i == 0 else None)
    assert len(crop_faces(blank_clip(count=20), FaceCrop(min_share=0.05)).crops) == 1
    with pytest.raises(ClipError):
        crop_faces(blank_clip(count=20), FaceCrop(min_share=0.06))


def test_unknown_detector_is_refused_with_the_known_ones():
    with pytest.raises(SettingsError, match="FaceCrop.detector must be one of mtcnn, none. Received: 'haar'"):
        FaceCrop(detector="haar")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("size", 0), ("look_every", 2.5), ("look_side", "480"), ("margin", 0.5), ("margin", np.nan)),
        *(("min_share", 1.5), ("min_share", -0.1), ("min_confidence", np.nan)),
    ],
)
def test_number_out_of_range_is_refused(name, value):
    with pytest.raises(SettingsError, match=f"FaceCrop.{name} must be .*Received: {value!r}"):
        FaceCrop(**{name: value})


def test_options_are_given_by_name():
    with pytest.raises(TypeError):
        FaceCrop("none")


def test_clips_can_be_aligned(follow):
    follow(lambda i: [10.0, 20, 30, 40, 0.99])
    clip = blank_clip()
    clip.frames[:, 20:60, 10:40] = 200
    aligned = crop_faces(clip, FaceCrop(align=True))
    assert aligned.crops.shape == (21, 299, 299, 3)
    assert (aligned.crops[:, 149, 149] == 200).all()


@pytest.mark.parametrize(("side", "note"), [(100, "crops of 130 pixels, enlarged 2.3 times"), (150, "")])
def test_a_small_face_that_is_enlarged_much_is_said(follow, side, note):
    follow(lambda i: [40, 40, side, side - 10, 0.99])
    track = crop_faces(blank_clip(size=400))
    assert track.enlargement == pytest.approx(299 / (1.3 * side))
    assert track.note == note
    crop = crop_faces(blank_clip(size=side), FaceCrop(detector="none"))
    assert crop.enlargement == pytest.approx(299 / side)


@pytest.fixture(scope="module")
def three_people():
    """Three rendered people next to each other; the third one is there in the first of the six frames only."""
    from dfutils.demo import render_clip

    first, second, third = (
        Clip(None, render_clip(7, person, frames=6).frames, np.arange(6) / 25) for person in (0, 1, 2)
    )
    both = place_side_by_side(first, second, size=0.8)
    return place_side_by_side(third, both, size=1.0, first_in=[0])


@pytest.mark.slow
def test_everybody_gets_crops_and_the_first_one_is_the_main_face(three_people):
    main = crop_faces(three_people)
    found = crop_all_faces(three_people)
    np.testing.assert_array_equal(found[0].crops, main.crops)
    np.testing.assert_array_equal(found[0].boxes, main.boxes)
    assert len(found) == 2  # who is there for a moment is not followed
    assert [len(track.positions) for track in found] == [6, 6]
    left, right = sorted(track.boxes[:, 0].mean() for track in found)
    assert right - left > 200
    assert found[1].crops.shape == (6, 299, 299, 3)
    assert len(crop_all_faces(three_people, people=1)) == 1


@pytest.mark.slow
def test_without_a_detector_there_is_one_person_and_without_a_face_none(three_people):
    (only,) = crop_all_faces(three_people, FaceCrop(detector="none"))
    assert len(only.crops) == 6
    with pytest.raises(ClipError, match="a face in 0 of 21 frames"):
        crop_all_faces(blank_clip())

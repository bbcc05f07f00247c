"""The main face is found, followed and cropped without distortion."""

import numpy as np
import pytest

from dfutils.errors import ClipError, SettingsError
from dfutils.frames import (
    Clip,
    FaceCrop,
    Sampling,
    crop_faces,
    crop_square,
    faces,
    read_clip,
)
from dfutils.lessons import place_side_by_side


def blank_clip(count=21, size=100):
    return Clip(None, np.zeros((count, size, size, 3), np.uint8), np.arange(float(count)))


def with_landmarks(found):
    places = np.array([[0.3, 0.4], [0.7, 0.4], [0.5, 0.6], [0.35, 0.8], [0.65, 0.8]])
    points = found[:, None, :2] + places * found[:, None, 2:4]
    return np.concatenate([found, points.reshape(len(found), 10)], axis=1)


@pytest.fixture
def detections(monkeypatch):
    """A function that lets the detector find what `find(i)` returns in the i-th frame that it looks at.

    The landmarks are in the places of an upright face inside the box.
    """

    def let(find):
        def detect(frames, *_):
            return [with_landmarks(np.array(find(i), float).reshape(-1, 5)) for i in range(len(frames))]

        monkeypatch.setattr(faces, "detect_with_landmarks", detect)

    return let


@pytest.mark.slow
def test_face_is_found_and_cropped_square(make_video):
    track = crop_faces(read_clip(make_video("a.mp4", face=True), Sampling(frames=6)))
    assert track.crops.shape == (6, 299, 299, 3)
    assert track.crops.dtype == np.uint8
    assert track.boxes.shape == (6, 4)
    assert track.looked.tolist() == [True, False, False, False, False, True]


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


def test_crop_beyond_the_edge_repeats_the_edge_and_is_not_stretched():
    frame = np.zeros((40, 40, 3), np.uint8)
    frame[:, 0] = 200
    crop = crop_square(frame, np.array([-10, 10, 20, 20.0]), margin=1.0, size=20)
    assert crop.shape == (20, 20, 3)
    assert (crop[:, :11] == 200).all()
    assert (crop[:, 11:] == 0).all()


def test_margin_is_added_around_the_longer_side():
    frame = np.zeros((100, 100, 3), np.uint8)
    frame[30:70, 30:70] = 255
    crop = crop_square(frame, np.array([40, 30, 20, 40.0]), margin=1.0, size=40)
    assert (crop == 255).all()
    wider = crop_square(frame, np.array([40, 30, 20, 40.0]), margin=2.0, size=80)
    assert (wider[20:60, 20:60] == 255).all()
    assert (wider[:19] == 0).all()


def test_boxes_are_smoothed_and_follow_a_steady_movement(detections):
    detections(lambda i: [10.0 * i + (4 if i % 2 else -4), 20, 30, 40, 0.99])
    track = crop_faces(blank_clip(), FaceCrop(look_every=5))
    np.testing.assert_allclose(track.boxes[[5, 10, 15], 0], [10, 20, 30])
    np.testing.assert_allclose(np.diff(track.boxes[5:16, 0]), 2)


def test_a_face_that_is_missed_once_is_interpolated(detections):
    detections(lambda i: [] if i == 2 else [10.0 * i, 20, 30, 40, 0.9])
    track = crop_faces(blank_clip(), FaceCrop(look_every=5))
    assert track.looked.nonzero()[0].tolist() == [0, 5, 10, 15, 20]
    assert track.found.nonzero()[0].tolist() == [0, 5, 15, 20]
    assert track.boxes[10, 0] == pytest.approx(20, abs=3)


def test_a_face_in_too_few_frames_is_no_face(detections):
    detections(lambda i: [10, 20, 30, 40, 0.9] if i == 0 else [])
    with pytest.raises(ClipError, match="a face in 1 of the 5 frames looked at, of 21 sampled") as caught:
        crop_faces(blank_clip())
    assert caught.value.status == "no_face"
    assert crop_faces(blank_clip(), FaceCrop(min_share=0.2)).found.sum() == 1


def test_the_main_face_is_followed_when_the_order_of_faces_changes(detections):
    large, small = [10, 10, 40, 40, 0.9], [60, 60, 20, 20, 0.99]
    detections(lambda i: [large, small] if i % 2 else [small, large])
    track = crop_faces(blank_clip())
    np.testing.assert_allclose(track.boxes, np.tile(large[:4], (21, 1)))


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


def test_landmarks_follow_the_boxes(detections):
    detections(lambda i: [10.0 * i, 20, 30, 40, 0.99])
    track = crop_faces(blank_clip(), FaceCrop(look_every=5))
    assert track.landmarks.shape == (21, 5, 2)
    np.testing.assert_allclose(track.landmarks[:, 2], track.boxes[:, :2] + [15, 24])


def test_clips_can_be_aligned(detections):
    detections(lambda i: [10.0, 20, 30, 40, 0.99])
    clip = blank_clip()
    clip.frames[:, 20:60, 10:40] = 200
    aligned = crop_faces(clip, FaceCrop(align=True))
    assert aligned.crops.shape == (21, 299, 299, 3)
    assert (aligned.crops[:, 149, 149] == 200).all()


@pytest.mark.parametrize(("side", "note"), [(100, "crops of 130 pixels, enlarged 2.3 times"), (150, "")])
def test_a_small_face_that_is_enlarged_much_is_said(detections, side, note):
    detections(lambda i: [[40, 40, side, side - 10, 0.99]])
    track = crop_faces(blank_clip(size=400))
    assert track.enlargement == pytest.approx(299 / (1.3 * side))
    assert track.note == note
    crop = crop_faces(blank_clip(size=side), FaceCrop(detector="none"))
    assert crop.enlargement == pytest.approx(299 / side)

import numpy as np
import pytest

from dfutils.frames import Sampling, crop_faces, detect_faces, detection, find_landmarks, read_clip
from dfutils.frames.detection import check_faces


@pytest.mark.slow
def test_every_frame_gets_a_list_of_faces(make_video):
    frames = read_clip(make_video("a.mp4", face=True), Sampling(frames=2)).frames
    found = detect_faces(np.concatenate([frames, np.zeros_like(frames[:1])]))
    assert [one.shape for one in found] == [(1, 5), (1, 5), (0, 5)]
    assert detect_faces(frames, look_side=20)[0].shape == (0, 5)  # smaller than any face that can be found


@pytest.mark.slow
def test_landmarks_are_found_in_face_crops(make_video):
    track = crop_faces(read_clip(make_video("a.mp4", face=True), Sampling(frames=2)))
    pictures = np.concatenate([track.crops, np.zeros_like(track.crops[:1])])
    landmarks = find_landmarks(pictures)
    assert np.isfinite(landmarks[:2]).all()
    assert np.isnan(landmarks[2]).all()
    left, right, nose, mouth_left, mouth_right = landmarks[0]
    assert left[0] < nose[0] < right[0]
    assert mouth_left[0] < mouth_right[0]
    assert left[1] < nose[1] < mouth_left[1]
    # The landmarks of the track are the same places in the frame.
    side = track.boxes[0, 2:].max() * 1.3
    middle = track.boxes[0, :2] + track.boxes[0, 2:] / 2
    np.testing.assert_allclose((track.landmarks[0] - middle) / side, landmarks[0] / 299 - 0.5, atol=0.03)


@pytest.mark.slow
def test_check_moves_a_box_to_its_face_and_refuses_a_place_without_one(make_film):
    film = make_film(lambda i: (1, {0: (480, 270, 120)}), count=2)
    frame = film.clip.frames[0]
    (face,) = detection.detect_with_landmarks(frame[None], 480, 0.9)[0]
    moves = [(0, 0), (25, 0), (0, -25), (-400, 0)]
    rows = check_faces([frame] * 4, face[:4] + np.array([[*move, 0, 0] for move in moves]))
    assert rows.shape == (4, 15)
    assert (rows[:3, 4] > 0.9).all()
    assert rows[3, 4] < 0.7
    np.testing.assert_allclose(rows[:3, :4], np.tile(face[:4], (3, 1)), atol=12)
    np.testing.assert_allclose(rows[0, 5:], face[5:], atol=6)


@pytest.mark.slow
def test_looking_for_faces_leaves_the_global_state_alone(check_global_state):
    detection._mtcnn.cache_clear()
    check_global_state(lambda: detect_faces(np.zeros((1, 64, 64, 3), np.uint8)))

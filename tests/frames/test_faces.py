import numpy as np
import pytest

from dfutils.errors import ClipError, SettingsError
from dfutils.frames import Clip, FaceCrop, Pair, Sampling, crop_faces, inspect_clips, pair_up, read_clip
from dfutils.frames.faces import crop_square
from dfutils.lessons import break_copies, place_side_by_side


def test_face_is_found_and_cropped_square(make_video):
    track = crop_faces(read_clip(make_video("a.mp4", face=True), Sampling(frames=6)))
    assert track.crops.shape == (6, 299, 299, 3)
    assert track.crops.dtype == np.uint8
    assert track.boxes.shape == (6, 4)
    assert track.looked.tolist() == [True, False, False, False, False, True]


def test_two_faces_the_larger_one_is_followed(make_video):
    clip = read_clip(make_video("a.mp4", face=True), Sampling(frames=5))
    both = place_side_by_side(clip, clip, size=0.5)
    assert both.frames.shape == (5, 384, 576, 3)
    track = crop_faces(both)
    centres = track.boxes[:, 0] + track.boxes[:, 2] / 2
    assert (centres < 384).all()


def test_noise_has_no_face(make_video):
    with pytest.raises(ClipError) as caught:
        crop_faces(read_clip(make_video("a.mp4")))
    assert caught.value.status == "no_face"


def test_no_detector_takes_the_middle_square(make_video):
    clip = read_clip(make_video("a.mp4"))
    track = crop_faces(clip, FaceCrop(detector="none"))
    assert track.boxes[0].tolist() == [16, 0, 64, 64]


def test_crop_beyond_the_edge_repeats_the_edge_and_does_not_stretch():
    frame = np.zeros((40, 40, 3), np.uint8)
    frame[:, 0] = 200
    crop = crop_square(frame, np.array([-10, 10, 20, 20.0]), margin=1.0, size=20)
    assert crop.shape == (20, 20, 3)
    assert (crop[:, :11] == 200).all()
    assert (crop[:, 11:] == 0).all()


def test_settings_are_checked():
    with pytest.raises(SettingsError, match="haar"):
        FaceCrop(detector="haar")


def test_examine_gives_every_clip_a_status(tmp_path, make_video, make_catalog):
    make_video("g00/c0.mp4", face=True)
    make_video("g00/c1.mp4")
    (tmp_path / "g00/c2.mp4").write_text("text")
    inspection = inspect_clips(make_catalog(groups=1), tmp_path, sampling=Sampling(frames=4), progress=False)
    report = inspection.table
    assert report["status"].tolist() == ["ok", "no_face", "unreadable", "unreadable"]
    assert list(inspection.tracks) == ["g00/c0"]
    assert (report.loc[1:, "reason"] != "").all()


def test_pairs_are_of_one_group_where_there_is_one(make_catalog):
    table = make_catalog(groups=3, per_group=2)
    pairs = pair_up(table, ["g00/c0", "g01/c0", "g01/c1", "g02/c1"])
    assert pairs == [Pair("group g01", "g01/c0", "g01/c1")]
    alone = table.assign(group=table["clip_id"])
    assert pair_up(alone, table["clip_id"], most=2) == [
        Pair("1", "g00/c0", "g00/c1"),
        Pair("2", "g01/c0", "g01/c1"),
    ]
    assert pair_up(table.query("label == 1"), table["clip_id"]) == []


def test_boxes_are_smoothed_and_follow_a_steady_movement(monkeypatch):
    from dfutils.frames import faces

    def jitter(frames, **_):
        return [np.array([[10.0 * i + (4 if i % 2 else -4), 20, 30, 40, 0.99]]) for i in range(len(frames))]

    monkeypatch.setattr(faces, "detect_faces", jitter)
    clip = Clip(None, np.zeros((21, 100, 100, 3), np.uint8), np.arange(21.0))
    track = crop_faces(clip, FaceCrop(look_every=5))
    np.testing.assert_allclose(track.boxes[[5, 10, 15], 0], [10, 20, 30])
    np.testing.assert_allclose(np.diff(track.boxes[5:16, 0]), 2)


def test_broken_copies_show_every_way_to_fail(tmp_path, make_video):
    copies = break_copies(make_video("a.mp4", face=True), tmp_path)
    report = inspect_clips(copies, tmp_path, sampling=Sampling(frames=4), progress=False).table
    status = report.set_index("clip_id")["status"]
    assert status["whole"] == "ok"
    assert status["no bytes"] == "empty"
    assert status[["a web page", "not there"]].eq("unreadable").all()
    assert (report.loc[report["clip_id"] != "whole", "reason"] != "").all()

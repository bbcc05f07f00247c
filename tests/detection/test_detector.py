"""A saved detector judges files as it judged the clips that it was evaluated on."""

import math
import shutil

import numpy as np
import pytest

from dfutils.detection import Detector
from dfutils.errors import SettingsError
from dfutils.evaluation import score

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("kind", ["linear", "gru"])
def test_scores_are_those_of_the_evaluation(trained, kind):
    root, clips = trained
    detector = Detector.load(root / "models" / kind)
    expected = score(detector.saved, clips).set_index("clip_id")["score"]
    paths = [root / "clips" / f"{clip_id}.mp4" for clip_id in clips.clip_ids]
    found = list(detector.detect_all(paths))
    assert [result.path for result in found] == [str(path) for path in paths]
    np.testing.assert_allclose([result.score for result in found], expected, atol=1e-5)
    assert detector.detect(paths[3]).score == pytest.approx(expected.iloc[3], abs=1e-5)
    for result in found:
        assert result.verdict == detector.saved.decision.verdict(result.score)
        assert (
            len(result.times) == len(result.frame_scores) == len(result.influence) == len(result.boxes) == 6
        )
        assert ((result.frame_scores >= 0) & (result.frame_scores <= 1)).all()


def test_influence_is_what_the_score_loses_without_the_frame(trained):
    root, clips = trained
    detector = Detector.load(root / "models/linear")
    result = detector.detect(root / "clips" / f"{clips.clip_ids[1]}.mp4")
    one = clips.take(np.array([1]))
    without = one.X[:, 1:], one.mask[:, 1:]
    from dataclasses import replace

    score_without = detector.saved.score(replace(one, X=without[0], mask=without[1]))[0]
    assert result.influence[0] == pytest.approx(result.score - score_without, abs=1e-5)


def test_files_that_cannot_be_judged_get_a_reason_and_the_others_a_score(trained, tmp_path):
    root, clips = trained
    good = root / "clips" / f"{clips.clip_ids[0]}.mp4"
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "text.mp4").write_text("no video")
    (tmp_path / "notes.txt").write_text("no video")
    names = ["empty.mp4", "text.mp4", "notes.txt", "missing.mp4"]
    found = list(
        Detector.load(root / "models/linear").detect_all([good, *(tmp_path / n for n in names), good])
    )
    assert [result.status for result in found] == [
        "ok",
        "empty",
        "unreadable",
        "unreadable",
        "unreadable",
        "ok",
    ]
    for result in found[1:5]:
        assert math.isnan(result.score)
        assert (result.verdict, result.row["score"]) == ("", None)
        assert result.reason
    assert found[0].score == found[5].score


def test_pictures_and_folders_of_stills_are_judged_too(trained, tmp_path):
    import cv2

    root, _ = trained
    (tmp_path / "stills").mkdir()
    for number in range(4):
        picture = np.random.default_rng(number).integers(0, 255, (96, 96, 3), np.uint8)
        cv2.imwrite(str(tmp_path / f"stills/{number}.png"), picture)
    detector = Detector.load(root / "models/linear")
    picture, folder = detector.detect_all([tmp_path / "stills/0.png", tmp_path / "stills"])
    assert (len(picture.times), len(folder.times)) == (1, 4)
    assert np.isnan(picture.influence).all()
    assert picture.frame_scores[0] == picture.score
    assert any("few frames with the face (1;" in remark for remark in picture.remarks)
    assert any("features are far" in remark for remark in folder.remarks)


def test_kept_features_are_used_again(trained, tmp_path, monkeypatch):
    root, clips = trained
    detector = Detector.load(root / "models/linear")
    path = tmp_path / "a.mp4"
    shutil.copy(root / "clips" / f"{clips.clip_ids[0]}.mp4", path)
    first = list(detector.detect_all([path], store=tmp_path / "store"))
    monkeypatch.setattr("dfutils.features.clip_job.read_clip", None)  # nothing is read again
    again = list(detector.detect_all([path], store=tmp_path / "store"))
    assert again[0].score == first[0].score


def test_explained_file_has_the_same_score_and_a_heat_map_for_each_crop(trained, tmp_path):
    root, clips = trained
    detector = Detector.load(root / "models/linear")
    path = root / "clips" / f"{clips.clip_ids[1]}.mp4"
    plain, explained = detector.detect(path), detector.detect(path, explain=True)
    assert explained.score == pytest.approx(plain.score, abs=1e-6)
    assert plain.heat.shape == (0, 299, 299)
    assert explained.heat.shape == (6, 299, 299)
    assert explained.crops.shape == (6, 299, 299, 3)
    # A store has no crops, so the file is read.
    list(detector.detect_all([path], store=tmp_path / "store"))
    (stored,) = detector.detect_all([path], store=tmp_path / "store", explain=True)
    assert stored.heat.shape == (6, 299, 299)
    (tmp_path / "text.mp4").write_text("no video")
    assert len(detector.detect(tmp_path / "text.mp4", explain=True).heat) == 0


def test_detector_in_a_moved_folder_judges_the_same(trained, write_flicker, tmp_path):
    root, _ = trained
    path = write_flicker(tmp_path / "new.mp4", 99, fake=True)
    shutil.copytree(root / "models/gru", tmp_path / "moved")
    one, other = (Detector.load(folder).detect(path) for folder in (root / "models/gru", tmp_path / "moved"))
    assert one.score == pytest.approx(other.score, abs=1e-6)
    assert one.to_dict()["frame_scores"] == pytest.approx(other.to_dict()["frame_scores"], abs=1e-5)


def test_every_person_is_judged_and_the_main_one_as_usual(trained, tmp_path):
    from dataclasses import replace

    from dfutils.demo import encode, render_clip
    from dfutils.frames import Clip, FaceCrop
    from dfutils.lessons import place_side_by_side

    root, _ = trained
    first, second = (
        Clip(None, render_clip(7, person, frames=8).frames, np.arange(8) / 25) for person in (0, 1)
    )
    frames = place_side_by_side(first, second, size=0.8).frames
    height, width = (side // 2 * 2 for side in frames.shape[1:3])
    encode(tmp_path / "two.mp4", np.ascontiguousarray(frames[:, :height, :width]))
    (tmp_path / "text.mp4").write_text("no video")
    saved = Detector.load(root / "models/linear").saved
    judge = Detector(replace(saved, settings=replace(saved.settings, face=FaceCrop())))
    paths = [tmp_path / name for name in ("text.mp4", "two.mp4", "text.mp4", "two.mp4")]
    broken, found, again, twice = judge.detect_all(paths, faces="all", explain=True)
    assert (broken.status, again.status, broken.people) == ("unreadable", "unreadable", ())
    assert len(found.people) == len(twice.people) == 2
    main = judge.detect(tmp_path / "two.mp4")
    assert main.people == ()
    assert found.people[0].score == pytest.approx(main.score, abs=1e-6)
    np.testing.assert_array_equal(found.people[0].boxes, main.boxes)
    assert found.score == max(one.score for one in found.people)
    assert [one.heat.shape for one in found.people] == [(6, 299, 299)] * 2
    assert found.people[1].sha256 == found.people[0].sha256 != ""
    with pytest.raises(SettingsError, match="faces is one of main, all"):
        list(judge.detect_all(paths, faces="both"))

from dataclasses import replace

import cv2
import numpy as np
import pandas as pd
import pytest

from dfutils.adaptation.crops import are_crops_already, cut_crops
from dfutils.errors import DataError, StoreError
from dfutils.features import ExtractionSettings
from dfutils.frames import FaceCrop, Sampling

SETTINGS = ExtractionSettings(sampling=Sampling(frames=2), face=FaceCrop(detector="none"))


@pytest.fixture
def cut(write_pictures, tmp_path):
    """A function that cuts the crops of pictures: `cut(table=…, enough=…)`."""
    table, root = write_pictures(groups=2)

    def run(rows=table, enough=lambda done: False, folder=tmp_path / "crops", landmarks=False):
        return cut_crops(
            rows,
            root,
            folder,
            SETTINGS,
            with_landmarks=lambda row: landmarks,
            enough=enough,
            workers=1,
            progress=False,
        )

    run.table, run.root = table, root
    return run


@pytest.mark.slow
def test_crops_are_cut_once_and_kept(cut, monkeypatch):
    crops = cut()
    assert crops.table["status"].tolist() == ["ok"] * 8
    assert crops.table["clip_id"].tolist() == cut.table["clip_id"].tolist()
    picture = cv2.imread(str(cut.root / cut.table["path"][1]))[..., ::-1]
    expected = cv2.resize(picture, (299, 299), interpolation=cv2.INTER_LINEAR)
    np.testing.assert_array_equal(crops.crop(crops.table["key"][1], 0), expected)
    monkeypatch.setattr("dfutils.features.clip_job.read_clip", None)  # nothing is read again
    assert cut().table.equals(crops.table)


@pytest.mark.slow
def test_clips_that_cannot_be_used_say_why(cut):
    (cut.root / cut.table["path"][0]).write_text("no picture")
    (cut.root / cut.table["path"][1]).unlink()
    rows = pd.concat([cut.table, cut.table.iloc[[2]].assign(clip_id="x", path="../elsewhere.png")])
    table = cut(rows.reset_index(drop=True)).table
    assert table["status"].tolist() == ["unreadable", "unreadable", *["ok"] * 6, "unreadable"]
    assert (table.loc[table["status"] != "ok", "reason"] != "").all()
    assert (table.loc[table["status"] != "ok", "frames"] == 0).all()
    with pytest.raises(DataError, match="None of the 2 clips has a face crop"):
        cut(rows.iloc[:2])


@pytest.mark.slow
def test_no_clip_is_started_when_there_are_enough(cut):
    table = cut(enough=lambda done: done >= 3).table
    assert 3 <= len(table) <= 5
    assert table["clip_id"].tolist() == cut.table["clip_id"].tolist()[: len(table)]
    # Crops that are there cost no time, so they are always used.
    later = cut(enough=lambda done: True).table
    assert later["clip_id"].tolist() == table["clip_id"].tolist()


@pytest.mark.slow
def test_landmarks_are_added_to_crops_that_were_cut_without(cut):
    crops = cut()
    again = cut(landmarks=True)
    assert again.table.equals(crops.table)
    assert again.landmarks(crops.table["key"][0]).shape == (1, 5, 2)


def test_folder_that_cannot_be_written_is_named(cut, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be written"):
        cut(folder=tmp_path / "file/crops")


@pytest.mark.slow
def test_face_crops_are_told_from_videos(make_video, tmp_path):
    from dfutils.frames import crop_faces, read_clip

    clip = read_clip(make_video("video.mp4", face=True), Sampling(frames=2))
    crop = crop_faces(clip, replace(FaceCrop(), margin=1.3)).crops[0]
    cv2.imwrite(str(tmp_path / "crop.png"), crop[..., ::-1])
    wide = np.zeros((384, 900, 3), np.uint8)
    wide[:, :384] = clip.frames[0]
    cv2.imwrite(str(tmp_path / "wide.png"), wide[..., ::-1])
    cv2.imwrite(str(tmp_path / "noise.png"), np.random.default_rng(0).integers(0, 255, (99, 99, 3)))

    def are_crops(name, media="image"):
        table = pd.DataFrame({"path": [name] * 3, "media": media})
        return are_crops_already(table, tmp_path)

    assert are_crops("crop.png")
    assert not are_crops("wide.png")
    assert not are_crops("noise.png")
    assert not are_crops("nowhere.png")

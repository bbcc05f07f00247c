"""The built-in data set on disk: complete, resumable, and careful with other files."""

import json
import os
import shutil

import av
import numpy as np
import pandas as pd
import pytest

from dfutils.data import Catalog
from dfutils.demo import METHODS, write_dataset
from dfutils.errors import DataError, SettingsError
from dfutils.frames import Sampling, crop_faces, read_clip
from dfutils.frames.detection import detect_faces


def test_odd_number_of_people_is_refused(tmp_path):
    for identities in (3, 0, 10**9):
        with pytest.raises(
            SettingsError, match=f"identities must be an even number.*Received: identities={identities}"
        ):
            write_dataset(tmp_path / "raw", identities=identities)
    assert not (tmp_path / "raw").exists()


def test_strength_out_of_range_is_refused(tmp_path):
    with pytest.raises(SettingsError, match="strength must be from 0 to 3.*Received: strength=-1"):
        write_dataset(tmp_path / "raw", identities=2, strength=-1)


def test_folder_with_other_files_is_refused(tmp_path):
    (tmp_path / "holiday.mp4").write_bytes(b"mine")
    with pytest.raises(DataError, match="something other"):
        write_dataset(tmp_path, identities=2, progress=False)
    assert (tmp_path / "holiday.mp4").read_bytes() == b"mine"


def test_another_data_set_is_refused(tmp_path):
    """DFDC's preview has a list that is called dataset.json too."""
    (tmp_path / "dataset.json").write_text('{"original_videos/1.mp4": {"label": "real", "set": "train"}}')
    (tmp_path / "masks").mkdir()
    (tmp_path / "masks/mine.png").write_bytes(b"mine")
    with pytest.raises(DataError, match="something other"):
        write_dataset(tmp_path, identities=2, progress=False)
    assert (tmp_path / "masks/mine.png").read_bytes() == b"mine"
    assert "original_videos" in (tmp_path / "dataset.json").read_text()


@pytest.mark.slow
def test_pairs_share_a_group_with_every_method_once(demo_catalog):
    assert len(demo_catalog) == 24
    for _, group in demo_catalog.groupby("group"):
        assert (group["label"] == 0).sum() == 4
        assert sorted(group.loc[group["label"] == 1, "method"]) == sorted(METHODS)


@pytest.mark.slow
def test_clips_are_h264_of_two_seconds(demo_dir):
    with av.open(str(demo_dir / "person_000/take0.mp4")) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.frames == 50
        assert float(stream.average_rate) == 25


@pytest.mark.slow
def test_mask_file_belongs_to_its_clip(demo_dir):
    with np.load(demo_dir / "masks/person_000/take0_swap.npz") as file:
        assert file["mask"].shape == (50, 384, 384)
        assert file["mask"].dtype == np.uint8
        assert set(np.unique(file["mask"])) == {0, 1}


@pytest.mark.slow
def test_a_detector_made_for_photographs_finds_the_faces(demo_catalog, demo_dir):
    boxes = pd.read_csv(demo_dir / "boxes.csv").set_index(["clip_id", "frame"])
    found = frames = 0
    for row in demo_catalog.itertuples():
        clip = read_clip(demo_dir / row.path, Sampling(frames=3))
        for time, faces in zip(clip.times, detect_faces(clip.frames), strict=True):
            frames += 1
            rendered = boxes.loc[(row.clip_id, round(time * 25)), ["x", "y", "w", "h"]].to_numpy()
            found += len(faces) == 1 and _overlap(faces[0][:4], rendered) >= 0.4
    assert found >= 0.98 * frames


def _overlap(a, b):
    corner, end = np.maximum(a[:2], b[:2]), np.minimum(a[:2] + a[2:], b[:2] + b[2:])
    both = np.prod(np.maximum(end - corner, 0))
    return both / (np.prod(a[2:]) + np.prod(b[2:]) - both)


@pytest.mark.slow
def test_rendered_face_is_cropped_where_it_is(demo_dir):
    clip = read_clip(demo_dir / "person_002/take0.mp4", Sampling(frames=4))
    track = crop_faces(clip)
    assert track.crops.shape == (4, 299, 299, 3)
    assert track.found[track.looked].all()


@pytest.mark.slow
def test_missing_clips_are_rendered_and_another_seed_renders_all(tmp_path):
    first = write_dataset(tmp_path / "raw", identities=2, progress=False)
    assert isinstance(first, Catalog)
    assert first.clips_rendered == 8
    clip = tmp_path / "raw/person_001/take0_reenact.mp4"
    before = clip.read_bytes()
    clip.unlink()
    again = write_dataset(tmp_path / "raw", identities=2, progress=False)
    assert again.clips_rendered == 1
    assert clip.read_bytes() == before
    other = write_dataset(tmp_path / "raw", identities=2, seed=8, progress=False)
    assert other.clips_rendered == 8
    assert clip.read_bytes() != before
    assert json.loads((tmp_path / "raw/dataset.json").read_text())["seed"] == 8


@pytest.mark.slow
@pytest.mark.parametrize("damage", ["empty", "cut off", "mask cut off", "no video"])
def test_damaged_clips_are_rendered_again(tmp_path, demo_dir, damage):
    shutil.copytree(demo_dir, tmp_path / "raw")
    before = {path: path.read_bytes() for path in (tmp_path / "raw").rglob("*.*")}
    clip = tmp_path / "raw/person_001/take0_reenact.mp4"
    spoilt = tmp_path / "raw/masks/person_001/take0_reenact.npz" if damage == "mask cut off" else clip
    content = {"empty": b"", "no video": b"text" * 1000}.get(damage, spoilt.read_bytes()[:-900])
    spoilt.write_bytes(content)
    again = write_dataset(tmp_path / "raw", identities=6, progress=False)
    assert again.clips_rendered == (2 if damage == "cut off" else 1)
    assert {path: path.read_bytes() for path in (tmp_path / "raw").rglob("*.*")} == before


@pytest.mark.slow
def test_another_seed_deletes_only_files_of_the_data_set(tmp_path, demo_dir):
    root = tmp_path / "raw"
    shutil.copytree(demo_dir, root)
    (root / "person_000/notes.txt").write_text("mine")
    (root / "person_album").mkdir()
    (root / "masks/mine.png").write_bytes(b"mine")
    (root / "person_000/.partial-old.mp4").touch()
    os.utime(root / "person_000/.partial-old.mp4", (0, 0))
    write_dataset(root, identities=2, seed=8, progress=False)
    assert (root / "person_000/notes.txt").read_text() == "mine"
    assert (root / "masks/mine.png").read_bytes() == b"mine"
    assert not (root / "person_000/.partial-old.mp4").exists()
    assert len(list(root.rglob("*.mp4"))) == 8


@pytest.mark.slow
def test_a_finished_data_set_is_not_written_to(tmp_path, demo_dir):
    shutil.copytree(demo_dir, tmp_path / "raw")
    for path in (tmp_path / "raw").rglob("*"):
        os.utime(path, (1, 1))
    write_dataset(tmp_path / "raw", identities=6, progress=False)
    assert {path.stat().st_mtime for path in (tmp_path / "raw").rglob("*") if path.is_file()} == {1}


@pytest.mark.slow
def test_fewer_people_are_the_first_ones(demo_dir, demo_catalog):
    fewer = write_dataset(demo_dir, identities=4, progress=False)
    assert fewer.clips_rendered == 0
    assert fewer.root == demo_dir.resolve()
    expected = demo_catalog[~demo_catalog["clip_id"].str.startswith(("person_004", "person_005"))]
    assert fewer.table["clip_id"].tolist() == expected["clip_id"].tolist()

import json
import os
import shutil
import subprocess
import sys

import av
import cv2
import numpy as np
import pandas as pd
import pytest

from dfutils.demo import METHODS, contact_sheet, forgery_samples, portraits, render_clip, write_dataset
from dfutils.errors import DataError, SettingsError
from dfutils.frames import Sampling, crop_faces, read_clip
from dfutils.frames.faces import detect_faces


def test_pairs_share_a_group_with_every_method_once(demo_catalog):
    assert len(demo_catalog) == 24
    for _, group in demo_catalog.groupby("group"):
        assert (group["label"] == 0).sum() == 4
        assert sorted(group.loc[group["label"] == 1, "method"]) == sorted(METHODS)


def test_clips_are_h264_of_two_seconds(demo_dir):
    with av.open(str(demo_dir / "person_000/take0.mp4")) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.frames == 50
        assert float(stream.average_rate) == 25


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


def test_mask_is_where_the_forgery_differs():
    from dfutils.demo.clips import render_take

    real, fake = render_take(7, 0, 0, [None, "swap"], frames=4)
    assert real.mask.sum() == 0
    change = np.abs(real.frames.astype(int) - fake.frames).mean(-1)
    inside, outside = change[fake.mask == 1].mean(), change[fake.mask == 0].mean()
    assert fake.mask.any(axis=(1, 2)).all()
    assert inside > 1.5 * outside  # outside, only the camera's noise differs


def test_mask_file_belongs_to_its_clip(demo_dir):
    with np.load(demo_dir / "masks/person_000/take0_swap.npz") as file:
        assert file["mask"].shape == (50, 384, 384)
        assert file["mask"].dtype == np.uint8
        assert set(np.unique(file["mask"])) == {0, 1}


def test_same_seed_same_pixels_other_seed_other_person():
    first, again = render_clip(7, 0, frames=2), render_clip(7, 0, frames=2)
    assert (first.frames == again.frames).all()
    assert (first.frames != render_clip(8, 0, frames=2).frames).any()


def test_same_pixels_whatever_the_processor_can_do():
    """Without the fast paths of numpy and OpenCV, as on an older processor, every pixel is the same."""
    program = (
        "import hashlib\n"
        "from dfutils.demo import METHODS\n"
        "from dfutils.demo.clips import render_take\n"
        "for person in (3, 5, 22):\n"
        "    for clip in render_take(7, person, 0, [None, *METHODS], frames=3):\n"
        "        print(hashlib.sha256(clip.frames.tobytes() + clip.mask.tobytes()).hexdigest())\n"
    )
    extensions = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    dispatched = [name[1:] for name in cv2.getCPUFeaturesLine().split() if name[0] == "*" and name[-1] != "?"]
    plain = {"NPY_DISABLE_CPU_FEATURES": " ".join(extensions), "OPENCV_CPU_DISABLE": ",".join(dispatched)}
    usual, slow = (
        subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | extra,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for extra in ({}, plain)
    )
    assert usual == slow
    assert len(set(usual.split())) == 15


def test_temporal_forgery_wavers_between_frames():
    """Each frame by itself is plausible; from frame to frame the face changes more than the real one does."""
    from dfutils.demo.clips import render_take

    real, fake = render_take(7, 0, 1, [None, "temporal"], frames=16)

    def change(clip):
        smooth = np.stack([cv2.GaussianBlur(frame, (0, 0), 2) for frame in clip.frames]).astype(int)
        return np.abs(np.diff(smooth, axis=0))[:, fake.mask[0] == 1].mean()

    assert change(fake) > 1.5 * change(real)


def test_resumes_and_repairs_what_is_missing(tmp_path):
    first = write_dataset(tmp_path / "raw", identities=2, progress=False)
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


@pytest.mark.parametrize("damage", ["empty", "cut off", "mask cut off", "no video"])
def test_damaged_clips_are_rendered_anew(tmp_path, demo_dir, damage):
    shutil.copytree(demo_dir, tmp_path / "raw")
    before = {path: path.read_bytes() for path in (tmp_path / "raw").rglob("*.*")}
    clip = tmp_path / "raw/person_001/take0_reenact.mp4"
    spoilt = tmp_path / "raw/masks/person_001/take0_reenact.npz" if damage == "mask cut off" else clip
    content = {"empty": b"", "no video": b"text" * 1000}.get(damage, spoilt.read_bytes()[:-900])
    spoilt.write_bytes(content)
    again = write_dataset(tmp_path / "raw", identities=6, progress=False)
    assert again.clips_rendered == (2 if damage == "cut off" else 1)
    assert {path: path.read_bytes() for path in (tmp_path / "raw").rglob("*.*")} == before


def test_another_seed_takes_nothing_away_but_its_own(tmp_path):
    root = tmp_path / "raw"
    write_dataset(root, identities=2, progress=False)
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


def test_a_data_set_of_somebody_else_is_refused(tmp_path):
    """DFDC's preview calls its list dataset.json too."""
    (tmp_path / "dataset.json").write_text('{"original_videos/1.mp4": {"label": "real", "set": "train"}}')
    (tmp_path / "masks").mkdir()
    (tmp_path / "masks/mine.png").write_bytes(b"mine")
    with pytest.raises(DataError, match="something else"):
        write_dataset(tmp_path, identities=2, progress=False)
    assert (tmp_path / "masks/mine.png").read_bytes() == b"mine"
    assert "original_videos" in (tmp_path / "dataset.json").read_text()


def test_a_finished_data_set_is_not_written_to(tmp_path, demo_dir):
    shutil.copytree(demo_dir, tmp_path / "raw")
    for path in (tmp_path / "raw").rglob("*"):
        os.utime(path, (1, 1))
    write_dataset(tmp_path / "raw", identities=6, progress=False)
    assert {path.stat().st_mtime for path in (tmp_path / "raw").rglob("*") if path.is_file()} == {1}


def test_fewer_people_are_the_first_ones(demo_dir, demo_catalog):
    fewer = write_dataset(demo_dir, identities=4, progress=False)
    assert fewer.clips_rendered == 0
    expected = demo_catalog[~demo_catalog["clip_id"].str.startswith(("person_004", "person_005"))]
    assert fewer.table["clip_id"].tolist() == expected["clip_id"].tolist()


def test_foreign_folder_is_refused(tmp_path):
    (tmp_path / "holiday.mp4").write_bytes(b"mine")
    with pytest.raises(DataError, match="something else"):
        write_dataset(tmp_path, identities=2, progress=False)
    assert (tmp_path / "holiday.mp4").read_bytes() == b"mine"


def test_odd_number_of_people_is_refused(tmp_path):
    for identities in (3, 0, 10**9):
        with pytest.raises(SettingsError, match=f"identities is an even number.*Received: {identities}"):
            write_dataset(tmp_path / "raw", identities=identities)
    assert not (tmp_path / "raw").exists()


def test_unknown_forgery_is_refused():
    with pytest.raises(SettingsError, match="Unknown forgery 'morph'"):
        render_clip(7, 0, method="morph", frames=2)


def test_samples_show_every_method(demo_dir):
    originals, fakes, masks, names = forgery_samples(demo_dir)
    assert names == list(METHODS)
    for original, fake, mask in zip(originals, fakes, masks, strict=True):
        assert original.shape == fake.shape == (*mask.shape, 3)


def test_portraits_make_a_contact_sheet(demo_dir):
    faces = portraits(demo_dir, most=5)
    assert len(faces) == 5
    assert contact_sheet(demo_dir, columns=4, side=64, most=6).shape == (128, 256, 3)


def test_a_clip_and_its_forgery_are_one_size_one_pattern_and_one_rate(demo_dir, demo_catalog):
    def facts(path):
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            kinds = [frame.pict_type for frame in container.decode(stream)]
            return path.stat().st_size, container.bit_rate, stream.bit_rate, stream.duration, kinds

    for fake in demo_catalog.query("label == 1")["clip_id"]:
        assert facts(demo_dir / f"{fake}.mp4") == facts(demo_dir / f"{fake.rpartition('_')[0]}.mp4")


def test_nothing_but_the_masked_region_is_altered():
    """Without the camera's noise, the frames are the same outside the mask."""
    from dfutils.demo import clips

    class Bare(clips._Camera):
        def shoot(self, frame):
            return cv2.GaussianBlur(frame, (0, 0), 0.55)

    camera, clips._Camera = clips._Camera, Bare
    try:
        for person in (0, 1, 2, 3):
            real, *fakes = clips.render_take(5, person, 0, [None, *METHODS], frames=3)
            for fake in fakes:
                change = np.abs(real.frames.astype(int) - fake.frames).max(-1)
                assert change[fake.mask == 0].max() <= 1
                assert change[fake.mask == 1].mean() > 1
    finally:
        clips._Camera = camera


def test_outside_the_mask_a_forgery_looks_like_its_original(demo_dir, demo_catalog):
    """After the encoder too: brightness, sharpness and flicker differ less than between any two people."""

    def statistics(clip_id, mask):
        frames = read_clip(demo_dir / f"{clip_id}.mp4", Sampling(frames=50)).frames.mean(-1)[::7]
        sharp = np.stack([cv2.Laplacian(frame, cv2.CV_64F) for frame in frames])
        shown = np.stack([cv2.erode(1 - part, np.ones((5, 5), np.uint8)) for part in mask[::7]]) == 1
        flicker = np.abs(np.diff(frames, axis=0))[shown[1:] & shown[:-1]].mean()
        return frames[shown].mean(), frames[shown].std(), np.abs(sharp[shown]).mean(), flicker

    real, fake = [], []
    for clip_id in demo_catalog.query("label == 1")["clip_id"]:
        with np.load(demo_dir / f"masks/{clip_id}.npz") as file:
            mask = file["mask"]
        real.append(statistics(clip_id.rpartition("_")[0], mask))
        fake.append(statistics(clip_id, mask))
    apart = np.abs(np.subtract(fake, real)).mean(0)
    assert (apart < 0.1 * np.std(real, axis=0)).all()


def test_every_frame_has_the_same_bytes_in_a_clip_and_its_forgery(demo_dir, demo_catalog):
    def sizes(clip_id):
        with av.open(str(demo_dir / f"{clip_id}.mp4")) as container:
            return [packet.size for packet in container.demux(video=0)]

    for fake in demo_catalog.query("label == 1")["clip_id"]:
        assert sizes(fake) == sizes(fake.rpartition("_")[0])


@pytest.mark.parametrize(
    "wrong", [{"seed": -1}, {"person": -1}, {"take": -1}, {"frames": 0}, {"strength": np.nan}]
)
def test_numbers_out_of_range_are_refused(wrong):
    with pytest.raises(SettingsError, match=f"{next(iter(wrong))}"):
        render_clip(**{"seed": 7, "person": 0, "method": "swap"} | wrong)


@pytest.mark.parametrize("method", METHODS)
def test_the_subtlest_forgery_is_one(method):
    real, fake = (render_clip(7, 1, method=which, strength=0, frames=2) for which in (None, method))
    soft = [cv2.GaussianBlur(clip.frames[0].astype(np.float32), (0, 0), 3) for clip in (real, fake)]
    change = np.abs(soft[0] - soft[1]).mean(-1)
    assert change[fake.mask[0] == 1].mean() > 1.1 * change[fake.mask[0] == 0].mean()


@pytest.mark.parametrize("method", METHODS)
def test_traces_grow_with_strength(method):
    from dfutils.demo.clips import render_take

    def change(strength):
        real, fake = render_take(7, 2, 0, [None, method], strength, frames=8)
        soft = [
            np.stack([cv2.GaussianBlur(f, (0, 0), 2) for f in clip.frames]).astype(int)
            for clip in (real, fake)
        ]
        return np.abs(np.diff(soft[0] - soft[1], axis=0)).mean() + np.abs(soft[0] - soft[1]).mean()

    assert change(0.3) < change(1.0) < change(2.0)


def test_strength_out_of_range_is_refused(tmp_path):
    with pytest.raises(SettingsError, match="strength lies between 0 and 3.*Received: -1"):
        write_dataset(tmp_path / "raw", identities=2, strength=-1)


def test_rendered_face_is_cropped_where_it_is(demo_dir):
    clip = read_clip(demo_dir / "person_002/take0.mp4", Sampling(frames=4))
    track = crop_faces(clip)
    assert track.crops.shape == (4, 299, 299, 3)
    assert track.found[track.looked].all()

"""Pseudo-fakes are written next to the real clips they are made of, as a data set of its own."""

import json

import cv2
import numpy as np
import pandas as pd
import pytest

from dfutils.adaptation import clip_forger, forge, forging
from dfutils.data import read_catalog
from dfutils.errors import DataError, SettingsError, StoreError
from dfutils.frames import Sampling, read_clip
from dfutils.frames.self_blending import SelfBlend


@pytest.fixture
def faces(monkeypatch):
    """Landmarks are found in the same places of every picture, without a detector; none in `NO_FACE`."""
    places = np.array([[0.42, 0.4], [0.58, 0.4], [0.5, 0.52], [0.44, 0.62], [0.56, 0.62]])

    def find(pictures):
        found = np.tile(places * [pictures.shape[2], pictures.shape[1]], (len(pictures), 1, 1))
        found[pictures.reshape(len(pictures), -1).max(1) == 0] = np.nan
        return found

    monkeypatch.setattr(clip_forger, "find_landmarks", find)


@pytest.fixture
def pictures(tmp_path, faces):
    """Three real pictures, one of them black, and a fake: (catalog, folder)."""
    rng = np.random.default_rng(0)
    root = tmp_path / "data"
    rows = []
    for number, name in enumerate(("a.png", "b.jpg", "black.png", "fake.png")):
        picture = cv2.GaussianBlur(rng.integers(0, 256, (160, 160, 3), np.uint8), (0, 0), 1)
        root.mkdir(exist_ok=True)
        cv2.imwrite(str(root / name), picture * (name != "black.png"), [cv2.IMWRITE_JPEG_QUALITY, 40])
        rows.append(
            {
                "clip_id": name.partition(".")[0],
                "path": name,
                "media": "image",
                "label": int(name == "fake.png"),
                "method": "",
                "group": f"g{number}",
                "split": "train" if number else "test",
            }
        )
    return pd.DataFrame(rows), root


def run(catalog, root, output, **options):
    return forge(catalog, root, output, **{"progress": False, **options})


def read(path):
    return cv2.imread(str(path))[..., ::-1]


def test_real_pictures_get_pseudo_fakes_with_masks_and_a_catalog(pictures, tmp_path):
    out = tmp_path / "out"
    result = run(*pictures, out)
    assert result.forged == 2
    assert result.table["status"].tolist() == ["ok", "ok", "no_face"]
    assert "a face in none of the 1 pictures" in result.table["reason"][2]
    table = read_catalog(out).table
    assert table["clip_id"].tolist() == [
        "fake/self_blend/a", "fake/self_blend/b", "real/a", "real/b"
    ]  # fmt: skip
    assert table["label"].tolist() == [1, 1, 0, 0]
    assert table["method"].tolist() == ["self_blend", "self_blend", "", ""]
    assert table["group"].tolist() == ["g0", "g1", "g0", "g1"]
    assert table["split"].tolist() == ["test", "train", "test", "train"]
    assert table["source"].tolist() == ["a", "b", "a", "b"]
    real, fake = read(out / "real/a.png"), read(out / "fake/self_blend/a.png")
    assert (real == read(pictures[1] / "a.png")).all()
    with np.load(out / "masks/fake/self_blend/a.npz") as file:
        mask = file["mask"]
    assert (mask.shape, mask.dtype) == ((1, 160, 160), np.uint8)
    changed = (real != fake).any(axis=-1)
    assert changed.any()
    assert not changed[mask[0] == 0].any()
    assert not changed[:10].any()


def test_jpegs_keep_their_quality(pictures, tmp_path):
    run(*pictures, tmp_path / "out")
    from PIL import Image

    tables = [
        Image.open(path).quantization
        for path in (
            pictures[1] / "b.jpg",
            tmp_path / "out/real/b.jpg",
            tmp_path / "out/fake/self_blend/b.jpg",
        )
    ]
    assert tables[0] == tables[1] == tables[2]


def test_finished_clips_are_kept_and_an_interrupted_run_goes_on(pictures, tmp_path, monkeypatch):
    out, whole = tmp_path / "out", tmp_path / "whole"
    run(*pictures, whole)
    forge_clip = forging._forge_clip

    def stop_at_b(row, *rest):
        if row.clip_id == "b":
            raise KeyboardInterrupt
        return forge_clip(row, *rest)

    monkeypatch.setattr(forging, "_forge_clip", stop_at_b)
    with pytest.raises(KeyboardInterrupt):
        run(*pictures, out)
    monkeypatch.setattr(forging, "_forge_clip", forge_clip)
    with (out / "forged.jsonl").open("a") as file:
        file.write('{"clip_id": "b", "sta')  # what a killed process leaves
    assert run(*pictures, out).forged == 1
    assert run(*pictures, out).forged == 0
    for path in ("fake/self_blend/a.png", "fake/self_blend/b.jpg", "catalog.csv"):
        assert (out / path).read_bytes() == (whole / path).read_bytes()


def test_several_pseudo_fakes_of_a_clip_differ(pictures, tmp_path):
    result = run(*pictures, tmp_path / "out", per_clip=2)
    assert (result.catalog.table["label"] == 1).sum() == 4
    first, second = (read(tmp_path / f"out/fake/self_blend/a_{number}.png") for number in (1, 2))
    assert (first != second).any()


def test_folders_of_stills_are_forged_picture_by_picture(pictures, tmp_path):
    table, root = pictures
    (root / "stills").mkdir()
    for number, name in enumerate(("black.png", "a.png", "a.png")):
        (root / f"stills/{number}.png").write_bytes((root / name).read_bytes())
    row = {**table.iloc[0], "clip_id": "stills", "path": "stills", "media": "frames"}
    result = run(pd.DataFrame([row]), root, tmp_path / "out", settings=SelfBlend(waver=1.0))
    assert result.table["reason"].tolist() == ["a face was found in 2 of 3 pictures"]
    fakes = read_clip(tmp_path / "out/fake/self_blend/stills").frames
    assert fakes.shape == (3, 160, 160, 3)
    assert (fakes[1] != fakes[2]).any()  # the same picture, changed in another way
    with np.load(tmp_path / "out/masks/fake/self_blend/stills.npz") as file:
        assert file["mask"].shape == (3, 160, 160)


@pytest.mark.slow
def test_videos_are_encoded_like_the_original(demo_dir, tmp_path):
    table = read_catalog(demo_dir).table
    table = table[table["clip_id"].isin(["person_000/take0", "person_001/take1"])]
    result = run(table, demo_dir, tmp_path / "out")
    assert result.table["status"].tolist() == ["ok", "ok"]
    assert result.table["frames"].tolist() == [50, 50]
    original = read_clip(demo_dir / "person_000/take0.mp4", Sampling(frames=50))
    real, fake = (
        read_clip(tmp_path / f"out/{kind}/person_000/take0.mp4", Sampling(frames=50))
        for kind in ("real", "fake/self_blend")
    )
    np.testing.assert_allclose(real.times, original.times, atol=1e-3)
    np.testing.assert_allclose(fake.times, original.times, atol=1e-3)
    with np.load(tmp_path / "out/masks/fake/self_blend/person_000/take0.npz") as file:
        mask = file["mask"].astype(bool)
    assert mask.shape == (50, 384, 384)
    difference = np.abs(real.frames.astype(int) - fake.frames).mean(-1)
    assert difference[mask].mean() > 3 * difference[~mask].mean()
    boxes = pd.read_csv(demo_dir / "boxes.csv").query("clip_id == 'person_000/take0'")
    box = boxes[["x", "y", "w", "h"]].to_numpy()[25]
    rows, columns = np.nonzero(mask[25])
    assert box[0] < columns.mean() < box[0] + box[2]
    assert box[1] < rows.mean() < box[1] + box[3]


def test_bad_input_is_refused_with_a_remedy(pictures, tmp_path):
    table, root = pictures
    with pytest.raises(DataError, match="None of the 1 clips is real"):
        run(table[table["label"] == 1], root, tmp_path / "out")
    with pytest.raises(DataError, match="None of the 1 real clips can be forged, such as black"):
        run(table[table["clip_id"] == "black"], root, tmp_path / "black")
    for inside in (root, root / "out", tmp_path):
        with pytest.raises(DataError, match="must not overlap"):
            run(table, root, inside)
    (tmp_path / "full").mkdir()
    (tmp_path / "full/thesis.doc").write_text("mine")
    with pytest.raises(DataError, match="holds other files"):
        run(table, root, tmp_path / "full")
    run(table, root, tmp_path / "out")
    with pytest.raises(SettingsError, match="written with other settings"):
        run(table, root, tmp_path / "out", seed=8)
    for options in ({"per_clip": 0}, {"seed": -1}):
        with pytest.raises(SettingsError, match=r"must be a whole number"):
            run(table, root, tmp_path / "other", **options)


def test_full_disk_is_named(pictures, tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(clip_forger, "_save_picture", full)
    with pytest.raises(StoreError, match="No space left on device. Finished clips are kept"):
        run(*pictures, tmp_path / "out")


def test_path_outside_the_data_set_is_not_followed(pictures, tmp_path):
    table, root = pictures
    (tmp_path / "secret.png").write_bytes((root / "a.png").read_bytes())
    table.loc[0, "path"] = "../secret.png"
    result = run(table, root, tmp_path / "out")
    assert result.table["status"].tolist() == ["unreadable", "ok", "no_face"]
    assert json.loads((tmp_path / "out/forged.json").read_text())["per_clip"] == 1

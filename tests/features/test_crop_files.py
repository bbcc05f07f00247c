"""Crops that extraction keeps are those that an adaptation would cut."""

from dataclasses import replace

import numpy as np
import pytest

from dfutils.adaptation import AdaptSettings, prepare_crops
from dfutils.errors import StoreError
from dfutils.features import clip_job, extract
from dfutils.features.crop_files import crops_folder
from dfutils.frames import Sampling

pytestmark = pytest.mark.slow


@pytest.fixture
def table(make_table, root):
    (root / "00.mp4").write_text("no video")
    return make_table(root).assign(media="video", split="train")


def test_an_adaptation_reads_no_clip_whose_crops_were_kept(table, root, settings, tmp_path, monkeypatch):
    adaptation = {"settings": AdaptSettings(frames=3), "face": settings.face, "progress": False}
    cut = prepare_crops(table, root, tmp_path / "cut", **adaptation)
    extract(table, root, tmp_path / "store", settings, crops=tmp_path / "kept", progress=False)
    monkeypatch.setattr(clip_job, "read_clip", None)
    kept = prepare_crops(table.iloc[1:], root, tmp_path / "kept", **adaptation)
    assert kept["status"].eq("ok").all()
    assert kept.reset_index(drop=True).equals(cut.iloc[1:].reset_index(drop=True))
    folders = [crops_folder(tmp_path / name, frames=3, face=settings.face) for name in ("cut", "kept")]
    names = [path.name for path in folders[0].glob("*.npy")]
    assert len([name for name in names if "landmarks" not in name]) == 19
    for name in names:
        np.testing.assert_array_equal(*(np.load(folder / name) for folder in folders))


def test_only_crops_that_an_adaptation_can_use_are_kept(table, root, settings, tmp_path):
    other = replace(settings, sampling=Sampling(rule="burst", frames=3))
    extract(table, root, tmp_path / "store", other, crops=tmp_path / "kept", progress=False)
    assert not (tmp_path / "kept").exists()


def test_folder_that_cannot_be_written_is_named(table, root, settings, tmp_path):
    (tmp_path / "kept").write_text("a file, not a folder")
    with pytest.raises(StoreError, match=r"kept.* cannot be written"):
        extract(table, root, tmp_path / "store", settings, crops=tmp_path / "kept", progress=False)

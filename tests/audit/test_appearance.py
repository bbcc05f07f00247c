"""What a file says, and what its first frames look like."""

import cv2
import numpy as np
import pandas as pd
import pytest

from dfutils.audit.appearance import FACTS, HASH_BITS, MOMENTS, SIDE, look, probe


@pytest.fixture
def make_clip_table():
    """A function that makes a table of clips from (path, media)."""

    def make(*rows):
        table = pd.DataFrame(rows, columns=["path", "media"])
        return table.assign(clip_id=table["path"])

    return make


def test_facts_are_read_from_a_videos_header(make_video, make_clip_table):
    path = make_video("a.mp4", frames=50)
    facts, appearances = probe(make_clip_table(("a.mp4", "video")), path.parent, progress=False)
    assert facts.columns.tolist() == list(FACTS)
    (row,) = facts.itertuples()
    assert (row.width, row.height, row.fps, row.frames, row.seconds) == (96, 64, 25, 50, 2)
    assert (row.codec, row.trouble, row.bytes) == ("h264", "", path.stat().st_size)
    assert appearances["a.mp4"].bits.shape == (HASH_BITS,)
    np.testing.assert_allclose(np.linalg.norm(appearances["a.mp4"].small, axis=1), 1, rtol=1e-5)


def test_frames_are_those_of_the_moments(make_video, make_clip_table):
    for name, frames in (("long.mp4", 50), ("short.mp4", 12)):
        make_video(name, frames=frames)
    root = make_video("one.mp4", frames=1).parent
    table = make_clip_table(("long.mp4", "video"), ("short.mp4", "video"), ("one.mp4", "video"))
    frames = {clip_id: seen.frames for clip_id, seen in look(table, root, progress=False)}
    assert [len(pictures) for pictures in frames.values()] == [len(MOMENTS), 2, 1]
    assert frames["long.mp4"][0].shape == (SIDE, SIDE, 3)


def test_a_folder_of_stills_is_probed_as_a_clip(tmp_path, make_clip_table):
    (tmp_path / "clip").mkdir()
    for i in range(12):
        cv2.imwrite(str(tmp_path / f"clip/{i}.png"), np.full((20, 30, 3), 20 * i, np.uint8))
    facts, appearances = probe(make_clip_table(("clip", "frames")), tmp_path, progress=False)
    (row,) = facts.itertuples()
    assert (row.width, row.height, row.frames, row.codec) == (30, 20, 12, "png")
    assert row.bytes == sum(file.stat().st_size for file in (tmp_path / "clip").iterdir())
    assert not appearances  # flat pictures show nothing to compare


def test_a_file_that_cannot_be_opened_has_its_trouble_in_words(make_files, make_clip_table):
    root = make_files("text.mp4", content=b"no video")
    make_files("empty.mp4", content=b"")
    (root / "folder").mkdir()
    table = make_clip_table(
        ("text.mp4", "video"), ("empty.mp4", "video"), ("gone.mp4", "video"), ("folder", "frames")
    )
    facts, appearances = probe(table, root, progress=False)
    assert facts["trouble"].str.len().gt(0).all()
    assert np.isnan(facts["frames"]).all()
    assert not appearances


def test_clips_that_were_looked_at_are_not_opened_again(make_video, make_clip_table):
    path = make_video("a.mp4", frames=40)
    table = make_clip_table(("a.mp4", "video"))
    known = dict(look(table, path.parent, progress=False))
    facts, appearances = probe(table, path.parent, progress=False)
    path.unlink()
    again, appearances_again = probe(table, path.parent, known=known, progress=False)
    assert again.equals(facts)
    np.testing.assert_array_equal(appearances_again["a.mp4"].bits, appearances["a.mp4"].bits)
    missing, _ = probe(table, path.parent, progress=False)
    assert missing["trouble"].iloc[0]

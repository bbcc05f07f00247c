import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from dfutils.features.clip_keys import content_key


@pytest.fixture
def make_stills(tmp_path):
    """A function that writes five small pictures into a folder: `make_stills("clip")`."""
    import cv2

    def make(name):
        folder = tmp_path / name
        folder.mkdir()
        for i in range(5):
            cv2.imwrite(str(folder / f"{i}.png"), np.full((8, 8, 3), i, np.uint8))
        return folder

    return make


def test_interrupted_download_and_another_kind_of_file_are_other_clips(tmp_path):
    content = np.random.default_rng(0).bytes(3_000_000)
    holes = bytearray(content)
    holes[400_000:700_000] = bytes(300_000)
    for name, data in (("a.mp4", content), ("b.mp4", holes), ("c.mp4", content), ("c.jpg", content)):
        (tmp_path / name).write_bytes(data)
    keys = [content_key(tmp_path / name) for name in ("a.mp4", "b.mp4", "c.mp4", "c.jpg")]
    assert keys[0] == keys[2]
    assert len(set(keys)) == 3


@given(
    size=st.sampled_from([0, 1, 65_535, 65_536, 65_537, 131_071, 131_072, 131_073, 300_000]),
    where=st.floats(0, 1),
)
@hypothesis_settings(deadline=None, max_examples=50)
def test_every_byte_at_the_head_or_the_tail_counts(tmp_path_factory, size, where):
    folder = tmp_path_factory.mktemp("keys")
    content = bytearray(np.random.default_rng(size).bytes(size))
    (folder / "a.mp4").write_bytes(content)
    key = content_key(folder / "a.mp4")
    (folder / "b.mp4").write_bytes(content + b" ")
    assert content_key(folder / "b.mp4") != key
    end = min(size, 1 << 16)
    for position in {int(where * (end - 1)), size - 1 - int(where * (end - 1))} if size else ():
        changed = bytearray(content)
        changed[position] ^= 1
        (folder / "b.mp4").write_bytes(changed)
        assert content_key(folder / "b.mp4") != key


def test_uncompressed_picture_that_changes_inside_is_another_clip(tmp_path):
    import cv2

    picture = np.zeros((400, 400, 3), np.uint8)
    cv2.imwrite(str(tmp_path / "a.bmp"), picture)
    picture[100:120] = 9
    cv2.imwrite(str(tmp_path / "b.bmp"), picture)
    assert content_key(tmp_path / "a.bmp") != content_key(tmp_path / "b.bmp")


def test_folder_of_stills_keeps_its_key_when_it_is_moved(make_stills, tmp_path):
    folder = make_stills("clip")
    key = content_key(folder)
    folder.rename(tmp_path / "moved")
    assert content_key(tmp_path / "moved") == key


def test_folder_of_stills_gets_another_key_when_a_picture_changes(make_stills):
    folder = make_stills("clip")
    key = content_key(folder)
    (folder / "2.png").write_bytes((folder / "3.png").read_bytes())
    assert content_key(folder) != key


def test_missing_file_raises(tmp_path):
    with pytest.raises(FileNotFoundError):
        content_key(tmp_path / "nowhere.mp4")


def test_keys_are_those_of_version_0_1_0(old_store):
    stored = {path.stem for path in old_store.folder.glob("clips/*.npz")}
    assert {content_key(path) for path in old_store.videos.iterdir()} == stored

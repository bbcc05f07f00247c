"""A pack gives the features of the clips' own files, whatever happens to it."""

import shutil
import signal
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dfutils.errors import StoreError
from dfutils.features import Backbone, StoredClip, load, pack
from dfutils.features.pack import Pack
from dfutils.features.pack_table import PackTable
from dfutils.features.store import Store
from dfutils.frames import Sampling

FRAME = 2 * 256  # bytes
NAMES = [f"{number}.mp4" for number in range(12)]


@pytest.fixture
def source(make_files, make_store, settings):
    """A store with twelve clips of one to three frames."""
    root = make_files()
    for name in NAMES:
        (root / name).write_text(name)
    return Store(make_store(pd.DataFrame({"clip_id": NAMES, "path": NAMES}), root), settings)


@pytest.fixture
def check(source):
    """A function that asks the pack for clips, and checks that it gives what the clips' own files hold."""
    index = source.index()
    keys = [index[name]["key"] for name in NAMES]
    clips = [source.read(key)[0] for key in keys]

    def check(chosen=range(12)):
        wanted = [clips[number] for number in chosen]
        counts = np.array([len(clip.features) for clip in wanted])
        found = Pack(source).rows([keys[number] for number in chosen], counts, progress=False)
        rows = found.file.rows()
        for start, side, clip in zip(found.starts, found.sides, wanted, strict=True):
            np.testing.assert_array_equal(rows[start : start + len(clip.features)], clip.features)
            assert side == clip.face_side
        return found

    return check


def frames_file(source):
    (path,) = Pack(source).folder.glob("*.f16")
    return path


def table_of(source):
    return PackTable.read(Pack(source).folder / "table.npz", fingerprint=source.fingerprint, width=256)


def test_clips_are_packed_once(check, source, monkeypatch):
    check([3, 1])
    before = frames_file(source).read_bytes()
    check()
    after = frames_file(source).read_bytes()
    assert after.startswith(before)
    assert len(after) == FRAME * sum(row["frames"] for row in source.index().values())
    shutil.rmtree(source.folder / "clips")
    check([11, 0, 0, 5])
    assert frames_file(source).read_bytes() == after


def test_full_pack_is_read_without_writing(check, monkeypatch):
    check()
    monkeypatch.setattr(Pack, "_locked", None)
    check()


def test_reading_in_small_pieces_changes_nothing(check, source, monkeypatch):
    monkeypatch.setattr(pack, "_BYTES_PER_READ", 3 * FRAME)
    monkeypatch.setattr(pack, "_CLIPS_PER_TABLE", 5)
    check()
    shutil.rmtree(source.folder / "clips")
    check()
    check([10, 2, 4])


@pytest.mark.parametrize("place", [0, 1, FRAME, 7 * FRAME + 100, -1])
def test_damaged_frames_are_packed_again(place, check, source):
    check()
    path = frames_file(source)
    content = bytearray(path.read_bytes())
    content[place] ^= 0x10
    path.write_bytes(content)
    check()
    shutil.rmtree(source.folder / "clips")
    check()


@pytest.mark.parametrize("size", [0, 100, 5 * FRAME + 1])
def test_frames_that_were_cut_off_are_packed_again(size, check, source):
    check()
    with frames_file(source).open("r+b") as file:
        file.truncate(size)
    check()
    shutil.rmtree(source.folder / "clips")
    check()


def test_frames_of_zeros_are_packed_again(check, source):
    check()
    path = frames_file(source)
    path.write_bytes(bytes(path.stat().st_size))
    check()


@pytest.mark.parametrize("name", ["table.npz", "*.f16"])
def test_lost_file_is_written_again(name, check, source):
    check()
    (path,) = Pack(source).folder.glob(name)
    path.unlink()
    check()
    assert len(list(Pack(source).folder.glob("*.f16"))) == 1


@pytest.mark.parametrize("content", [b"", b"not a table", None])
def test_pack_whose_table_cannot_be_read_is_made_again(content, check, source):
    reading = check()
    path, old = Pack(source).folder / "table.npz", frames_file(source)
    path.write_bytes(path.read_bytes()[:-30] if content is None else content)
    before = reading.file.rows()[:].copy()
    check([5, 4])
    check()
    assert frames_file(source) != old
    np.testing.assert_array_equal(reading.file.rows(), before)


def test_damaged_clip_without_a_file_is_not_there(check, source):
    check()
    content = bytearray(frames_file(source).read_bytes())
    content[0] ^= 1
    frames_file(source).write_bytes(content)
    shutil.rmtree(source.folder / "clips")
    row = source.index()["0.mp4"]
    found = Pack(source).rows([row["key"]], np.array([row["frames"]]), progress=False)
    assert found.starts.tolist() == [-1]
    assert np.isnan(found.sides).all()


def test_clips_that_changed_places_are_noticed(check, source):
    check()
    table = table_of(source)
    first, second = np.flatnonzero(table.frames == 3)[:2]
    table.starts[[first, second]] = table.starts[[second, first]]
    table.write(Pack(source).folder / "table.npz")
    check()


def test_pack_of_other_settings_is_made_again(check, source, settings, tmp_path):
    check()
    other = Store(tmp_path / "store", replace(settings, sampling=Sampling(frames=4)))
    other.create()
    shutil.copytree(Pack(source).folder, Pack(other).folder)
    key = source.index()["2.mp4"]["key"]
    rng = np.random.default_rng(1)
    clip = StoredClip("ok", "", rng.normal(size=(3, 256)).astype(np.float16), np.arange(3.0), np.ones((3, 4)))
    other.write(key, clip)
    found = Pack(other).rows([key], np.array([3]), progress=False)
    np.testing.assert_array_equal(found.file.rows()[found.starts[0] :][:3], clip.features)


def test_what_a_killed_process_left_is_overwritten(check, source):
    check([0, 1, 2])
    with frames_file(source).open("ab") as file:
        file.write(b"\x01" * (9 * FRAME + 7))
    (Pack(source).folder / ".partial-1.npz").write_bytes(b"half a table")
    check([3, 4])
    assert not list(Pack(source).folder.glob(".partial*"))
    check()


def test_full_disk_while_the_table_is_written_keeps_the_old_one(check, source, monkeypatch):
    check([0, 1])

    def refuse(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(PackTable, "write", refuse)
    with pytest.raises(StoreError, match=r"cannot be written: No space left on device.*Make room"):
        check()
    check([1, 0])
    monkeypatch.undo()
    check()


# A process that packs the clips of the store `argv[1]`. `argv[2]` says after how many clips it kills itself.
_PACKING = """
import os, sys
import numpy as np
from dfutils.errors import StoreError
from dfutils.features import pack
from dfutils.features.store import Store

pack._CLIPS_PER_TABLE = 4
store, left = Store.only(sys.argv[1]), int(sys.argv[2])
read = store.read

def read_until_killed(key):
    global left
    left -= 1
    if left == -1:
        os.kill(os.getpid(), 9)
    return read(key)

store.read = read_until_killed
rows = [row for row in store.index().values() if row["status"] == "ok"]
try:
    pack.Pack(store).rows([row["key"] for row in rows], np.array([row["frames"] for row in rows]), progress=False)
except StoreError as error:
    sys.exit(str(error))
"""


def start_packing(source, *, kill_after=-1, **options):
    command = [sys.executable, "-c", _PACKING, str(source.folder.parent), str(kill_after)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, **options)


@pytest.mark.slow
@pytest.mark.parametrize("clips", [0, 3, 6, 11])
def test_killed_process_costs_at_most_the_last_clips(clips, check, source):
    process = start_packing(source, kill_after=clips)
    process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL
    table = table_of(source)
    assert (len(table.keys) if table else 0) == clips // 4 * 4
    check()
    assert frames_file(source).stat().st_size == FRAME * table_of(source).end


@pytest.mark.slow
def test_processes_that_pack_at_once_pack_each_clip_once(check, source):
    processes = [start_packing(source) for _ in range(3)]
    for process in processes:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
    check()
    assert frames_file(source).stat().st_size == FRAME * table_of(source).end
    assert table_of(source).end == sum(row["frames"] for row in source.index().values())


@pytest.mark.slow
def test_full_disk_names_the_store_and_the_next_load_is_right(check, source):
    import resource

    def limit_file_size():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))

    process = start_packing(source, preexec_fn=limit_file_size)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 1
    assert f"{source.folder} cannot be written" in errors
    assert "Make room" in errors
    check()


# Reads all clips of the store `argv[1]` in blocks, packed, and prints by how many bytes the process grew.
_READING = """
import resource, sys
import numpy as np
import pandas as pd
from dfutils.features import load
from dfutils.training import check_clips, mean_features

catalog = pd.read_csv(sys.argv[1] + ".csv", dtype={"clip_id": str, "group": str})
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
clips = load(sys.argv[1], catalog, packed=True, progress=False)
check_clips("read", clips)
means = mean_features(clips.take(np.arange(len(clips))[::-1]))
print(clips.X.size * 4, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the peak of the memory has another unit elsewhere")
def test_memory_stays_far_below_the_size_of_the_features(tmp_path, settings):
    sampling, backbone = Sampling(frames=20), Backbone(weights="random", layers=("mixed4",))
    store = Store(tmp_path / "store", replace(settings, sampling=sampling, backbone=backbone))
    store.create()
    names = [f"{number:032x}" for number in range(2500)]
    clip = StoredClip("ok", "", np.ones((20, 768), np.float16), np.arange(20.0), np.ones((20, 4)))
    for name in names:
        store.write(name, clip)
    store.add_to_index(
        {"clip_id": name, "key": name, "status": "ok", "reason": "", "frames": 20} for name in names
    )
    table = pd.DataFrame({"clip_id": names, "path": names, "label": np.arange(2500) % 2, "group": names})
    table.to_csv(tmp_path / "store.csv", index=False)
    command = [sys.executable, "-c", _READING, str(tmp_path / "store")]
    size, grown = map(int, subprocess.check_output(command, text=True).split())
    assert size == 4 * 2500 * 20 * 768
    assert grown < size / 3
    assert len(load(tmp_path / "store", table, packed=True)) == 2500

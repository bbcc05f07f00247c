"""Extraction survives what happens to it: bad files, kills, damage, company, a full disk."""

import json
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dfutils.errors import DataError, DfutilsError, WeightsError
from dfutils.features import (
    Backbone,
    ExtractionSettings,
    clip_job,
    extract,
    extract_clip,
    load,
    pipeline,
    store_clip,
)
from dfutils.features.clip_keys import content_key
from dfutils.features.store import Store
from dfutils.frames import FaceCrop, Sampling
from dfutils.lessons import demonstrate_cache

SETTINGS = ExtractionSettings(
    sampling=Sampling(frames=3),
    face=FaceCrop(detector="none"),
    backbone=Backbone(weights="random", layers=("mixed0",)),
)

# What a subprocess runs: `python -c WORK root store`; prints one line when it begins to extract.
WORK = """
import sys, pandas as pd
from pathlib import Path
sys.path.insert(0, {tests!r})
from features.test_extraction import SETTINGS, table_of
from dfutils.features import extract
root, store = Path(sys.argv[1]), sys.argv[2]
result = extract(table_of(root), root, store, SETTINGS, progress=False)
print(result.extracted, "tensorflow" in sys.modules)
"""


def table_of(root):
    names = sorted(path.name for path in root.iterdir())
    rows = {"clip_id": names, "path": names, "label": 0, "group": "g", "method": "", "split": ""}
    return pd.DataFrame(rows)


def start(root, store, **options):
    tests = str(Path(__file__).resolve().parents[1])
    command = [sys.executable, "-c", WORK.format(tests=tests), str(root), str(store)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


@pytest.fixture
def root(tmp_path, make_video):
    """Twenty short clips of five lengths."""
    for i in range(20):
        make_video(f"root/{i:02d}.mp4", frames=1 + i % 5)
    return tmp_path / "root"


def fill(root, store, settings=SETTINGS):
    return extract(table_of(root), root, store, settings, progress=False)


def stored(store):
    """Return {file name: arrays} of a store."""
    found = {}
    for path in Store(store, SETTINGS).folder.glob("clips/*.npz"):
        with np.load(path) as file:
            found[path.name] = [file[name].tolist() for name in file]
    return found


def test_batches_cross_clips_and_change_nothing(root, tmp_path, monkeypatch):
    batches = []
    build = pipeline.build_backbone

    class Counting:
        def __init__(self, model):
            self.model = model

        def predict_on_batch(self, crops):
            batches.append(len(crops))
            return self.model.predict_on_batch(crops)

    monkeypatch.setattr(pipeline, "build_backbone", lambda backbone: Counting(build(backbone)))
    result = fill(root, tmp_path / "store")
    assert result.table["status"].eq("ok").all()
    assert (result.table["seconds"] > 0).all()
    assert batches == [32, sum(min(3, 1 + i % 5) for i in range(20)) - 32]
    clips = load(tmp_path / "store", table_of(root))
    for i, name in enumerate(clips.clip_ids):
        alone = extract_clip(root / name, SETTINGS)
        np.testing.assert_array_equal(alone.features, clips.X[i][clips.mask[i]].astype(np.float16))


def test_one_clip_is_one_function_that_an_engine_can_map(root, tmp_path):
    rows = [store_clip(path, tmp_path / "mapped", SETTINGS) for path in sorted(root.iterdir())]
    fill(root, tmp_path / "store")
    assert stored(tmp_path / "mapped") == stored(tmp_path / "store")
    assert [row["frames"] for row in rows[:5]] == [1, 2, 3, 3, 3]
    assert fill(root, tmp_path / "mapped").extracted == 0
    assert len(load(tmp_path / "mapped", table_of(root))) == 20
    assert store_clip(root / "00.mp4", tmp_path / "mapped", SETTINGS)["seconds"] == 0
    assert store_clip(root / "gone.mp4", tmp_path / "mapped", SETTINGS)["status"] == "unreadable"


def test_nothing_to_do_does_not_load_tensorflow(root, tmp_path):
    (root / "20.mp4").symlink_to("nowhere")
    fill(root, tmp_path / "store")
    out, errors = start(root, tmp_path / "store").communicate()
    assert out.split() == ["0", "False"], errors


def test_killed_at_any_moment_every_clip_is_there_once_and_the_same(root, tmp_path):
    fill(root, tmp_path / "undisturbed")
    rng = np.random.default_rng(0)
    folder = Store(tmp_path / "store", SETTINGS).folder / "clips"
    extracted = 0
    for _ in range(4):
        before = len(list(folder.glob("*.npz")))
        process = start(root, tmp_path / "store")
        deadline = time.monotonic() + 60
        while process.poll() is None and len(list(folder.glob("*.npz"))) == before:
            assert time.monotonic() < deadline
            time.sleep(0.002)
        time.sleep(rng.uniform(0, 0.05))
        process.kill()
        process.communicate()
        extracted += len(list(folder.glob("*.npz"))) - before
    extracted += fill(root, tmp_path / "store").extracted
    assert extracted == 20
    assert stored(tmp_path / "store") == stored(tmp_path / "undisturbed")
    assert len(load(tmp_path / "store", table_of(root))) == 20


def test_two_processes_fill_one_store(root, tmp_path):
    both = [start(root, tmp_path / "store") for _ in range(2)]
    for process in both:
        _, errors = process.communicate()
        assert process.returncode == 0, errors
    fill(root, tmp_path / "undisturbed")
    assert stored(tmp_path / "store") == stored(tmp_path / "undisturbed")
    assert len(load(tmp_path / "store", table_of(root))) == 20


def test_interrupt_stops_and_keeps_what_is_done(root, tmp_path):
    process = start(root, tmp_path / "store")
    folder = Store(tmp_path / "store", SETTINGS).folder / "clips"
    while process.poll() is None and not list(folder.glob("*.npz")):
        time.sleep(0.002)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert list(folder.glob("*.npz"))
    assert fill(root, tmp_path / "store").table["status"].eq("ok").all()


def test_full_disk_names_the_store_and_keeps_what_is_there(root, tmp_path):
    import resource

    def little_room():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1500, 1500))

    # Files of more than 1500 bytes find no room, as on a full disk: those of three frames.
    process = start(root, tmp_path / "store", preexec_fn=little_room)
    _, errors = process.communicate()
    assert process.returncode == 1
    assert "cannot be written" in errors
    assert "Make room" in errors
    folder = Store(tmp_path / "store", SETTINGS).folder
    assert not list((folder / "partial").iterdir())
    assert fill(root, tmp_path / "store").table["status"].eq("ok").all()


def test_every_flipped_byte_of_a_stored_clip_is_noticed_or_harmless(root, tmp_path):
    fill(root, tmp_path / "store")
    store = Store(tmp_path / "store", SETTINGS)
    key = content_key(root / "04.mp4")
    path, (truth, _) = store.path(key), store.read(key)
    content = path.read_bytes()
    noticed = 0
    for at in range(0, len(content), 7):
        damaged = bytearray(content)
        damaged[at] ^= 0x55
        path.write_bytes(damaged)
        clip, why = store.read(key)
        noticed += clip is None
        assert clip is None or (clip.features == truth.features).all()
        assert (clip is None) == bool(why)
    assert noticed > len(content) / 7 * 0.8
    path.write_bytes(content[: len(content) // 2])
    result = fill(root, tmp_path / "store")
    assert result.extracted == result.repaired == 1
    assert "damaged" in result.table["reason"][4]
    again = fill(root, tmp_path / "store")
    assert again.extracted == 0
    assert again.table["reason"][4] == ""


def test_foreign_file_and_numbers_that_are_none_are_extracted_again(root, tmp_path):
    fill(root, tmp_path / "store")
    others = replace(SETTINGS, sampling=Sampling(frames=2))
    fill(root, tmp_path / "store", others)
    store, other = Store(tmp_path / "store", SETTINGS), Store(tmp_path / "store", others)
    key, second = content_key(root / "04.mp4"), content_key(root / "03.mp4")
    shutil.copy(other.path(key), store.path(key))
    clip, _ = store.read(second)
    clip.features[0, 0] = np.nan
    store.write(second, clip)
    result = fill(root, tmp_path / "store")
    assert result.repaired == 2
    assert "other settings" in result.table["reason"][4]
    assert "not finite" in result.table["reason"][3]
    assert len(load(tmp_path / "store", table_of(root), SETTINGS)) == 20


def test_clip_that_changes_or_vanishes_while_it_is_read(root, tmp_path, monkeypatch):
    read = clip_job.read_clip

    def meddle(path, *args, **options):
        clip = read(path, *args, **options)
        if path.name == "03.mp4":
            path.rename(tmp_path / "aside.mp4")
        if path.name == "04.mp4":
            path.write_bytes(path.read_bytes() + b" ")
        return clip

    monkeypatch.setattr(clip_job, "read_clip", meddle)
    table = table_of(root)
    result = extract(table, root, tmp_path / "store", SETTINGS, progress=False)
    assert result.table["status"].tolist() == ["ok"] * 3 + ["unreadable"] * 2 + ["ok"] * 15
    assert result.table["reason"].str.contains("while it was being read").sum() == 2
    monkeypatch.undo()
    (tmp_path / "aside.mp4").rename(root / "03.mp4")
    again = extract(table, root, tmp_path / "store", SETTINGS, progress=False)
    assert again.table["status"].eq("ok").all()
    assert again.extracted == 2


def test_failure_that_nobody_foresaw_costs_one_clip(root, tmp_path, monkeypatch):
    read = clip_job.read_clip

    def fail(path, *args, **options):
        if path.name == "03.mp4":
            raise MemoryError("no room for it")
        return read(path, *args, **options)

    monkeypatch.setattr(clip_job, "read_clip", fail)
    result = fill(root, tmp_path / "store")
    assert result.table["status"].eq("ok").sum() == 19
    assert "MemoryError: no room" in result.table["reason"][3]
    monkeypatch.undo()
    assert fill(root, tmp_path / "store").table["status"].eq("ok").all()


def test_failure_of_every_clip_alike_stops_the_run(root, tmp_path, monkeypatch):
    def broken(*_, **__):
        raise KeyError("a programmer's mistake")

    monkeypatch.setattr(clip_job, "read_clip", broken)
    with pytest.raises(RuntimeError, match="programmer's mistake"):
        fill(root, tmp_path / "store")
    table = extract(table_of(root).head(3), root, tmp_path / "store", SETTINGS, progress=False)
    assert set(table.table["status"]) == {"unreadable"}


def test_table_given_by_hand_is_checked(root, tmp_path):
    def run(**columns):
        return extract(table_of(root).assign(**columns), root, tmp_path / "store", SETTINGS, progress=False)

    paths = [None, 7, "", float("nan"), *table_of(root)["path"][4:]]
    table = run(path=paths, clip_id=range(20))
    assert table.table["status"].tolist() == ["unreadable"] * 4 + ["ok"] * 16
    numbered = table_of(root).assign(clip_id=range(20))
    assert len(load(tmp_path / "store", numbered, SETTINGS)) == 16
    with pytest.raises(DataError, match="twice"):
        run(clip_id=["a"] * 20)
    with pytest.raises(DataError, match="no column path"):
        extract(table_of(root).drop(columns="path"), root, tmp_path / "store", SETTINGS)


def test_copy_with_holes_and_other_kinds_of_file_are_other_clips(tmp_path):
    content = np.random.default_rng(0).bytes(3_000_000)
    holes = bytearray(content)
    holes[400_000:700_000] = bytes(300_000)
    for name, data in (("a.mp4", content), ("b.mp4", holes), ("c.mp4", content), ("c.jpg", content)):
        (tmp_path / name).write_bytes(data)
    keys = [content_key(tmp_path / name) for name in ("a.mp4", "b.mp4", "c.mp4", "c.jpg")]
    assert keys[0] == keys[2]
    assert len(set(keys)) == 3


def test_another_clips_file_under_this_key_is_not_served(root, tmp_path):
    fill(root, tmp_path / "store")
    store = Store(tmp_path / "store", SETTINGS)
    shutil.copy(store.path(content_key(root / "03.mp4")), store.path(content_key(root / "04.mp4")))
    result = fill(root, tmp_path / "store")
    assert result.repaired == 1
    assert "another clip" in result.table["reason"][4]


def test_same_content_twice_is_extracted_once(root, tmp_path):
    shutil.copy(root / "04.mp4", root / "20.mp4")
    result = fill(root, tmp_path / "store")
    assert result.extracted == 20
    clips = load(tmp_path / "store", table_of(root))
    np.testing.assert_array_equal(clips.X[4], clips.X[20])


def test_bad_files_get_their_status_and_the_others_are_done(root, tmp_path):
    import cv2

    whole = (root / "04.mp4").read_bytes()
    bad = {
        "nothing.mp4": (b"", "empty"),
        "text.mp4": (b"no video\n" * 99, "unreadable"),
        "page.mp4": (b"<!DOCTYPE html><html><body>404</body></html>", "unreadable"),
        "head.mp4": (whole[:200], "empty"),
        "noise.mkv": (np.random.default_rng(0).bytes(5000), "unreadable"),
        "noise.avi": (b"RIFF" + np.random.default_rng(1).bytes(5000), "unreadable"),
        "text.gif": (b"GIF89a", "unreadable"),
        "noise.jpg": (np.random.default_rng(2).bytes(5000), "unreadable"),
    }
    for name, (content, _) in bad.items():
        (root / name).write_bytes(content)
    (root / "folder.mp4").mkdir()
    (root / "link.mp4").symlink_to("nowhere")
    cv2.imwrite(str(root / "tiny.png"), np.zeros((3, 3, 3), np.uint8))
    result = fill(root, tmp_path / "store").table.set_index("clip_id")
    for name, (_, status) in bad.items():
        assert result.loc[name, "status"] == status, (name, result.loc[name, "reason"])
    assert result.loc[["folder.mp4", "link.mp4"], "status"].eq("unreadable").all()
    assert result.loc["tiny.png", "status"] == "ok"
    assert result["status"].eq("ok").sum() == 21
    assert (result.loc[result["status"] != "ok", "reason"] != "").all()
    assert load(tmp_path / "store", table_of(root)).coverage["status"].tolist() == result["status"].tolist()


def test_weights_that_give_no_numbers_are_named(root, tmp_path):
    import keras

    network = keras.applications.InceptionV3(include_top=False, weights=None, input_shape=(299, 299, 3))
    activation = network.get_layer("mixed0").input[0]._keras_history.operation
    norm = activation.input._keras_history.operation
    beta, *statistics = norm.get_weights()
    norm.set_weights([beta + 1e6, *statistics])
    network.save_weights(tmp_path / "bad.weights.h5")
    backbone = Backbone(weights=str(tmp_path / "bad.weights.h5"), layers=("mixed0",))
    with pytest.raises(WeightsError, match=r"bad\.weights\.h5.*00\.mp4"):
        fill(
            root,
            tmp_path / "store",
            ExtractionSettings(sampling=SETTINGS.sampling, face=SETTINGS.face, backbone=backbone),
        )


def test_precision_is_part_of_the_fingerprint_and_close(root, tmp_path):
    coarse = ExtractionSettings(
        sampling=SETTINGS.sampling,
        face=SETTINGS.face,
        backbone=Backbone(weights="random", layers=("mixed0",), precision="bfloat16"),
    )
    assert coarse.fingerprint() != SETTINGS.fingerprint()
    exact = extract_clip(root / "04.mp4", SETTINGS).features.astype(float)
    rough = extract_clip(root / "04.mp4", coarse).features.astype(float)
    assert 0 < np.abs(rough - exact).mean() < 0.02 * np.abs(exact).mean()
    with pytest.raises(DfutilsError, match="float32, bfloat16"):
        Backbone(precision="float16")


def test_index_holds_what_load_needs_and_ignores_garbage(root, tmp_path):
    fill(root, tmp_path / "store")
    index = Store(tmp_path / "store", SETTINGS).folder / "index.jsonl"
    row = json.loads(index.read_text().splitlines()[-1])
    assert set(row) == {"clip_id", "key", "status", "reason", "frames"}
    with index.open("a") as file:
        file.write('\n[]\n"x"\n{"clip_id": "00.mp4"}\n\x00\n')
    assert fill(root, tmp_path / "store").extracted == 0
    assert len(load(tmp_path / "store", table_of(root))) == 20


def test_cache_is_demonstrated(root):
    events = demonstrate_cache(root / "04.mp4", root / "03.mp4", SETTINGS)
    assert events["clips_extracted"].tolist() == [1, 0, 0, 1, 0, 1]
    assert "damaged" in events["reason"].iloc[-1]

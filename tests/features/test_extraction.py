"""Extraction survives bad files, killed processes, damaged files, a second process and a full disk."""

import json
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dfutils.data import Catalog, read_catalog
from dfutils.demo import encode, render_clip
from dfutils.errors import DataError
from dfutils.features import (
    Backbone,
    Extraction,
    build_backbone,
    clip_job,
    extract,
    extract_clip,
    load,
    store_clip,
)
from dfutils.features.clip_keys import content_key
from dfutils.features.store import Store
from dfutils.frames import FaceCrop, Sampling, crop_faces, read_clip

# What a subprocess runs: `python -c WORK settings table root store`.
WORK = """
import json, sys
import pandas as pd
from dfutils.features import ExtractionSettings, extract
settings, table = ExtractionSettings.from_dict(json.loads(sys.argv[1])), pd.read_json(sys.argv[2], dtype=False)
extraction = extract(table, *sys.argv[3:], settings, progress=False)
print(extraction.extracted, "tensorflow" in sys.modules)
"""


@pytest.fixture
def start(root, make_table, settings, tmp_path):
    """A function that starts extracting the twenty clips in a process of its own: `start(store)`."""

    def begin(store, **options):
        make_table(root).to_json(tmp_path / "table.json")
        arguments = (json.dumps(settings.to_dict()), tmp_path / "table.json", root, store)
        return subprocess.Popen(
            [sys.executable, "-c", WORK, *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )

    return begin


@pytest.fixture
def fill(root, make_table, settings):
    """A function that extracts all files of the test's folder: `fill(store)`."""

    def run(store, **changes):
        table = make_table(root).assign(**changes)
        return extract(table, root, store, settings, progress=False)

    return run


@pytest.fixture
def read_all(settings):
    """A function that reads all files of a store: `read_all(store)` returns {file name: arrays}."""

    def read(store):
        clips = {}
        for path in Store(store, settings).folder.glob("clips/*.npz"):
            with np.load(path) as file:
                clips[path.name] = [file[name].tolist() for name in file]
        return clips

    return read


@pytest.mark.slow
def test_features_are_those_that_the_network_gives_for_the_crops(root, make_table, settings, tmp_path):
    (root / "02.mp4").write_text("no video")
    two_layers = replace(settings, backbone=Backbone(weights="random", layers=("mixed0", "mixed2")))
    table = make_table(root).head(4)
    extraction = extract(table, root, tmp_path / "store", two_layers, progress=False)
    assert extraction.table["clip_id"].tolist() == table["clip_id"].tolist()
    assert extraction.table["status"].tolist() == ["ok", "ok", "unreadable", "ok"]
    assert extraction.extracted == 4
    clips = load(tmp_path / "store", table)
    assert clips.coverage["status"].tolist() == extraction.table["status"].tolist()
    crops = crop_faces(read_clip(root / "03.mp4", two_layers.sampling), two_layers.face).crops
    expected = build_backbone(two_layers.backbone).predict_on_batch(crops)
    np.testing.assert_allclose(clips.X[2], expected, rtol=2e-3, atol=2e-3)


@pytest.mark.slow
def test_frames_without_a_face_have_no_features_and_are_not_in_the_mask(tmp_path, settings):
    faces = render_clip(7, 0, frames=30).frames
    encode(tmp_path / "always.mp4", faces)
    encode(tmp_path / "late.mp4", np.concatenate([np.full_like(faces[:12], 90), faces[12:]]))
    table = pd.DataFrame({"clip_id": ["always", "late"], "path": ["always.mp4", "late.mp4"]})
    table = table.assign(label=0, group="g")
    ten = replace(settings, sampling=Sampling(frames=10), face=FaceCrop())
    extraction = extract(table, tmp_path, tmp_path / "store", ten, progress=False)
    assert extraction.table["status"].tolist() == ["ok", "ok"]
    assert "no face in 4 of 10 frames" in extraction.table["reason"][1]
    clips = load(tmp_path / "store", table)
    assert clips.mask.sum(axis=1).tolist() == [10, 6]
    assert not clips.X[1, 6:].any()
    stored, _ = Store(tmp_path / "store", ten).read(content_key(tmp_path / "late.mp4"))
    assert stored.times.min() > 0.45
    assert stored.boxes.shape == (6, 4)


def test_result_says_what_was_done_and_with_which_weights(root, make_table, make_store, settings):
    extraction = extract(make_table(root), root, make_store(make_table(root), root), settings, progress=False)
    assert isinstance(extraction, Extraction)
    assert list(extraction.table) == ["clip_id", "status", "reason", "seconds"]
    assert extraction.table["seconds"].eq(0).all()
    assert (extraction.extracted, extraction.repaired) == (0, 0)
    assert extraction.fingerprint == settings.fingerprint()
    assert extraction.weights.kind == "random"
    assert "not for judging real videos" in extraction.weights.note


def test_second_run_extracts_nothing_unusable_file_included(fill, root, make_table, make_store):
    (root / "notes.txt").write_text("no video")
    again = fill(make_store(make_table(root), root))
    assert again.extracted == 0
    assert again.table["status"].value_counts().to_dict() == {"ok": 20, "unreadable": 1}


def test_nothing_to_do_does_not_load_tensorflow(start, root, make_table, make_store):
    store = make_store(make_table(root), root)
    (root / "20.mp4").symlink_to("nowhere")
    out, errors = start(store).communicate()
    assert out.split() == ["0", "False"], errors


def test_store_of_version_0_1_0_needs_no_work(old_store):
    table = pd.DataFrame({"clip_id": ["clip", "text"], "path": ["clip.mp4", "text.mp4"]})
    settings = Store.only(old_store.store).settings
    again = extract(table, old_store.videos, old_store.store, settings, progress=False)
    assert again.extracted == 0
    assert again.table["status"].tolist() == ["ok", "unreadable"]
    clips = load(old_store.store, table.assign(label=[1, 0], group="g"))
    assert clips.X.shape == (1, 2, 256)
    assert 0.05 < clips.X.mean() < 5
    assert len(list(old_store.store.iterdir())) == 1


def test_root_may_be_left_to_the_catalog(root, make_table, make_store, settings):
    store, table = make_store(make_table(root), root), make_table(root)
    assert extract(Catalog(table=table, root=root), None, store, settings, progress=False).extracted == 0
    with pytest.raises(DataError, match="root"):
        extract(table, None, store, settings, progress=False)
    with pytest.raises(DataError, match="There is no folder"):
        extract(table, root / "nowhere", store, settings, progress=False)


@pytest.mark.slow
def test_replaced_file_is_extracted_again_moved_file_is_not(fill, root, make_table, store, make_video):
    (root / "00.mp4").rename(root / "aside.mp4")
    (root / "04.mp4").rename(root / "00.mp4")
    (root / "aside.mp4").rename(root / "04.mp4")
    assert fill(store).extracted == 0
    lengths = load(store, make_table(root)).mask.sum(1)
    assert (lengths[0], lengths[4]) == (3, 1)
    make_video("root/00.mp4", frames=2)
    assert fill(store).extracted == 1
    assert load(store, make_table(root)).mask.sum(1)[0] == 2


@pytest.mark.slow
def test_damaged_file_is_extracted_again_once(fill, root, store, settings):
    path = Store(store, settings).path(content_key(root / "04.mp4"))
    path.write_bytes(path.read_bytes()[:-200])
    repaired = fill(store)
    assert repaired.extracted == repaired.repaired == 1
    assert "damaged" in repaired.table["reason"][4]
    again = fill(store)
    assert again.extracted == 0
    assert again.table["reason"][4] == "crops of 64 pixels, enlarged 4.7 times"


@pytest.mark.slow
def test_files_that_do_not_belong_there_are_extracted_again(fill, root, make_table, store, settings):
    others = replace(settings, sampling=Sampling(frames=2))
    extract(make_table(root).loc[[4]], root, store, others, progress=False)
    target, other = Store(store, settings), Store(store, others)
    keys = {name: content_key(root / f"{name}.mp4") for name in ("02", "03", "04", "05")}
    shutil.copy(other.path(keys["04"]), target.path(keys["04"]))
    shutil.copy(target.path(keys["05"]), target.path(keys["02"]))
    clip, _ = target.read(keys["03"])
    clip.features[0, 0] = np.nan
    target.write(keys["03"], clip)
    repaired = fill(store)
    assert repaired.repaired == 3
    assert "other settings" in repaired.table["reason"][4]
    assert "not finite" in repaired.table["reason"][3]
    assert "another clip" in repaired.table["reason"][2]
    assert len(load(store, make_table(root), settings)) == 20


def test_index_line_cut_off_by_a_kill_needs_no_extraction(fill, root, make_table, make_store, settings):
    store = make_store(make_table(root), root)
    index = Store(store, settings).folder / "index.jsonl"
    index.write_text(index.read_text().rstrip()[:-20] + '\n[]\n"x"\n{"clip_id": "00.mp4"}\n\x00\n')
    assert fill(store).extracted == 0
    assert len(load(store, make_table(root))) == 20


@pytest.mark.slow
def test_one_clip_is_one_function_that_a_cluster_can_map(
    fill, root, make_table, settings, tmp_path, read_all, store
):
    rows = [store_clip(path, tmp_path / "mapped", settings) for path in sorted(root.iterdir())]
    assert read_all(tmp_path / "mapped") == read_all(store)
    assert [row["frames"] for row in rows[:5]] == [1, 2, 3, 3, 3]
    assert fill(tmp_path / "mapped").extracted == 0
    assert len(load(tmp_path / "mapped", make_table(root))) == 20
    assert store_clip(root / "00.mp4", tmp_path / "mapped", settings)["seconds"] == 0
    assert store_clip(root / "gone.mp4", tmp_path / "mapped", settings)["status"] == "unreadable"


def test_clip_that_cannot_be_read_raises_nothing(tmp_path, settings):
    clip = extract_clip(tmp_path / "nowhere.mp4", settings)
    assert clip.status == "unreadable"
    assert clip.features.shape == (0, 256)


@pytest.mark.slow
def test_killed_at_any_moment_every_clip_is_there_once_and_the_same(
    start, fill, root, make_table, settings, tmp_path, read_all, store
):
    rng = np.random.default_rng(0)
    interrupted = tmp_path / "interrupted"
    folder = Store(interrupted, settings).folder / "clips"
    extracted = 0
    for _ in range(4):
        before = len(list(folder.glob("*.npz")))
        process = start(interrupted)
        deadline = time.monotonic() + 300
        while process.poll() is None and len(list(folder.glob("*.npz"))) == before:
            assert time.monotonic() < deadline
            time.sleep(0.002)
        time.sleep(rng.uniform(0, 0.05))
        process.kill()
        process.communicate()
        extracted += len(list(folder.glob("*.npz"))) - before
    extracted += fill(interrupted).extracted
    assert extracted == 20
    assert read_all(interrupted) == read_all(store)
    assert len(load(interrupted, make_table(root))) == 20


@pytest.mark.slow
def test_two_processes_fill_one_store(start, root, make_table, tmp_path, read_all, store):
    both = [start(tmp_path / "shared") for _ in range(2)]
    for process in both:
        _, errors = process.communicate()
        assert process.returncode == 0, errors
    assert read_all(tmp_path / "shared") == read_all(store)
    assert len(load(tmp_path / "shared", make_table(root))) == 20


@pytest.mark.slow
def test_interrupt_stops_and_keeps_what_is_done(start, fill, settings, tmp_path):
    process = start(tmp_path / "interrupted")
    folder = Store(tmp_path / "interrupted", settings).folder / "clips"
    while process.poll() is None and not list(folder.glob("*.npz")):
        time.sleep(0.002)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert list(folder.glob("*.npz"))
    assert fill(tmp_path / "interrupted").table["status"].eq("ok").all()


@pytest.mark.slow
def test_full_disk_names_the_store_and_keeps_what_is_there(start, fill, settings, tmp_path):
    import resource

    def limit_file_size():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1500, 1500))

    # Files of more than 1500 bytes, those of three frames, cannot be written: as on a full disk.
    process = start(tmp_path / "full", preexec_fn=limit_file_size)
    _, errors = process.communicate()
    assert process.returncode == 1
    assert "cannot be written" in errors
    assert "Make room" in errors
    folder = Store(tmp_path / "full", settings).folder
    assert not list((folder / "partial").iterdir())
    assert fill(tmp_path / "full").table["status"].eq("ok").all()


@pytest.mark.slow
def test_clips_that_change_while_they_are_read_are_extracted_in_the_next_run(
    fill, root, tmp_path, monkeypatch
):
    read = clip_job.read_clip

    def read_and_change(path, *arguments, **options):
        clip = read(path, *arguments, **options)
        if path.name == "03.mp4":
            path.rename(tmp_path / "aside.mp4")
        if path.name == "04.mp4":
            path.write_bytes(path.read_bytes() + b" ")
        return clip

    monkeypatch.setattr(clip_job, "read_clip", read_and_change)
    names = sorted(path.name for path in root.iterdir())
    disturbed = fill(tmp_path / "store")
    assert disturbed.table["status"].tolist() == ["ok"] * 3 + ["unreadable"] * 2 + ["ok"] * 15
    assert disturbed.table["reason"].str.contains("while it was being read").sum() == 2
    monkeypatch.undo()
    (tmp_path / "aside.mp4").rename(root / "03.mp4")
    assert sorted(path.name for path in root.iterdir()) == names
    again = fill(tmp_path / "store")
    assert again.table["status"].eq("ok").all()
    assert again.extracted == 2


@pytest.mark.slow
def test_unexpected_failure_costs_one_clip(fill, tmp_path, monkeypatch):
    read = clip_job.read_clip

    def fail(path, *arguments, **options):
        if path.name == "03.mp4":
            raise MemoryError("not enough memory")
        return read(path, *arguments, **options)

    monkeypatch.setattr(clip_job, "read_clip", fail)
    disturbed = fill(tmp_path / "store")
    assert disturbed.table["status"].eq("ok").sum() == 19
    assert "MemoryError: not enough memory" in disturbed.table["reason"][3]
    monkeypatch.undo()
    assert fill(tmp_path / "store").table["status"].eq("ok").all()


def test_paths_and_clip_ids_of_any_type_are_taken(fill, root, make_table, make_store, settings):
    store = make_store(make_table(root), root)
    paths = [None, 7, "", float("nan"), *make_table(root)["path"][4:]]
    table = fill(store, path=paths, clip_id=range(20)).table
    assert table["status"].tolist() == ["unreadable"] * 4 + ["ok"] * 16
    assert len(load(store, make_table(root).assign(clip_id=range(20)), settings)) == 16


def test_catalog_without_paths_or_with_one_clip_id_twice_is_refused(
    fill, root, make_table, settings, tmp_path
):
    with pytest.raises(DataError, match="more than once"):
        fill(tmp_path / "store", clip_id=["a"] * 20)
    with pytest.raises(DataError, match="no column path"):
        extract(make_table(root).drop(columns="path"), root, tmp_path / "store", settings)


def test_path_that_leaves_the_folder_is_not_permitted(fill, root, make_table, make_store, make_video):
    store = make_store(make_table(root), root)
    outside = make_video("outside.mp4", frames=8)
    paths = make_table(root)["path"].tolist()
    for path in ("../outside.mp4", str(outside)):
        extraction = fill(store, path=[path, *paths[1:]])
        assert extraction.table["status"].tolist() == ["unreadable"] + ["ok"] * 19
        assert "permitted" in extraction.table["reason"][0]
        assert extraction.extracted == 0
    assert load(store, make_table(root)).coverage["status"][0] == "unreadable"


@pytest.mark.slow
def test_same_content_twice_is_extracted_once(fill, root, make_table, tmp_path):
    shutil.copy(root / "04.mp4", root / "20.mp4")
    extraction = fill(tmp_path / "store")
    assert extraction.extracted == 20
    assert len(extraction.table) == 21
    clips = load(tmp_path / "store", make_table(root))
    np.testing.assert_array_equal(clips.X[4], clips.X[20])


@pytest.mark.slow
def test_bad_files_get_their_status_and_the_others_are_done(fill, root, make_table, store):
    import cv2

    whole = (root / "04.mp4").read_bytes()
    bad = {
        "nothing.mp4": (b"", "empty"),
        "text.mp4": (b"no video\n" * 99, "unreadable"),
        "page.mp4": (b"<!DOCTYPE html><html><body>404</body></html>", "unreadable"),
        "head.mp4": (whole[:200], "unreadable"),
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
    found = fill(store).table.set_index("clip_id")
    for name, (_, status) in bad.items():
        assert found.loc[name, "status"] == status, (name, found.loc[name, "reason"])
    assert found.loc[["folder.mp4", "link.mp4"], "status"].eq("unreadable").all()
    assert found.loc["tiny.png", "status"] == "ok"
    assert found["status"].eq("ok").sum() == 21
    assert (found.loc[found["status"] != "ok", "reason"] != "").all()
    assert load(store, make_table(root)).coverage["status"].tolist() == found["status"].tolist()


@pytest.mark.slow
def test_picture_and_folder_of_stills_become_features_like_videos(tmp_path, settings):
    import cv2

    from dfutils.demo import render_clip

    faces = render_clip(7, 0, frames=5).frames[..., ::-1]
    (tmp_path / "real").mkdir()
    cv2.imwrite(str(tmp_path / "real/alone.jpg"), faces[0])
    (tmp_path / "set/fake/clip").mkdir(parents=True)
    for i, face in enumerate(faces):
        cv2.imwrite(str(tmp_path / f"set/fake/clip/{i}.png"), face)
    (tmp_path / "list.csv").write_text("path,label\nreal/alone.jpg,0\nset/fake/clip,1\n")
    catalog = read_catalog(tmp_path / "list.csv")
    assert catalog.table["media"].tolist() == ["image", "frames"]
    with_faces = replace(settings, sampling=Sampling(frames=4), face=FaceCrop())
    extraction = extract(catalog, None, tmp_path / "store", with_faces, progress=False)
    assert extraction.table["status"].tolist() == ["ok", "ok"], extraction.table["reason"].tolist()
    clips = load(tmp_path / "store", catalog)
    assert clips.mask.tolist() == [[True, False, False, False], [True] * 4]
    assert extract(catalog, None, tmp_path / "store", with_faces, progress=False).extracted == 0

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dfutils.errors import DataError
from dfutils.features import Backbone, extract, load
from dfutils.features.clip_keys import content_key
from dfutils.features.seen import PEOPLE_FILE, compare_people, find_seen, read_people
from dfutils.features.store import Store
from dfutils.features.weights_record import SeenClip, read_record


def clip(key, clip_id, group, part="train"):
    return SeenClip(key=key, clip_id=clip_id, group=group, part=part)


@pytest.fixture
def record(make_adapted):
    """A record that has seen two clips of a group, and one picture that is a group by itself."""
    seen = [clip("k1", "a/1", "a"), clip("k2", "a/2", "a", "val"), clip("k3", "real/1", "real/1")]
    return read_record(make_adapted(seen))


def reasons(record, *clips, people=None):
    ids, groups, keys = zip(*clips, strict=True)
    return find_seen(record, clip_ids=ids, groups=groups, keys=keys, people=people).tolist()


def test_same_content_is_seen_under_any_name(record):
    found = reasons(record, ("copy", "elsewhere", "k1"), ("other", "elsewhere too", "x"))
    assert "the same file as a/1 (group a)" in found[0]
    assert found[1] == ""


def test_whole_group_of_a_seen_clip_is_seen(record):
    found = reasons(record, ("c1", "g", "x"), ("c2", "g", "k3"), ("c3", "h", "y"))
    assert "in one group with c2, which is the same file as real/1" in found[0]
    assert found[2] == ""


def test_group_of_the_same_name_is_seen(record):
    assert "the group of a/" in reasons(record, ("b/9", "a", "x"))[0]


def test_groups_of_one_clip_are_not_found_by_name(record):
    assert reasons(record, ("real/1", "real/1", "x"), ("a", "a", "y")) == ["", ""]


def test_person_of_a_seen_group_is_seen(record):
    people = {"near": {"distance": 0.2, "group": "a"}, "far": {"distance": 0.6, "group": "a"}, "none": {}}
    found = reasons(record, ("1", "g", "near"), ("2", "h", "far"), ("3", "i", "none"), people=people)
    assert found[0] == "probably the person of the group a"
    assert found[1:] == ["", ""]


@pytest.fixture
def seen_store(root, make_table, make_store, make_adapted, settings):
    """A store whose weights have seen the clip 03.mp4 under another name: `(table, store, settings)`."""
    table = make_table(root).assign(label=[i % 2 for i in range(20)], group=[f"g{i // 4}" for i in range(20)])
    weights = make_adapted([clip(content_key(root / "03.mp4"), "x/y", "somebody")])
    adapted = replace(settings, backbone=replace(settings.backbone, weights=str(weights)))
    return table, make_store(table, root, adapted), adapted


def test_features_of_seen_clips_say_so(seen_store):
    table, store, settings = seen_store
    clips = load(store, table, settings)
    assert (clips.seen != "").nonzero()[0].tolist() == [0, 1, 2, 3]
    assert "the same file as x/y" in clips.seen[3]
    assert (clips.take(np.array([2, 9])).seen != "").tolist() == [True, False]
    assert (clips.select("mixed0").seen == clips.seen).all()


def test_test_split_with_a_seen_group_is_refused(seen_store):
    table, store, settings = seen_store
    split = table["group"].map({"g0": "test"}).fillna("train")
    with pytest.raises(DataError, match=r"4 of 4 of the test clips.*\(g0; for example"):
        load(store, table.assign(split=split), settings)
    other = table["group"].map({"g1": "test"}).fillna("train")
    assert len(load(store, table.assign(split=other), settings)) == 20


def test_features_of_other_weights_are_never_seen(root, make_table, make_store):
    table = make_table(root)
    assert (load(make_store(table, root), table).seen == "").all()


def test_people_are_compared_once_and_read_back(record, tmp_path, monkeypatch):
    pytest.importorskip("dlib")
    looked_at = []

    def embed(frames):
        looked_at.append(frames)
        return None if frames == "no face" else np.full(128, float(frames))

    monkeypatch.setattr("dfutils.features.seen.embed_face", embed)
    monkeypatch.setattr("dfutils.features.seen.read_frames", lambda path, media: path.name)
    known = replace(record, people={"a": [[0.0] * 128], "b": [[1.0] * 128]})
    rows = pd.DataFrame({"path": ["0.01", "0.99", "no face"], "media": "video"})

    def compare(count):
        return compare_people(
            known, rows[:count], tmp_path, keys=["k0", "k1", "k2"][:count], folder=tmp_path, progress=False
        )

    assert compare(2) == compare(3) == ()
    assert looked_at == ["0.01", "0.99", "no face"]
    found = read_people(tmp_path)
    assert [found[key].get("group") for key in ("k0", "k1", "k2")] == ["a", "b", None]
    assert found["k0"]["distance"] == pytest.approx(0.01 * 128**0.5, abs=1e-3)


def test_missing_extra_is_said(record, tmp_path, monkeypatch):
    monkeypatch.setattr("dfutils.features.seen.is_available", lambda: False)
    rows = pd.DataFrame({"path": ["a"], "media": "video"})
    (remark,) = compare_people(
        replace(record, people={"a": [[0.0] * 128]}),
        rows,
        tmp_path,
        keys=["k"],
        folder=tmp_path,
        progress=False,
    )
    assert "dfutils[people]" in remark
    assert compare_people(record, rows, tmp_path, keys=["k"], folder=tmp_path, progress=False) == ()


def test_incomplete_line_of_the_people_file_is_left_out(tmp_path):
    good = json.dumps({"key": "k", "distance": 0.3, "group": "a"})
    (tmp_path / PEOPLE_FILE).write_text(f'\n{good}\n{{"key": "l", "dis')
    assert read_people(tmp_path) == {"k": {"distance": 0.3, "group": "a"}}
    assert read_people(tmp_path / "nowhere") == {}


def test_load_reads_the_people(seen_store, root):
    table, store, settings = seen_store
    folder = Store(store, settings).folder
    entry = {"key": content_key(root / "17.mp4"), "distance": 0.1, "group": "somebody"}
    (folder / PEOPLE_FILE).write_text(json.dumps(entry) + "\n")
    seen = load(store, table, settings).seen
    assert seen[17] == "probably the person of the group somebody"
    assert (seen[16:] != "").all()


@pytest.mark.slow
def test_copy_of_a_seen_clip_in_another_data_set_is_recognised(tmp_path, root, settings, make_table):
    """The whole way: weights that InceptionV3 can load, extraction, and a copy under another name."""
    import keras

    from dfutils.features.backbone import load_inception
    from dfutils.features.view import View
    from dfutils.features.weights import resolve_weights
    from dfutils.features.weights_record import FrameHead, WeightsRecord, mark_as_adapted, write_record

    path = tmp_path / "adapted.weights.h5"
    network = load_inception(resolve_weights(Backbone(weights="random")), 7, side=75)
    network.save_weights(path)
    mark_as_adapted(path)
    keras.applications.InceptionV3(include_top=False, weights=None).load_weights(path)
    record = WeightsRecord(
        view=View(crop=299, side=75),
        until="mixed0",
        head=FrameHead(layer="mixed0", kernel=np.zeros(256, np.float32), bias=0.0),
        seen=(clip(content_key(root / "05.mp4"), "05", "five"),),
    )
    write_record(path, record)
    adapted = replace(settings, backbone=replace(settings.backbone, weights=str(path)))
    (root / "05.mp4").rename(root / "renamed.mp4")
    for other in root.glob("1*.mp4"):
        other.unlink()
    table = make_table(root).assign(group=lambda rows: rows["clip_id"].str[0])
    extraction = extract(table, root, tmp_path / "store", adapted, progress=False)
    assert extraction.remarks == ()
    seen = load(tmp_path / "store", table, adapted).seen
    assert dict(zip(table["clip_id"], seen != "", strict=True)) == {
        name: name == "renamed.mp4" for name in table["clip_id"]
    }
    with pytest.raises(DataError, match="the same file as 05"):
        load(tmp_path / "store", table.assign(split="test"), adapted)

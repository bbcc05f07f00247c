"""Copies that were planted are found, and clips that only look a little alike are not."""

import shutil

import numpy as np
import pandas as pd
import pytest

from dfutils.audit import audit_catalog
from dfutils.audit.appearance import HASH_BITS, Appearance
from dfutils.audit.duplicates import exact_duplicates, near_duplicates, same_content
from dfutils.data import assign_splits, read_catalog
from dfutils.demo import encode
from dfutils.frames import Sampling, read_clip


def test_files_of_the_same_content_are_found(make_files, make_table):
    root = make_files("a.mp4", "b.mp4", "c/1.png", "d/1.png", content=b"same")
    make_files("e.mp4", content=b"else")
    make_files("empty1.mp4", "empty2.mp4", content=b"")
    table = make_table(*[(name, name, "") for name in ("a", "b", "c", "d", "e", "empty1", "empty2", "gone")])
    table.loc[table["clip_id"].isin(["c", "d"]), ["media", "path"]] = [["frames", "c"], ["frames", "d"]]
    assert sorted(sorted(rows) for rows in same_content(table, root)) == [[0, 1, 2, 3]]


@pytest.mark.parametrize(
    ("groups", "splits", "severity"),
    [
        (("g", "h"), ("train", "test"), "leak"),
        (("g", "g"), ("train", "test"), "leak"),
        (("g", "h"), ("train", "train"), "warning"),
        (("g", "h"), ("", ""), "warning"),
        (("g", "g"), ("train", "train"), None),
    ],
)
def test_copies_are_a_leak_only_across_splits(make_table, groups, splits, severity):
    table = make_table(("a", groups[0], splits[0]), ("b", groups[1], splits[1]))
    found = list(exact_duplicates(table, [[0, 1]]))
    assert [finding.severity for finding in found] == ([severity] if severity else [])


def test_the_same_content_with_two_labels_is_a_leak(make_table):
    table = make_table(("a", "g", "train"), ("b", "g", "train"), label=[0, 1])
    (finding,) = exact_duplicates(table, [[0, 1]])
    assert finding.severity == "leak"
    assert "both real and fake" in finding.detail


@pytest.mark.slow
def test_a_planted_exact_copy_is_the_only_finding(demo_copy, make_row):
    shutil.copy(demo_copy / "person_000/take0.mp4", demo_copy / "person_004/copy.mp4")
    make_row("person_004/copy.mp4", 0, "pair_002")
    split = assign_splits(read_catalog(demo_copy)).table
    for sides, severity in ((("train", "test"), "leak"), (("train", "train"), "warning")):
        split.loc[split["group"] == "pair_000", "split"] = sides[0]
        split.loc[split["group"] == "pair_002", "split"] = sides[1]
        findings = audit_catalog(split, demo_copy, progress=False).findings
        assert findings[["finding", "severity", "clips"]].values.tolist() == [
            ["exact duplicate", severity, "person_000/take0, person_004/copy"]
        ]
        assert findings["remedy"].iloc[0]


@pytest.mark.slow
def test_a_planted_copy_with_another_label_is_found(demo_copy, make_row):
    shutil.copy(demo_copy / "person_000/take0.mp4", demo_copy / "person_000/other.mp4")
    make_row("person_000/other.mp4", 1, "pair_000")
    findings = audit_catalog(assign_splits(read_catalog(demo_copy)), progress=False).findings
    assert findings["finding"].tolist() == ["exact duplicate"]
    assert "both real and fake" in findings["detail"].iloc[0]


@pytest.mark.slow
@pytest.mark.parametrize("way", ["crf 40", "half the size", "half the rate", "as stills"])
def test_a_planted_copy_in_another_form_is_a_near_duplicate(demo_copy, make_row, way):
    import cv2

    frames = read_clip(demo_copy / "person_000/take0.mp4", Sampling(frames=1000)).frames
    path = demo_copy / "person_004/copy.mp4"
    if way == "crf 40":
        encode(path, frames, crf=40)
    elif way == "half the size":
        encode(path, np.stack([cv2.resize(f, (192, 192), interpolation=cv2.INTER_AREA) for f in frames]))
    elif way == "half the rate":
        encode(path, frames[::2], rate=12)
    else:
        path = demo_copy / "person_004/copy"
        path.mkdir()
        for i, frame in enumerate(frames):
            cv2.imwrite(str(path / f"{i}.png"), frame[..., ::-1])
    make_row(path.relative_to(demo_copy).as_posix(), 0, "pair_002")
    findings = audit_catalog(assign_splits(read_catalog(demo_copy)), progress=False).findings
    near = findings[findings["finding"] == "near duplicate"]
    assert near["clips"].str.contains("person_000/take0").all()
    assert near["clips"].str.contains("person_004/copy").all()
    assert len(near) == 1


@pytest.mark.slow
def test_a_copy_in_its_own_group_on_the_other_side_is_named(demo_copy, make_row):
    frames = read_clip(demo_copy / "person_000/take0.mp4", Sampling(frames=1000)).frames
    encode(demo_copy / "person_000/copy.mp4", frames, crf=40)
    make_row("person_000/copy.mp4", 0, "pair_000")
    table = assign_splits(read_catalog(demo_copy)).table
    is_copy = table["clip_id"] == "person_000/copy"
    original_split = table.loc[table["clip_id"] == "person_000/take0", "split"].item()
    table.loc[is_copy, "split"] = "test" if original_split != "test" else "train"
    near = audit_catalog(table, demo_copy, progress=False).findings.query("finding == 'near duplicate'")
    assert near["severity"].tolist() == ["leak"]
    assert "person_000/copy" in near["clips"].item()


@pytest.mark.slow
def test_many_clips_that_begin_alike_are_one_finding(make_table):
    clips = make_table(*[(f"c{i:04d}", f"g{i}", "") for i in range(3000)])
    small = np.random.default_rng(0).normal(size=(2, 4, 256)).astype(np.float32)
    small /= np.linalg.norm(small, axis=2, keepdims=True)
    same = Appearance(np.zeros(HASH_BITS, bool), small[0])
    other = Appearance(np.arange(HASH_BITS) % 2 == 0, small[1])
    appearances = dict.fromkeys(clips["clip_id"], same) | {"c0007": other}
    (finding,) = near_duplicates(clips, [], appearances)
    assert finding.detail.startswith("2999 clips begin with the same pictures")


@pytest.mark.slow
def test_copies_of_smooth_pictures_are_found_and_different_ones_are_not(tmp_path):
    """Most bits of a smooth picture's perceptual hash are noise."""
    import cv2

    rng = np.random.default_rng(1)
    rows = []
    for i in range(8):
        field = rng.uniform(0, 255, (7, 6, 3)).astype(np.float32)
        frames = [
            cv2.resize(
                field[:6] + (field[1:] - field[:6]) * t / 50, (128, 128), interpolation=cv2.INTER_CUBIC
            )
            for t in range(40)
        ]
        frames = np.clip(np.stack(frames), 0, 255).astype(np.uint8)
        encode(tmp_path / f"{i}.mp4", frames)
        rows.append((f"{i}", f"{i}.mp4", "video", i % 2, "", f"g{i}", "train"))
        if i == 3:
            encode(tmp_path / "copy.mp4", frames, crf=40)
            rows.append(("copy", "copy.mp4", "video", 1, "", "g_copy", "test"))
    table = pd.DataFrame(rows, columns=["clip_id", "path", "media", "label", "method", "group", "split"])
    (finding,) = audit_catalog(table, tmp_path, progress=False).findings.itertuples()
    assert (finding.finding, finding.severity, finding.clips) == ("near duplicate", "leak", "3, copy")


def test_black_clips_do_not_count_as_alike(tmp_path):
    for name in ("real/a.mp4", "fake/b.mp4"):
        (tmp_path / name).parent.mkdir()
        encode(tmp_path / name, np.zeros((5 + name.count("a"), 64, 96, 3), np.uint8))
    assert audit_catalog(read_catalog(tmp_path), progress=False).findings.empty

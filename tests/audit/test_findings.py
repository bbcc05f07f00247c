"""What the audit finds where something was planted, and that it finds nothing where nothing is."""

import shutil

import numpy as np
import pandas as pd
import pytest

from dfutils.audit import audit_catalog
from dfutils.data import assign_splits, read_catalog
from dfutils.demo import encode
from dfutils.errors import DataError
from dfutils.frames import Sampling, read_clip


@pytest.fixture
def copy(demo_dir, tmp_path):
    """A copy of the built-in data set that a test may spoil."""
    shutil.copytree(demo_dir, tmp_path / "demo", ignore=shutil.ignore_patterns("masks", "boxes.csv"))
    return tmp_path / "demo"


def add_row(root, path, label, group):
    with (root / "catalog.csv").open("a") as file:
        file.write(f"{path},{label},{'swap' if label else ''},{group},,\n")


def audited(root, **options):
    return audit_catalog(assign_splits(read_catalog(root)), root, progress=False, **options)


def test_nothing_is_found_in_the_built_in_data_set(demo_dir):
    findings = audited(demo_dir)
    assert findings.empty
    facts = findings.attrs["facts"]
    assert set(facts["codec"]) == {"h264"}
    assert set(facts["width"]) == {384}
    assert facts["fps"].eq(25).all()
    assert facts["seconds"].eq(2).all()
    assert set(findings.attrs["shortcuts"]["feature"]) == {
        *("file size", "resolution", "frame rate", "codec", "duration")
    }
    assert any("rests on 3 groups" in remark for remark in findings.attrs["remarks"])


def test_planted_exact_duplicate_is_a_leak_only_across_sides(copy):
    shutil.copy(copy / "person_000/take0.mp4", copy / "person_004/copy.mp4")
    add_row(copy, "person_004/copy.mp4", 0, "pair_002")
    split = assign_splits(read_catalog(copy)).table
    for sides, severity in ((("train", "test"), "leak"), (("train", "train"), "warning")):
        split.loc[split["group"] == "pair_000", "split"] = sides[0]
        split.loc[split["group"] == "pair_002", "split"] = sides[1]
        findings = audit_catalog(split, copy, progress=False)
        assert findings[["finding", "severity", "clips"]].values.tolist() == [
            ["exact duplicate", severity, "person_000/take0, person_004/copy"]
        ]
        assert findings["remedy"].iloc[0]


def test_same_content_with_two_labels_is_a_leak(copy):
    shutil.copy(copy / "person_000/take0.mp4", copy / "person_000/other.mp4")
    add_row(copy, "person_000/other.mp4", 1, "pair_000")
    findings = audited(copy)
    assert findings["finding"].tolist() == ["exact duplicate"]
    assert "both real and fake" in findings["detail"].iloc[0]


@pytest.mark.parametrize("way", ["crf 40", "half the size", "half the rate", "as stills"])
def test_planted_copy_in_another_form_is_a_near_duplicate(copy, way):
    import cv2

    frames = read_clip(copy / "person_000/take0.mp4", Sampling(frames=1000)).frames
    path = copy / "person_004/copy.mp4"
    if way == "crf 40":
        encode(path, frames, crf=40)
    elif way == "half the size":
        encode(path, np.stack([cv2.resize(f, (192, 192), interpolation=cv2.INTER_AREA) for f in frames]))
    elif way == "half the rate":
        encode(path, frames[::2], rate=12)
    else:
        path = copy / "person_004/copy"
        path.mkdir()
        for i, frame in enumerate(frames):
            cv2.imwrite(str(path / f"{i}.png"), frame[..., ::-1])
    add_row(copy, path.relative_to(copy).as_posix(), 0, "pair_002")
    findings = audited(copy)
    near = findings[findings["finding"] == "near duplicate"]
    assert near["clips"].str.contains("person_000/take0").all()
    assert near["clips"].str.contains("person_004/copy").all()
    assert len(near) == 1


def test_planted_shared_donor_is_found(copy):
    table = pd.read_csv(copy / "catalog.csv", keep_default_na=False)
    chosen = table["path"].str.startswith("person_004") & (table["label"] == 1)
    table.loc[chosen, "donor"] = "person_000"
    table.to_csv(copy / "catalog.csv", index=False)
    split = assign_splits(read_catalog(copy)).table
    split.loc[split["group"] == "pair_000", "split"] = "train"
    split.loc[split["group"] == "pair_002", "split"] = "test"
    findings = audit_catalog(split, copy, progress=False)
    assert findings["finding"].tolist() == ["donor on both sides"]
    assert "person_000" in findings["detail"].iloc[0]
    # The same from a catalog that was saved and read again.
    split.to_csv(copy / "split.csv", index=False)
    again = pd.read_csv(copy / "split.csv")
    assert audit_catalog(again, copy, progress=False)["finding"].tolist() == ["donor on both sides"]


def test_published_split_that_cuts_a_group_is_found(make_files):
    root = make_files("Celeb-real/id0_0000.mp4", "Celeb-real/id1_0000.mp4", content=b"")
    make_files("Celeb-synthesis/id0_id1_0000.mp4", "Celeb-synthesis/id2_id1_0000.mp4", content=b"")
    make_files("List_of_testing_videos.txt", content=b"1 Celeb-real/id0_0000.mp4\n")
    catalog = read_catalog(root).table
    catalog.loc[catalog["split"] == "", "split"] = "train"
    findings = audit_catalog(catalog, root, progress=False)
    assert findings["finding"].tolist() == ["group on both sides"]
    assert "'id0'" in findings["detail"].iloc[0]
    assert any("4 of 4 clips could not be opened" in remark for remark in findings.attrs["remarks"])
    catalog.loc[catalog["clip_id"] == "Celeb-synthesis/id2_id1_0000", "split"] = "test"
    donors = audit_catalog(catalog, root, progress=False).query("finding == 'donor on both sides'")
    assert donors["detail"].str.contains("id1").all()
    assert len(donors) == 1


def test_identity_in_two_groups_on_two_sides_is_found(make_files):
    root = make_files("a.mp4", "b.mp4", content=b"")
    make_files(
        "list.csv", content=b"path,label,group,split,identity\na.mp4,0,g,train,ann\nb.mp4,1,h,test,ann\n"
    )
    findings = audit_catalog(read_catalog(root), root, progress=False)
    assert findings["finding"].tolist() == ["identity on both sides"]


@pytest.mark.parametrize("shortcut", ["file size", "resolution", "frame rate", "duration", "codec"])
def test_planted_shortcut_is_found_and_only_that(tmp_path, shortcut):
    rng = np.random.default_rng(0)
    for i in range(12):
        label = i % 2
        path = tmp_path / f"{'fake' if label else 'real'}/{i}.mp4"
        path.parent.mkdir(exist_ok=True)
        size = (48, 64) if shortcut == "resolution" and label else (64, 96)
        rate = 30 if shortcut == "frame rate" and label else 25
        count = (24 if label else 12) if shortcut == "duration" else rate // 2
        pictures = rng.integers(0, 256, (6, 8, 3), np.uint8).repeat(8, 0).repeat(12, 1)[: size[0], : size[1]]
        encode(path, np.stack([pictures] * count), rate=rate)
        if shortcut == "file size" and label:
            with path.open("ab") as file:
                file.write(bytes(50_000))
        if shortcut == "codec" and label:
            import cv2

            path.unlink()
            cv2.imwrite(str(path.with_suffix(".png")), pictures)
    findings = audit_catalog(read_catalog(tmp_path), tmp_path, progress=False)
    found = set(findings["finding"])
    assert f"shortcut: {shortcut}" in found
    assert findings["detail"].str.contains(r"AUC 1.00 \[1.00, 1.00\]").any()
    expected = {
        "file size": {"file size"},
        "resolution": {"resolution", "file size"},
        "frame rate": {"frame rate", "file size", "duration"},
        "duration": {"duration", "file size"},
        "codec": {"codec", "file size", "duration", "resolution", "frame rate"},
    }[shortcut]
    assert found <= {f"shortcut: {name}" for name in expected}


def test_black_clips_are_not_called_alike(tmp_path):
    for name in ("real/a.mp4", "fake/b.mp4"):
        (tmp_path / name).parent.mkdir()
        encode(tmp_path / name, np.zeros((5 + name.count("a"), 64, 96, 3), np.uint8))
    assert audit_catalog(read_catalog(tmp_path), tmp_path, progress=False).empty


def test_bad_files_do_not_stop_it(copy):
    (copy / "person_000/take0.mp4").write_bytes(b"no video")
    (copy / "person_001/take0.mp4").write_bytes(b"")
    catalog = assign_splits(read_catalog(copy))
    (copy / "person_002/take0.mp4").unlink()
    findings = audit_catalog(catalog, copy, progress=False)
    assert findings.empty
    trouble = findings.attrs["facts"].set_index("clip_id")["trouble"]
    assert trouble[trouble != ""].index.tolist() == [
        "person_000/take0",
        "person_001/take0",
        "person_002/take0",
    ]


def test_what_cannot_be_audited_is_said(demo_catalog, tmp_path):
    with pytest.raises(DataError, match="no clips"):
        audit_catalog(demo_catalog[:0], tmp_path)
    with pytest.raises(DataError, match="no folder"):
        audit_catalog(demo_catalog, tmp_path / "gone")


@pytest.mark.parametrize("sign", [1, -1])
def test_a_size_that_tells_only_within_groups_is_found(tmp_path, sign):
    """Files of different people differ far more than a fake from its original."""
    rng = np.random.default_rng(0)
    rows = []
    for i in range(8):
        size = int(rng.integers(20_000, 90_000))
        for label in (0, 1):
            path = f"{i}_{label}.png"
            (tmp_path / path).write_bytes(bytes(size + 500 * sign * label))
            rows.append((path, path, "image", label, "", f"g{i}", "train"))
    table = pd.DataFrame(rows, columns=["clip_id", "path", "media", "label", "method", "group", "split"])
    findings = audit_catalog(table, tmp_path, progress=False)
    assert findings["finding"].tolist() == ["shortcut: file size within groups"]
    assert "AUC 1.00 [1.00, 1.00]" in findings["detail"].item()


def test_many_clips_that_begin_alike_are_one_finding():
    from dfutils.audit.appearance import HASH_BITS, Appearance
    from dfutils.audit.duplicates import near_duplicates

    n = 3000
    clips = pd.DataFrame(
        {"clip_id": [f"c{i:04d}" for i in range(n)], "group": [f"g{i}" for i in range(n)], "split": ""}
    )
    rng = np.random.default_rng(0)
    small = rng.normal(size=(2, 4, 256)).astype(np.float32)
    small /= np.linalg.norm(small, axis=2, keepdims=True)
    same = Appearance(np.zeros(HASH_BITS, bool), small[0])
    other = Appearance(np.arange(HASH_BITS) % 2 == 0, small[1])
    looks = dict.fromkeys(clips["clip_id"], same) | {"c0007": other}
    (finding,) = near_duplicates(clips, [], looks)
    assert finding["detail"].startswith("2999 clips begin with the same pictures")


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
    (finding,) = audit_catalog(table, tmp_path, progress=False).itertuples()
    assert (finding.finding, finding.severity, finding.clips) == ("near duplicate", "leak", "3, copy")


def test_a_copy_in_its_own_group_on_the_other_side_is_named(copy):
    frames = read_clip(copy / "person_000/take0.mp4", Sampling(frames=1000)).frames
    encode(copy / "person_000/copy.mp4", frames, crf=40)
    add_row(copy, "person_000/copy.mp4", 0, "pair_000")
    table = assign_splits(read_catalog(copy)).table
    mine = table["clip_id"] == "person_000/copy"
    here = table.loc[table["clip_id"] == "person_000/take0", "split"].item()
    table.loc[mine, "split"] = "test" if here != "test" else "train"
    near = audit_catalog(table, copy, progress=False).query("finding == 'near duplicate'")
    assert near["severity"].tolist() == ["leak"]
    assert "person_000/copy" in near["clips"].item()

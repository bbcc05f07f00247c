"""FaceForensics++ and DeepFakeDetection: labels, methods, groups, people and published splits."""

import json
from pathlib import Path

import pytest

from dfutils.data import assign_splits, compression_of, read_catalog
from dfutils.data.layouts.faceforensics import CROSSES_ACTOR_SPLIT, dfd_actor_split
from dfutils.errors import DataError

REAL_CLIPS = Path(__file__).resolve().parents[4] / "shared" / "real-clips"


def test_every_method_and_compression_and_the_actors_are_read(make_files, read_rows):
    methods = ("Deepfakes", "Face2Face", "FaceSwap", "NeuralTextures", "FaceShifter")
    for compression in ("raw", "c23", "c40"):
        root = make_files(
            *(f"original_sequences/youtube/{compression}/videos/{n}.mp4" for n in ("000", "003", "010"))
        )
        make_files(*(f"manipulated_sequences/{m}/{compression}/videos/000_003.mp4" for m in methods))
        make_files(*(f"manipulated_sequences/{m}/{compression}/videos/003_000.mp4" for m in methods))
        make_files(f"original_sequences/actors/{compression}/videos/01__exit_phone_room.mp4")
        make_files(
            f"manipulated_sequences/DeepFakeDetection/{compression}/videos/01_02__exit_phone_room__YVGY8LOK.mp4"
        )
    table = read_rows(root, "faceforensics")
    assert len(table) == 3 * (3 + 10 + 2)
    assert set(table["method"]) == {"", *methods, "DeepFakeDetection"}
    assert table["group"].value_counts().to_dict() == {"000-003": 36, "010": 3, "actor-01": 6}
    fake = table.loc["manipulated_sequences/FaceSwap/c40/videos/003_000.mp4"]
    assert (fake["label"], fake["source"], fake["donor"]) == (1, "003", "000")
    assert table.loc[table["donor"] == "actor-02", "identity"].unique().tolist() == ["actor-01"]


@pytest.mark.parametrize("folder", ["splits/", ""])
def test_the_published_split_is_taken(make_files, folder, read_rows, read_left_out):
    root = make_files(
        *(f"original_sequences/youtube/c23/videos/{n}.mp4" for n in ("000", "003", "010", "011", "020"))
    )
    make_files("manipulated_sequences/Deepfakes/c23/videos/003_000.mp4")
    for split, pair in (("train", ["000", "003"]), ("val", ["010", "011"]), ("test", ["020", "021"])):
        make_files(f"{folder}{split}.json", content=json.dumps([pair]).encode())
    table = read_rows(root, "faceforensics")
    assert {path.rpartition("/")[2]: split for path, split in table["split"].items()} == {
        "000.mp4": "train", "003.mp4": "train", "003_000.mp4": "train", "010.mp4": "val", "011.mp4": "val",
        "020.mp4": "test",
    }  # fmt: skip
    assert read_left_out(root) == {}
    make_files(f"{folder}test.json", content=b"[[1, 2")
    with pytest.raises(DataError, match=r"test.json is not a list of pairs.*Fix or remove"):
        read_catalog(root)


def test_extracted_frames_are_clips_unless_their_video_is_there(make_files, read_rows, read_left_out):
    root = make_files(*(f"original_sequences/youtube/c23/images/000/{i:04d}.png" for i in range(3)))
    make_files("manipulated_sequences/Deepfakes/c23/videos/000_003.mp4")
    make_files("manipulated_sequences/Deepfakes/c23/images/000_003/0000.png")
    table = read_rows(root, "faceforensics")
    assert table["media"].to_dict() == {
        "original_sequences/youtube/c23/images/000": "frames",
        "manipulated_sequences/Deepfakes/c23/videos/000_003.mp4": "video",
    }
    assert "the frames of" in read_left_out(root)["manipulated_sequences/Deepfakes/c23/images/000_003"]
    counts = read_catalog(root).files
    assert counts == {"found": 5, "clips": 1, "stills": 3, "lists": 0, "left_out": 1, "other": 0}


def test_the_copy_on_kaggle_is_read(make_files, read_rows):
    root = make_files(
        "ff/original/000.mp4", "ff/original/003.mp4", "ff/Deepfakes/000_003.mp4", "ff/FaceShifter/003_000.mp4"
    )
    make_files("ff/DeepFakeDetection/01_02__exit_phone_room__YVGY8LOK.mp4")
    table = read_rows(root, "faceforensics")
    assert table["label"].tolist() == [1, 1, 1, 0, 0]
    assert set(table["group"]) == {"000-003", "actor-01"}


def test_a_part_of_the_data_set_is_read(make_files, tmp_path, read_rows):
    """Without the originals, or with one of its two folders given as the root."""
    make_files(
        "manipulated_sequences/FaceSwap/c23/videos/000_003.mp4",
        "manipulated_sequences/x/c23/videos/004_005.mp4",
    )
    assert set(read_rows(tmp_path, "faceforensics")["method"]) == {"FaceSwap", "x"}
    inner = read_rows(tmp_path / "manipulated_sequences", "faceforensics")
    assert inner.loc["FaceSwap/c23/videos/000_003.mp4", ["label", "method", "group"]].tolist() == [
        1, "FaceSwap", "000-003"
    ]  # fmt: skip
    make_files(
        "originals/youtube/c23/videos/000.mp4", "flat/Face2Face/000_003.mp4", "flat/Deepfakes/003_000.mp4"
    )
    assert read_rows(tmp_path / "originals", "faceforensics")["label"].tolist() == [0]
    flat = read_rows(tmp_path / "flat", "faceforensics")
    assert flat["label"].tolist() == [1, 1]
    assert set(flat["group"]) == {"000-003"}


def test_a_remark_says_that_the_published_splits_name_no_actor(make_files):
    root = make_files(
        "original_sequences/youtube/c23/videos/000.mp4", "original_sequences/actors/c23/videos/01__a.mp4"
    )
    make_files("manipulated_sequences/DeepFakeDetection/c23/videos/01_02__a__YVGY8LOK.mp4")
    assert not any("never tested" in remark for remark in read_catalog(root).remarks)
    make_files("splits/test.json", content=b'[["000", "003"]]')
    assert any("never tested" in remark for remark in read_catalog(root).remarks)


def test_names_that_do_not_fit_are_left_out(make_files, read_rows, read_left_out):
    root = make_files(
        "original_sequences/youtube/c23/videos/000.mp4", "original_sequences/youtube/c23/videos/000_003.mp4"
    )
    make_files(
        "manipulated_sequences/Deepfakes/c23/videos/000.mp4",
        "manipulated_sequences/Deepfakes/masks/videos/1.mp4",
    )
    assert len(read_rows(root, "faceforensics")) == 1
    assert sorted(read_left_out(root).values()) == [
        "its name is not <target>_<source>, as FaceForensics++ has it",
        "its name is not one number, as FaceForensics++ has it",
        "not where FaceForensics++ keeps its videos",
    ]


def test_dfd_by_itself(make_files, read_rows):
    root = make_files(
        "DFD_original sequences/01__kitchen_pan.mp4", "DFD_original sequences/02__kitchen_pan.mp4"
    )
    make_files("DFD_manipulated_sequences/DFD_manipulated_sequences/01_02__kitchen_pan__0UTLK5IT.mp4")
    table = read_rows(root, "dfd")
    assert table["label"].tolist() == [1, 0, 0]
    assert table["group"].tolist() == ["actor-01", "actor-01", "actor-02"]
    assert table["donor"].tolist() == ["actor-02", "", ""]
    assert set(table["split"]) == {"train"}
    remarks = read_catalog(root).remarks
    assert "The split by actor is dfutils' own; DeepFakeDetection publishes none." in remarks
    assert any("on both sides of the split" in remark for remark in remarks)  # of the split that is drawn


def test_no_actor_is_on_both_sides_of_the_split_of_dfd(make_files, read_rows, read_left_out):
    root = make_files(*(f"real/{actor:02d}__kitchen_pan.mp4" for actor in range(1, 29)))
    pairs = [("01", "16"), ("16", "17"), ("18", "17"), ("20", "21"), ("21", "28"), ("28", "01"), ("01", "33")]
    make_files(*(f"fake/{target}_{donor}__kitchen_pan__0UTLK5IT.mp4" for target, donor in pairs))
    table = read_rows(root, "dfd")
    assert table["split"].value_counts().to_dict() == {"train": 17, "test": 9, "val": 5}
    sides = [table.loc[table["split"] == part, ["identity", "donor"]] for part in ("train", "val", "test")]
    people = [{*side.to_numpy().ravel()} - {""} for side in sides]
    assert sum(map(len, people)) == len(set.union(*people)) == 28
    reasons = read_left_out(root)
    assert reasons.pop("fake/01_33__kitchen_pan__0UTLK5IT.mp4") == (
        "actor 33 is not one of DeepFakeDetection's 28 actors"
    )
    assert set(reasons.values()) == {CROSSES_ACTOR_SPLIT}
    assert len(reasons) == 3
    remark = next(remark for remark in read_catalog(root).remarks if "dfutils' own" in remark)
    assert "3 of 7 fakes are left out" in remark
    assert not any("on both sides of the split" in remark for remark in read_catalog(root).remarks)


def test_the_split_by_actor_has_each_of_the_28_actors_once_and_is_kept():
    parts = dfd_actor_split()
    assert sorted(parts) == [f"{actor:02d}" for actor in range(1, 29)]
    assert sorted(parts.values()) == ["test"] * 8 + ["train"] * 16 + ["val"] * 4
    assert (parts["16"], parts["17"], parts["20"], parts["21"]) == ("train", "val", "val", "test")


def test_splitting_keeps_the_split_by_actor(make_files):
    root = make_files(*(f"real/{actor:02d}__{scene}.mp4" for actor in range(1, 29) for scene in ("a", "b")))
    make_files("fake/01_02__a__0UTLK5IT.mp4", "fake/17_18__a__0UTLK5IT.mp4", "fake/21_22__a__0UTLK5IT.mp4")
    before = read_catalog(root)
    assert assign_splits(before, seed=3).table["split"].tolist() == before.table["split"].tolist()


def test_lists_of_numbers_are_read_and_contradictions_are_refused(make_files, read_rows, read_left_out):
    root = make_files(
        "original_sequences/youtube/c23/videos/000.mp4", "original_sequences/youtube/c23/videos/001.mp4"
    )
    make_files("splits/train.json", content=b"[[0, 1]]")
    make_files("annotations/test.json", content=b'{"not": "a list of pairs"}')
    assert set(read_rows(root, "faceforensics")["split"]) == {"train"}
    assert "annotations/test.json" in read_left_out(root)
    make_files("splits/test.json", content=b'[["001", "002"]]')
    with pytest.raises(DataError, match="names the video 001, which is in"):
        read_catalog(root)
    for content in (b'{"ab": 1}', b'[[["x"], "y"]]', b'["000", "001"]'):
        make_files("splits/test.json", content=content)
        with pytest.raises(DataError, match=r"splits/test.json is not a list of pairs"):
            read_catalog(root)


def test_people_of_the_youtube_videos_are_not_known(make_files):
    root = make_files(*(f"original_sequences/youtube/c23/videos/{n}.mp4" for n in ("043", "071", "343")))
    make_files("manipulated_sequences/FaceSwap/c23/videos/043_071.mp4")
    catalog = read_catalog(root)
    table = catalog.table.set_index("clip_id")
    assert "identity" not in table
    assert not catalog.people_known
    assert table["source"].tolist() == ["043", "043", "071", "343"]
    assert table["donor"].tolist() == ["071", "", "", ""]
    assert table["group"].tolist() == ["043-071", "043-071", "043-071", "343"]
    (remark,) = catalog.remarks
    assert remark == (
        "FaceForensics++ does not say who is seen: some people are in several videos, so one person may be in several "
        "groups."
    )


def test_actors_are_named_and_the_youtube_videos_next_to_them_are_not(make_files):
    root = make_files(
        "original_sequences/actors/c23/videos/01__talking.mp4",
        "original_sequences/youtube/c23/videos/000.mp4",
    )
    make_files("manipulated_sequences/DeepFakeDetection/c23/videos/01_02__talking__YVGY8LOK.mp4")
    catalog = read_catalog(root)
    assert catalog.table[["identity", "donor", "source"]].values.tolist() == [
        ["actor-01", "actor-02", ""],
        ["actor-01", "", ""],
        ["", "", "000"],
    ]
    assert not catalog.people_known
    assert any("does not say who is seen" in remark for remark in catalog.remarks)


def test_everybody_is_known_in_deepfakedetection(make_files):
    root = make_files("original/01__kitchen_pan.mp4", "original/02__kitchen_pan.mp4")
    make_files("forged/01_02__kitchen_pan__0UTLK5IT.mp4")
    catalog = read_catalog(root)
    assert catalog.layout == "dfd"
    assert catalog.people_known
    assert "source" not in catalog.table
    assert not any("does not say who is seen" in remark for remark in catalog.remarks)


@pytest.mark.parametrize(
    ("clip_id", "compression"),
    [
        ("original_sequences/youtube/c23/videos/004", "c23"),
        ("manipulated_sequences/FaceSwap/c40/videos/004_982", "c40"),
        ("raw/ff/original_sequences/youtube/c0/videos/004", "c0"),
        ("youtube/raw/004", "raw"),
        ("deeper/c23/004", "c23"),
        ("a/b", ""),
        ("a/c23", ""),
    ],
)
def test_compression_is_read_from_the_folders(clip_id, compression):
    assert compression_of(clip_id) == compression


@pytest.mark.skipif(not REAL_CLIPS.is_dir(), reason="there are no real clips next to the clone")
def test_each_real_fake_is_in_the_group_of_its_original():
    catalog = assign_splits(read_catalog(REAL_CLIPS))
    table = catalog.table
    assert catalog.layout == "faceforensics"
    assert table["label"].tolist().count(1) == table["label"].tolist().count(0) == 3
    assert (table.groupby("group")["label"].nunique() == 2).all()
    assert (table.groupby("group")["split"].nunique() == 1).all()

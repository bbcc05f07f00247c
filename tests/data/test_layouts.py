"""Every layout, by `auto` and by name: labels, methods, groups and published splits."""

import json

import pytest

from dfutils.data import LAYOUTS, read_catalog
from dfutils.errors import DataError


def read(root, layout):
    """Read by `auto` and by name, see that both agree, and return rows by path."""
    catalog = read_catalog(root)
    assert catalog.layout == layout
    assert read_catalog(root, layout=layout).table.equals(catalog.table)
    return catalog.table.set_index("path")


def left_out(root, layout="auto"):
    return dict(read_catalog(root, layout=layout).left_out.itertuples(index=False))


@pytest.mark.parametrize("above", ["", "SDFVD/", "SDFVD/SDFVD/"])
def test_sdfvd_pairs_by_number(make_files, above):
    root = make_files(*(f"{above}videos_real/v{i}.mp4" for i in (1, 12)), f"{above}videos_fake/vs1.mp4")
    make_files(f"{above}videos_fake/vs12.MP4", f"{above}readme.txt", f"{above}videos_real/extra.mp4")
    table = read(root, "sdfvd")
    assert table.groupby("group")["label"].agg(sorted).to_dict() == {"1": [0, 1], "12": [0, 1]}
    assert set(table.loc[table["label"] == 0, "method"]) == {""}
    assert left_out(root)[f"{above}readme.txt"].startswith("neither a video nor a picture")
    assert "not named v<number>" in left_out(root)[f"{above}videos_real/extra.mp4"]


def test_faceforensics_has_every_method_compression_and_the_actors(make_files):
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
    table = read(root, "faceforensics")
    assert len(table) == 3 * (3 + 10 + 2)
    assert set(table["method"]) == {"", *methods, "DeepFakeDetection"}
    assert table["group"].value_counts().to_dict() == {"000-003": 36, "010": 3, "actor-01": 6}
    fake = table.loc["manipulated_sequences/FaceSwap/c40/videos/003_000.mp4"]
    assert (fake["label"], fake["identity"], fake["donor"]) == (1, "003", "000")
    assert table.loc[table["donor"] == "actor-02", "identity"].unique().tolist() == ["actor-01"]


@pytest.mark.parametrize("folder", ["splits/", ""])
def test_faceforensics_takes_the_published_split(make_files, folder):
    root = make_files(
        *(f"original_sequences/youtube/c23/videos/{n}.mp4" for n in ("000", "003", "010", "011", "020"))
    )
    make_files("manipulated_sequences/Deepfakes/c23/videos/003_000.mp4")
    for split, pair in (("train", ["000", "003"]), ("val", ["010", "011"]), ("test", ["020", "021"])):
        make_files(f"{folder}{split}.json", content=json.dumps([pair]).encode())
    table = read(root, "faceforensics")
    assert {path.rpartition("/")[2]: split for path, split in table["split"].items()} == {
        "000.mp4": "train", "003.mp4": "train", "003_000.mp4": "train", "010.mp4": "val", "011.mp4": "val",
        "020.mp4": "test",
    }  # fmt: skip
    assert left_out(root) == {}
    make_files(f"{folder}test.json", content=b"[[1, 2")
    with pytest.raises(DataError, match=r"test.json is not a list of pairs.*Mend or remove"):
        read_catalog(root)


def test_faceforensics_of_extracted_frames_and_of_both(make_files):
    root = make_files(*(f"original_sequences/youtube/c23/images/000/{i:04d}.png" for i in range(3)))
    make_files("manipulated_sequences/Deepfakes/c23/videos/000_003.mp4")
    make_files("manipulated_sequences/Deepfakes/c23/images/000_003/0000.png")
    table = read(root, "faceforensics")
    assert table["media"].to_dict() == {
        "original_sequences/youtube/c23/images/000": "frames",
        "manipulated_sequences/Deepfakes/c23/videos/000_003.mp4": "video",
    }
    assert "the frames of" in left_out(root)["manipulated_sequences/Deepfakes/c23/images/000_003"]
    counts = read_catalog(root).files
    assert counts == {"found": 5, "clips": 1, "stills": 3, "lists": 0, "left_out": 1, "other": 0}


def test_faceforensics_as_kaggle_has_it(make_files):
    root = make_files(
        "ff/original/000.mp4", "ff/original/003.mp4", "ff/Deepfakes/000_003.mp4", "ff/FaceShifter/003_000.mp4"
    )
    make_files("ff/DeepFakeDetection/01_02__exit_phone_room__YVGY8LOK.mp4")
    table = read(root, "faceforensics")
    assert table["label"].tolist() == [1, 1, 1, 0, 0]
    assert set(table["group"]) == {"000-003", "actor-01"}


def test_faceforensics_in_part(make_files, tmp_path):
    """Without the originals, or with one of its two folders given as the root."""
    make_files(
        "manipulated_sequences/FaceSwap/c23/videos/000_003.mp4",
        "manipulated_sequences/x/c23/videos/004_005.mp4",
    )
    assert set(read(tmp_path, "faceforensics")["method"]) == {"FaceSwap", "x"}
    inner = read(tmp_path / "manipulated_sequences", "faceforensics")
    assert inner.loc["FaceSwap/c23/videos/000_003.mp4", ["label", "method", "group"]].tolist() == [
        1, "FaceSwap", "000-003"
    ]  # fmt: skip
    make_files(
        "originals/youtube/c23/videos/000.mp4", "flat/Face2Face/000_003.mp4", "flat/Deepfakes/003_000.mp4"
    )
    assert read(tmp_path / "originals", "faceforensics")["label"].tolist() == [0]
    flat = read(tmp_path / "flat", "faceforensics")
    assert flat["label"].tolist() == [1, 1]
    assert set(flat["group"]) == {"000-003"}


def test_faceforensics_says_that_its_splits_name_no_actor(make_files):
    root = make_files(
        "original_sequences/youtube/c23/videos/000.mp4", "original_sequences/actors/c23/videos/01__a.mp4"
    )
    make_files("manipulated_sequences/DeepFakeDetection/c23/videos/01_02__a__YVGY8LOK.mp4")
    assert not any("never tested" in remark for remark in read_catalog(root).remarks)
    make_files("splits/test.json", content=b'[["000", "003"]]')
    assert any("never tested" in remark for remark in read_catalog(root).remarks)


def test_faceforensics_names_that_are_none_are_left_out(make_files):
    root = make_files(
        "original_sequences/youtube/c23/videos/000.mp4", "original_sequences/youtube/c23/videos/000_003.mp4"
    )
    make_files(
        "manipulated_sequences/Deepfakes/c23/videos/000.mp4",
        "manipulated_sequences/Deepfakes/masks/videos/1.mp4",
    )
    assert len(read(root, "faceforensics")) == 1
    assert sorted(left_out(root).values()) == [
        "its name is not <target>_<source>, as FaceForensics++ has it",
        "its name is not one number, as FaceForensics++ has it",
        "not where FaceForensics++ keeps its videos",
    ]


def test_dfd_by_itself(make_files):
    root = make_files(
        "DFD_original sequences/01__kitchen_pan.mp4", "DFD_original sequences/02__kitchen_pan.mp4"
    )
    make_files("DFD_manipulated_sequences/DFD_manipulated_sequences/01_02__kitchen_pan__0UTLK5IT.mp4")
    table = read(root, "dfd")
    assert table["label"].tolist() == [1, 0, 0]
    assert table["group"].tolist() == ["actor-01", "actor-01", "actor-02"]
    assert table["donor"].tolist() == ["actor-02", "", ""]
    assert any("donor" in remark for remark in read_catalog(root).remarks)


@pytest.mark.parametrize(("real", "inner"), [("YouTube-real", ""), ("Youtube-real", "videos/")])
def test_celebdf_turns_its_test_list_round(make_files, real, inner):
    root = make_files(
        f"Celeb-real/{inner}id0_0000.mp4", f"Celeb-real/{inner}id1_0000.mp4", f"{real}/{inner}00170.mp4"
    )
    make_files(f"Celeb-synthesis/{inner}id0_id1_0000.mp4", f"Celeb-synthesis/{inner}id1_id0_0000.mp4")
    listed = "1 YouTube-real/00170.mp4\n0 Celeb-synthesis/id0_id1_0000.mp4\n1 Celeb-real/id9_0000.mp4\n"
    make_files("List_of_testing_videos.txt", content=listed.encode())
    table = read(root, "celebdf").set_index("clip_id")
    fake = table.loc[f"Celeb-synthesis/{inner}id0_id1_0000"]
    assert fake[["label", "group", "identity", "donor", "split"]].tolist() == [1, "id0", "id0", "id1", "test"]
    assert table.loc[f"{real}/{inner}00170", ["label", "split"]].tolist() == [0, "test"]
    assert table["split"].tolist().count("test") == 2
    assert table.loc[f"Celeb-real/{inner}id0_0000", "group"] == "id0"
    assert left_out(root) == {
        "Celeb-real/id9_0000.mp4": "named in List_of_testing_videos.txt, but not on disk"
    }


def test_celebdf_with_its_frames_beside_its_videos(make_files):
    root = make_files("Celeb-real/videos/id0_0000.mp4", "Celeb-synthesis/videos/id0_id1_0000.mp4")
    make_files(
        *(f"Celeb-real/frames/id0_0000/{i}.png" for i in range(2)), "Celeb-real/landmarks/id0_0000/0.npy"
    )
    make_files("List_of_testing_videos.txt", content=b"1 Celeb-real/id0_0000.mp4\n")
    catalog = read_catalog(root)
    assert catalog.table[["clip_id", "split"]].values.tolist() == [
        ["Celeb-real/videos/id0_0000", "test"], ["Celeb-synthesis/videos/id0_id1_0000", ""],
    ]  # fmt: skip
    assert left_out(root)["Celeb-real/frames/id0_0000"] == "the frames of Celeb-real/videos/id0_0000.mp4"


def test_celebdf_list_against_the_folders_is_not_believed(make_files):
    root = make_files(
        "Celeb-real/id0_0000.mp4", "Celeb-synthesis/id0_id1_0000.mp4", "Celeb-real/id1_0000.mp4"
    )
    make_files("List_of_testing_videos.txt", content=b"0 Celeb-real/id0_0000.mp4\n1 ../../etc/passwd\n")
    assert set(left_out(root)) == {"Celeb-real/id0_0000.mp4", "../../etc/passwd"}
    make_files("List_of_testing_videos.txt", content=b"YouTube-real/00170.mp4 1\n")
    with pytest.raises(DataError, match="line 1: expected '1 YouTube-real"):
        read_catalog(root)


def dfdc(touch, folder, facts):
    touch(f"{folder}/metadata.json", content=json.dumps(facts).encode())
    return touch(*(f"{folder}/{name}" for name in facts if "/" not in name and not name.startswith("gone")))


def test_dfdc_groups_by_the_original(make_files):
    root = dfdc(make_files, "dfdc_train_part_0", {
        "real.mp4": {"label": "REAL", "split": "train"},
        "fake.mp4": {"label": "FAKE", "split": "train", "original": "real.mp4"},
    })  # fmt: skip
    dfdc(make_files, "dfdc_train_part_1", {
        "f1.mp4": {"label": "FAKE", "split": "train", "original": "elsewhere.mp4"},
        "f2.mp4": {"label": "FAKE", "split": "train", "original": "elsewhere.mp4"},
        "f3.mp4": {"label": "FAKE", "split": "train", "original": None},
    })  # fmt: skip
    table = read(root, "dfdc").set_index("clip_id")
    assert table["group"].to_dict() == {
        "dfdc_train_part_0/fake": "real", "dfdc_train_part_0/real": "real", "dfdc_train_part_1/f1": "elsewhere",
        "dfdc_train_part_1/f2": "elsewhere", "dfdc_train_part_1/f3": "dfdc_train_part_1/f3",
    }  # fmt: skip
    assert table["label"].tolist() == [1, 0, 1, 1, 1]
    assert set(table["split"]) == {""}  # "train" of everything is no published split
    assert left_out(root) == {}


def test_dfdc_labels_csv_beside_metadata_json_adds_nothing(make_files):
    root = dfdc(
        make_files, "p", {"a.mp4": {"label": "FAKE", "original": "b.mp4"}, "b.mp4": {"label": "REAL"}}
    )
    make_files("labels.csv", content=b"filename,label\na.mp4,1\nb.mp4,0\n")
    catalog = read_catalog(root)
    assert catalog.table["group"].tolist() == ["b", "b"]
    assert catalog.left_out.empty
    make_files("labels.csv", content=b"filename,label\na.mp4,0\nb.mp4,0\n")
    assert read_catalog(root).table["clip_id"].tolist() == ["p/b"]


def test_lists_that_are_none_of_dfdc_leave_it_to_the_folders(make_files):
    root = make_files("real/a.mp4", "fake/b.mp4")
    for content in (b'[{"file": "a.mp4"}]', b'{"a": ', b"[" * 100_000, b"null", b"{}"):
        make_files("real/metadata.json", content=content)
        assert read_catalog(root).layout == "folders"
    make_files("labels.csv", content=b"filename,label\na.mp4,1\nb.mp4,0\n")
    with pytest.raises(DataError, match="against the names of their folders.*--layout dfdc"):
        read_catalog(root)


def test_dfdc_labels_as_numbers(make_files):
    root = dfdc(make_files, "p", {"a.mp4": {"label": 0}, "b.mp4": {"label": 1, "original": "a.mp4"}})
    assert read(root, "dfdc")["label"].tolist() == [0, 1]


def test_dfdc_as_kaggle_has_its_sample(make_files):
    root = dfdc(make_files, "train_sample_videos", {
        "a.mp4": {"label": "FAKE", "split": "train", "original": "z.mp4"},
        "b.mp4": {"label": "REAL", "split": "train", "original": None},
    })  # fmt: skip
    make_files("test_videos/c.mp4")
    make_files("sample_submission.csv", content=b"filename,label\nc.mp4,0.5\n")
    assert read(root, "dfdc")["label"].tolist() == [1, 0]
    assert "named in no metadata.json" in left_out(root)["test_videos/c.mp4"]


def test_dfdc_bad_lines_are_left_out_with_reasons(make_files):
    facts = {
        "a.mp4": {"label": "REAL"},
        "b.mp4": {"label": "FAKE", "original": "a.mp4"},
        "c.mp4": {"label": "MAYBE"},
        "d.mp4": {},
        "e.mp4": 3,
        "gone.mp4": {"label": "FAKE", "original": "a.mp4"},
        "../../x.mp4": {"label": "FAKE", "original": "a.mp4"},
        "/etc/y.mp4": {"label": "FAKE"},
    }
    root = dfdc(make_files, "train_sample_videos", facts)
    make_files("train_sample_videos/unlisted.mp4", "test_videos/z.mp4")
    assert len(read(root, "dfdc")) == 2
    reasons = {path.removeprefix("train_sample_videos/"): reason for path, reason in left_out(root).items()}
    assert "label 'MAYBE'" in reasons["c.mp4"]
    assert "label None" in reasons["d.mp4"]
    assert "label None" in reasons["e.mp4"]
    assert "not on disk" in reasons["gone.mp4"]
    assert "outside" in reasons["../../x.mp4"]
    assert "outside" in reasons["/etc/y.mp4"]
    assert "named in no metadata.json" in reasons["unlisted.mp4"]
    assert "named in no metadata.json" in reasons["test_videos/z.mp4"]


def test_dfdc_name_listed_twice(make_files):
    text = '{"a.mp4": {"label": "REAL"}, "b.mp4": {"label": "FAKE"}, "b.mp4": {"label": "FAKE"}, "c.mp4": {"label": '
    text += '"FAKE"}, "c.mp4": {"label": "REAL"}}'
    root = make_files("p/a.mp4", "p/b.mp4", "p/c.mp4")
    make_files("p/metadata.json", content=text.encode())
    catalog = read_catalog(root)
    assert catalog.table["clip_id"].tolist() == ["p/a", "p/b"]
    reasons = catalog.left_out.groupby("path")["reason"].agg(list).to_dict()
    assert reasons == {
        "p/b.mp4": ["listed more than once: it counts once"],
        "p/c.mp4": ["listed more than once, with different labels"] * 2,
    }


def test_dfdc_damaged_list_leaves_its_part_out_and_says_so(make_files):
    root = dfdc(make_files, "dfdc_train_part_0", {"a.mp4": {"label": "REAL"}})
    make_files("dfdc_train_part_1/b.mp4")
    make_files("dfdc_train_part_1/metadata.json", content=b'{"b.mp4": {"label": "FA')
    catalog = read_catalog(root)
    assert catalog.table["clip_id"].tolist() == ["dfdc_train_part_0/a"]
    assert any(
        "dfdc_train_part_1/metadata.json cannot be read" in remark for remark in catalog.remarks
    )
    assert {"dfdc_train_part_1/b.mp4", "dfdc_train_part_1/metadata.json"} <= set(left_out(root))


def test_dfdc_damaged_list_alone_is_an_error_that_names_it(make_files):
    root = make_files("b.mp4")
    make_files("metadata.json", content=b'{"b.mp4": ')
    with pytest.raises(DataError, match="read as 'dfdc' holds no clip.*metadata.json cannot be read"):
        read_catalog(root)


def test_dfdc_preview_has_splits_and_donors(make_files):
    facts = {
        "original_videos/118/118_A_000.mp4": {
            "label": "real",
            "set": "test",
            "target_id": "118",
            "swapped_id": None,
        },
        "method_A/118/122/118_A_000.mp4": {
            "label": "fake",
            "set": "test",
            "target_id": "118",
            "swapped_id": "122",
        },
        "method_B/122/118/122_A_000.mp4": {
            "label": "fake",
            "set": "train",
            "target_id": "122",
            "swapped_id": "118",
        },
    }
    root = make_files(*facts)
    make_files("dataset.json", content=json.dumps(facts).encode())
    table = read(root, "dfdc")
    assert table["split"].tolist() == ["test", "train", "test"]
    assert table["group"].tolist() == ["118", "122", "118"]
    assert table["method"].tolist() == ["method_A", "method_B", ""]
    assert table["donor"].tolist() == ["122", "118", ""]


def test_dfdc_labels_csv_finds_its_videos_below(make_files):
    root = make_files("test/videos/a.mp4", "test/videos/b.mp4")
    make_files("test/labels.csv", content=b"filename,label\na.mp4,0\nb.mp4,1\nc.mp4,1\n")
    table = read(root, "dfdc")
    assert table["label"].to_dict() == {"test/videos/a.mp4": 0, "test/videos/b.mp4": 1}
    assert left_out(root) == {"test/c.mp4": "named in test/labels.csv, but not on disk"}
    beside = (
        make_files("test/videos/labels.csv", content=b"filename,label\na.mp4,0\nb.mp4,1\n")
        / "test/videos/labels.csv"
    )
    assert read_catalog(beside).table["label"].tolist() == [0, 1]


def test_deeperforensics_takes_its_real_clips_from_faceforensics(make_files):
    root = make_files(
        "manipulated_videos/end_to_end/000_W101.mp4", "manipulated_videos/end_to_end_level_1/000_W101.mp4"
    )
    make_files(
        "manipulated_videos/end_to_end/003_W101.mp4", "source_videos/W101/light_up/happy/camera_up/W101.mp4"
    )
    make_files(
        "original_sequences/youtube/c23/videos/000.mp4", "original_sequences/youtube/raw/videos/000.mp4"
    )
    make_files("lists/splits/train.txt", content=b"000_W101.mp4\n")
    make_files("lists/splits/test.txt", content=b"003_W101.mp4\n")
    table = read(root, "deeperforensics")
    assert table["group"].tolist() == ["000", "003", "000", "000"]
    assert table["label"].tolist() == [1, 1, 1, 0]
    assert table["split"].tolist() == ["train", "test", "train", "train"]
    assert set(table["method"]) == {"end_to_end", "end_to_end_level_1", ""}
    assert set(table.loc[table["label"] == 1, "donor"]) == {"W101"}
    assert "no real part" in left_out(root)["source_videos/W101/light_up/happy/camera_up/W101.mp4"]
    assert "at c23" in left_out(root)["original_sequences/youtube/raw/videos/000.mp4"]


def test_deeperforensics_without_originals_says_what_is_missing(make_files):
    root = make_files("manipulated_videos/end_to_end/000_W101.mp4", "source_videos/W101/a.mp4")
    assert any("original_sequences/youtube/c23" in remark for remark in read_catalog(root).remarks)


@pytest.mark.parametrize(
    ("real", "fake"),
    [
        *(
            ("real", "fake"),
            ("Real", "FAKE"),
            ("training_real", "training_fake"),
            ("videos_real", "videos_fake"),
        ),
        *(
            ("0_real", "1_fake"),
            ("RealVideos", "DeepFakeVideos"),
            ("original", "deepfakes"),
            ("reals", "fakes"),
        ),
    ],
)
def test_class_folders_by_many_names(make_files, real, fake):
    root = make_files(f"{real}/a.mp4", f"{fake}/a.mp4", "set/notes.mp4")
    table = read(root, "folders")
    assert table["label"].to_dict() == {f"{real}/a.mp4": 0, f"{fake}/a.mp4": 1}
    assert table["group"].is_unique
    assert left_out(root) == {"set/notes.mp4": "in no folder named real or fake"}
    assert any("leaks" in remark for remark in read_catalog(root).remarks)


def test_a_folder_that_only_mentions_a_class_gives_way_to_one_that_is_it(make_files):
    root = make_files("deepfake_dataset/real/a.jpg", "deepfake_dataset/fake/RealVisXL/b.jpg")
    make_files("deepfake_dataset/fake/original_quality/c.jpg", "deepfake_dataset/DFDC_FAKE_v2/d.jpg")
    table = read(root, "folders")
    assert {path.rpartition("/")[2]: label for path, label in table["label"].items()} == {
        "a.jpg": 0, "b.jpg": 1, "c.jpg": 1, "d.jpg": 1,
    }  # fmt: skip
    assert table["method"].str.replace("deepfake_dataset", "").tolist().count("RealVisXL") == 1


def test_frames_beside_videos_and_a_lonely_train_folder(make_files):
    root = make_files("train/real/videos/a.mp4", "train/real/frames/a/0.png", "train/fake/videos/b.mp4")
    make_files("train/fake/frames/b/0.png", "train/fake/frames/b/1.png")
    catalog = read_catalog(root)
    assert catalog.table[["clip_id", "method", "split"]].values.tolist() == [
        ["train/fake/videos/b", "fake", ""], ["train/real/videos/a", "", ""],
    ]  # fmt: skip
    assert any("no split" in remark for remark in catalog.remarks)


def test_class_folders_with_splits_above_or_below(make_files):
    root = make_files("train/real/a.mp4", "Valid/real/b.mp4", "fake/test/FaceSwap/c.mp4", "fake/train/d.mp4")
    table = read(root, "folders")
    assert table["split"].to_dict() == {
        "Valid/real/b.mp4": "val", "train/real/a.mp4": "train", "fake/test/FaceSwap/c.mp4": "test",
        "fake/train/d.mp4": "train",
    }  # fmt: skip
    assert table.loc["fake/test/FaceSwap/c.mp4", "method"] == "FaceSwap"
    assert table.loc["fake/train/d.mp4", "method"] == "fake"


def test_pictures_are_clips_of_one_frame(make_files):
    root = make_files(
        "real-vs-fake/train/real/0.jpg", "real-vs-fake/train/fake/0.PNG", "real-vs-fake/test/fake/1.webp"
    )
    table = read(root, "folders")
    assert set(table["media"]) == {"image"}
    assert table["label"].tolist() == [1, 1, 0]
    assert any("dense layer" in remark for remark in read_catalog(root).remarks)


def test_fakes_by_method_beside_plain_reals_stay_pictures(make_files):
    root = make_files("real/0.jpg", "real/1.jpg", "fake/StyleGAN/0.jpg", "fake/Face2Face/0.jpg")
    table = read(root, "folders")
    assert set(table["media"]) == {"image"}
    assert set(table["method"]) == {"", "StyleGAN", "Face2Face"}


def test_a_folder_of_stills_is_one_clip(make_files):
    root = make_files(*(f"train/real/clip.1/{i}.png" for i in range(3)), "train/real/cover.png")
    make_files(*(f"test/fake/FaceSwap/clip2.mp4/{i}.png" for i in range(2)), "test/fake/x.mp4")
    catalog = read_catalog(root)
    assert catalog.table[["clip_id", "media", "method", "split"]].values.tolist() == [
        ["test/fake/FaceSwap/clip2.mp4", "frames", "FaceSwap", "test"],
        ["test/fake/x", "video", "fake", "test"],
        ["train/real/clip.1", "frames", "", "train"],
        ["train/real/cover", "image", "", "train"],
    ]
    assert catalog.files == {
        "found": 7,
        "clips": 2,
        "stills": 5,
        "lists": 0,
        "left_out": 0,
        "other": 0,
    }
    assert any("train/real/cover.png" in remark for remark in catalog.remarks)


def test_pictures_in_folders_are_single_clips_where_the_user_says_so(make_files):
    root = make_files(
        *(f"{label}/{source}/{i}.png" for label in ("real", "fake") for source in "ab" for i in range(3))
    )
    catalog = read_catalog(root)
    assert len(catalog) == 4
    assert any("--layout pictures" in remark for remark in catalog.remarks)
    single = read_catalog(root, layout="pictures")
    assert len(single) == 12
    assert set(single.table["media"]) == {"image"}
    assert set(single.table["method"]) == {"", "a", "b"}


def test_two_data_sets_in_one_folder_are_not_guessed(make_files):
    root = make_files("a/videos_real/v1.mp4", "b/Celeb-real/id0_0000.mp4")
    with pytest.raises(DataError, match="could be celebdf or sdfvd.*--layout"):
        read_catalog(root)
    assert read_catalog(root, layout="Celeb-DF").table["clip_id"].tolist() == ["b/Celeb-real/id0_0000"]


def test_every_layout_is_told_by_its_own_description():
    assert set(LAYOUTS) >= {
        *("table", "sdfvd", "faceforensics", "dfd", "celebdf", "dfdc", "deeperforensics", "folders")
    }
    for layout in LAYOUTS.values():
        assert layout.looks_like
        assert layout.read.__doc__


def test_celebdf_v1_and_v2_side_by_side_keep_their_own_lists(make_files):
    for version in ("Celeb-DF", "Celeb-DF-v2"):
        root = make_files(f"{version}/Celeb-real/id0_0000.mp4", f"{version}/Celeb-synthesis/id0_id1_0000.mp4")
    make_files("Celeb-DF/List_of_testing_videos.txt", content=b"1 Celeb-real/id0_0000.mp4\n")
    make_files("Celeb-DF-v2/List_of_testing_videos.txt", content=b"0 Celeb-synthesis/id0_id1_0000.mp4\n")
    table = read(root, "celebdf")
    assert set(table.index[table["split"] == "test"]) == {
        "Celeb-DF/Celeb-real/id0_0000.mp4", "Celeb-DF-v2/Celeb-synthesis/id0_id1_0000.mp4",
    }  # fmt: skip
    make_files("Celeb-DF/List_of_testing_videos.txt", content=b"1 Celeb-real/id7_0000.mp4\n")
    assert "Celeb-DF/Celeb-real/id7_0000.mp4" in left_out(root)


def test_faceforensics_lists_of_numbers_are_read_and_contradictions_are_not(make_files):
    root = make_files(
        "original_sequences/youtube/c23/videos/000.mp4", "original_sequences/youtube/c23/videos/001.mp4"
    )
    make_files("splits/train.json", content=b"[[0, 1]]")
    make_files("annotations/test.json", content=b'{"not": "a list of pairs"}')
    assert set(read(root, "faceforensics")["split"]) == {"train"}
    assert "annotations/test.json" in left_out(root)
    make_files("splits/test.json", content=b'[["001", "002"]]')
    with pytest.raises(DataError, match="names the video 001, which is in"):
        read_catalog(root)
    for content in (b'{"ab": 1}', b'[[["x"], "y"]]', b'["000", "001"]'):
        make_files("splits/test.json", content=content)
        with pytest.raises(DataError, match=r"splits/test.json is not a list of pairs"):
            read_catalog(root)


@pytest.mark.parametrize("only", ["test", "valid", "train"])
def test_one_split_folder_alone_is_no_split(make_files, only):
    from dfutils.data import assign_splits

    root = make_files(*(f"{only}/{kind}/{i}.mp4" for kind in ("real", "fake") for i in range(20)))
    catalog = read_catalog(root)
    assert set(catalog.table["split"]) == {""}
    assert any("which is no split" in remark for remark in catalog.remarks)
    assert set(assign_splits(catalog).table["split"]) == {"train", "val", "test"}


def test_published_val_and_test_folders_are_kept_and_val_gives_the_training_clips(make_files):
    from dfutils.data import assign_splits

    for part in ("valid", "test"):
        root = make_files(*(f"{part}/{kind}/{i}.mp4" for kind in ("real", "fake") for i in range(20)))
    catalog = read_catalog(root)
    assert catalog.table["split"].value_counts().to_dict() == {"val": 40, "test": 40}
    split = assign_splits(catalog)
    assert split.table["split"].value_counts().to_dict() == {"test": 40, "train": 32, "val": 8}
    assert split.table.loc[catalog.table["split"] == "test", "split"].eq("test").all()


def test_pictures_beside_folders_of_stills_are_clips_too(make_files):
    for kind in ("real", "fake"):
        root = make_files(f"{kind}/photo.png", *(f"{kind}/{kind}_film/{i:03d}.jpg" for i in range(4)))
    table = read_catalog(root).table.set_index("clip_id")
    assert table["media"].to_dict() == {
        "fake/fake_film": "frames",
        "fake/photo": "image",
        "real/photo": "image",
        "real/real_film": "frames",
    }
    assert table["label"].to_dict() == {name: int(name.startswith("fake")) for name in table.index}


def test_one_photo_beside_one_folder_of_stills(make_files):
    root = make_files("real/photo.png", *(f"fake/film/{i:03d}.png" for i in range(5)))
    assert read_catalog(root).table["media"].tolist() == ["frames", "image"]


def test_folders_of_stills_where_the_user_says_so(make_files):
    root = make_files(*(f"real/{i}.png" for i in range(4)), *(f"fake/film/{i:03d}.png" for i in range(5)))
    catalog = read_catalog(root)
    assert set(catalog.table["media"]) == {"image"}
    assert any("--layout stills" in remark for remark in catalog.remarks)
    assert read_catalog(root, layout="stills").table["media"].value_counts().to_dict() == {"image": 4, "frames": 1}


def test_of_two_suffixes_the_one_in_the_list_is_the_clip(make_files):
    root = make_files("p/a.avi", "p/a.mp4", "p/b.mp4")
    make_files(
        "p/metadata.json",
        content=b'{"a.mp4": {"label": "FAKE", "original": "b.mp4"}, "b.mp4": {"label": "REAL"}}',
    )
    catalog = read_catalog(root)
    assert catalog.table[["path", "label"]].values.tolist() == [["p/a.mp4", 1], ["p/b.mp4", 0]]
    assert "named in no metadata.json" in left_out(root)["p/a.avi"]
    make_files(
        "p/metadata.json",
        content=b'{"a.mp4": {"label": "FAKE"}, "a.avi": {"label": "REAL"}, "b.mp4": {"label": "REAL"}}',
    )
    assert read_catalog(root).table["label"].tolist() == [0, 0]
    assert "has the same clip_id" in left_out(root)["p/a.mp4"]


def test_celebdf_test_list_marks_the_file_that_it_names(make_files):
    root = make_files("Celeb-synthesis/id0_id1_0000.avi", "Celeb-synthesis/id0_id1_0000.mp4")
    make_files("Celeb-real/id0_0000.avi", "Celeb-real/id0_0000.mp4", "Celeb-real/id2_0000.mp4")
    make_files(
        "List_of_testing_videos.txt",
        content=b"1 Celeb-real/id0_0000.mp4\n0 Celeb-synthesis/id0_id1_0000.mp4\n",
    )
    table = read_catalog(root).table.set_index("path")
    assert table["split"].to_dict() == {
        "Celeb-real/id0_0000.mp4": "test",
        "Celeb-real/id2_0000.mp4": "",
        "Celeb-synthesis/id0_id1_0000.mp4": "test",
    }


def test_not_real_is_no_real(make_files):
    root = make_files("real/a.mp4", "fake/b.mp4", "not_real/c.mp4")
    assert "not_real/c.mp4" in left_out(root)


def test_published_train_and_val_folders_are_kept_and_test_is_drawn_from_train(make_files):
    from dfutils.data import assign_splits

    for part in ("train", "valid"):
        root = make_files(*(f"{part}/{kind}/{i}.mp4" for kind in ("real", "fake") for i in range(20)))
    catalog = read_catalog(root)
    assert set(catalog.table["split"]) == {"train", "val"}
    split = assign_splits(catalog)
    assert set(split.table.loc[catalog.table["split"] == "val", "split"]) == {"val"}
    assert set(split.table["split"]) == {"train", "val", "test"}


@pytest.mark.parametrize(
    ("real", "fake"),
    [("real/real_{}", "fake/fake_{}"), ("clip_real_{}", "clip_fake_{}"), ("real/c{}", "fake/deepfake_{}")],
)
def test_folders_of_stills_may_have_their_class_in_their_names(make_files, real, fake):
    for kind in (real, fake):
        root = make_files(*(f"{kind.format(clip)}/{i}.png" for clip in range(3) for i in range(4)))
    table = read(root, "folders")
    assert set(table["media"]) == {"frames"}
    assert sorted(table["label"]) == [0, 0, 0, 1, 1, 1]
    assert set(table["method"]) == {"", "fake"}


def test_the_class_folder_is_the_one_beside_the_other_class(make_files):
    root = make_files("fake/original/a.mp4", "real/b.mp4", "fake/original/c.mp4", "real/youtube/d.mp4")
    table = read(root, "folders")
    assert table["label"].tolist() == [1, 1, 0, 0]
    assert set(table["method"]) == {"", "original"}
    assert not any("one data set" in remark for remark in read_catalog(root).remarks)


def test_methods_named_like_the_class(make_files):
    root = make_files("fake/Deepfakes/a.mp4", "fake/Face2Face/b.mp4", "real/youtube/c.mp4")
    assert read(root, "folders")["method"].tolist() == ["Deepfakes", "Face2Face", ""]


def test_folders_that_contradict_each_other_are_left_out(make_files):
    root = make_files("fake/original_1/a.mp4", "fake/fake_1/b.mp4", "real/c.mp4")
    assert read(root, "folders")["label"].to_dict() == {"fake/fake_1/b.mp4": 1, "real/c.mp4": 0}
    assert (
        left_out(root)["fake/original_1/a.mp4"]
        == "its folders 'fake' and 'original_1' say both real and fake"
    )


def test_numbered_folders_are_clips_and_no_methods(make_files):
    root = make_files("real/clip_0/video.mp4", "fake/clip_0/video.mp4", "fake/clip_1/video.mp4")
    assert set(read(root, "folders")["method"]) == {"", "fake"}


def test_splits_in_the_names_of_class_folders_or_sets(make_files):
    root = make_files("train_real/a.mp4", "train_fake/b.mp4", "test_real/c.mp4", "test_fake/d.mp4")
    assert read(root, "folders")["split"].tolist() == ["test", "test", "train", "train"]
    other = make_files("s/train_set/realvideos/a.mp4", "s/test_set/fakevideos/b.mp4") / "s"
    assert read(other, "folders")["split"].tolist() == ["test", "train"]


def test_dfdc_without_originals_warns(make_files):
    root = make_files("test/a.mp4", "test/b.mp4", "labels.csv", content=b"filename,label\na.mp4,1\nb.mp4,0\n")
    catalog = read_catalog(root)
    assert catalog.table["group"].tolist() == ["test/a", "test/b"]
    remarks = " ".join(catalog.remarks)
    assert "the split leaks" in remarks
    assert "originals" not in remarks


def test_what_one_list_of_dfdc_leaves_open_another_tells(make_files):
    root = dfdc(make_files, "videos", {"x1.mp4": {"is_fake": 1}, "x2.mp4": {"is_fake": 0}})
    make_files("labels.csv", content=b"filename,label\nx1.mp4,1\nx2.mp4,0\n")
    catalog = read_catalog(root)
    assert catalog.table["label"].tolist() == [1, 0]
    assert catalog.left_out.empty


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[1,2]", "metadata.json cannot be read .no object of file names"),
        (b"null", "metadata.json cannot be read"),
        (b"[" * 100_000, "metadata.json cannot be read .nested too deeply"),
        (b"{}", "metadata.json names no labels"),
    ],
)
def test_a_list_that_is_not_believed_is_named_where_nothing_is_recognised(make_files, content, words):
    root = make_files("p/a.mp4")
    make_files("p/metadata.json", content=content)
    with pytest.raises(DataError, match=words):
        read_catalog(root)
    (root / "p/a.mp4").unlink()
    make_files("p/metadata.json", content=b'{"a.mp4": {"label": "REAL"}}')
    with pytest.raises(DataError, match="has no videos beside or below it"):
        read_catalog(root)


@pytest.mark.parametrize("name", ["test_{}", "train{}", "train_clip_{}", "real_train_{}"])
def test_clips_whose_names_hold_a_split_word_are_in_no_split(make_files, name):
    root = make_files(
        *(
            f"{kind}/{name.format(clip)}/{i}.png"
            for kind in ("real", "fake")
            for clip in (1, 2)
            for i in range(3)
        )
    )
    table = read(root, "folders")
    assert len(table) == 4
    assert set(table["media"]) == {"frames"}
    assert set(table["split"]) == {""}
    assert set(table["method"]) == {"", "fake"}


def test_numbered_methods_and_numbered_clips(make_files):
    root = make_files(*(f"fake/stylegan{i}/{clip}.mp4" for i in (2, 3) for clip in "ab"), "real/x/a.mp4")
    assert set(read(root, "folders")["method"]) == {"", "stylegan2", "stylegan3"}
    other = make_files("other/fake/clip_0/video.mp4", "other/real/clip_0/video.mp4") / "other"
    assert set(read(other, "folders")["method"]) == {"", "fake"}


def test_one_numbered_folder_of_a_class_is_a_clip_where_the_other_class_has_several(make_files):
    root = make_files(*(f"{clip}/{i}.png" for clip in ("001_real", "002_real", "001_fake") for i in range(3)))
    assert read(root, "folders")["media"].tolist() == ["frames"] * 3
    other = make_files("other/0_real/a.png", "other/0_real/b.png", "other/1_fake/c.png") / "other"
    assert set(read(other, "folders")["media"]) == {"image"}


def test_dfdc_names_with_accents_pair_whatever_their_spelling(make_files):
    facts = {"\u00e9.mp4": {"label": "FAKE", "original": "\u00f6.mp4"}, "\u00f6.mp4": {"label": "REAL"}}
    root = make_files("p/e\u0301.mp4", "p/o\u0308.mp4")
    make_files("p/metadata.json", content=json.dumps(facts).encode())
    catalog = read_catalog(root)
    assert catalog.table["group"].nunique() == 1
    assert not any("originals" in remark for remark in catalog.remarks)


def test_a_reader_is_found_by_any_name_it_was_registered_with(make_files):
    from dfutils.data import LAYOUTS
    from dfutils.data.layouts.registry import Entry, Reading, layout

    @layout("Wild-2024", "wild/x.mp4", lambda files: "wild/x.mp4" in files.paths, otherwise="not wild")
    def read_wild(files):
        return Reading([Entry("wild/x.mp4", label=1, method="wild")])

    try:
        for name in ("auto", "wild2024", "Wild-2024"):
            assert read_catalog(make_files("wild/x.mp4"), layout=name).layout == "Wild-2024"
    finally:
        del LAYOUTS["Wild-2024"]

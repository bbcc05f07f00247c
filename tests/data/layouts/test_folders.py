"""Folders named real and fake: labels, methods, splits, and which pictures are a clip."""

import pytest

from dfutils.data import assign_splits, read_catalog
from dfutils.tables import ORIGIN_COLUMNS


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
def test_class_folders_by_many_names(make_files, real, fake, read_rows, read_left_out):
    root = make_files(f"{real}/a.mp4", f"{fake}/a.mp4", "set/notes.mp4")
    table = read_rows(root, "folders")
    assert table["label"].to_dict() == {f"{real}/a.mp4": 0, f"{fake}/a.mp4": 1}
    assert table["group"].is_unique
    assert read_left_out(root) == {"set/notes.mp4": "in no folder named real or fake"}
    assert any("leaks" in remark for remark in read_catalog(root).remarks)


def test_a_folder_that_only_mentions_a_class_gives_way_to_one_that_is_it(make_files, read_rows):
    root = make_files("deepfake_dataset/real/a.jpg", "deepfake_dataset/fake/RealVisXL/b.jpg")
    make_files("deepfake_dataset/fake/original_quality/c.jpg", "deepfake_dataset/DFDC_FAKE_v2/d.jpg")
    table = read_rows(root, "folders")
    assert {path.rpartition("/")[2]: label for path, label in table["label"].items()} == {
        "a.jpg": 0, "b.jpg": 1, "c.jpg": 1, "d.jpg": 1,
    }  # fmt: skip
    assert table["method"].str.replace("deepfake_dataset", "").tolist().count("RealVisXL") == 1


def test_frames_next_to_videos_and_a_train_folder_alone(make_files):
    root = make_files("train/real/videos/a.mp4", "train/real/frames/a/0.png", "train/fake/videos/b.mp4")
    make_files("train/fake/frames/b/0.png", "train/fake/frames/b/1.png")
    catalog = read_catalog(root)
    assert catalog.table[["clip_id", "method", "split"]].values.tolist() == [
        ["train/fake/videos/b", "fake", ""], ["train/real/videos/a", "", ""],
    ]  # fmt: skip
    assert any("not a split" in remark for remark in catalog.remarks)


def test_class_folders_with_splits_above_or_below(make_files, read_rows):
    root = make_files("train/real/a.mp4", "Valid/real/b.mp4", "fake/test/FaceSwap/c.mp4", "fake/train/d.mp4")
    table = read_rows(root, "folders")
    assert table["split"].to_dict() == {
        "Valid/real/b.mp4": "val", "train/real/a.mp4": "train", "fake/test/FaceSwap/c.mp4": "test",
        "fake/train/d.mp4": "train",
    }  # fmt: skip
    assert table.loc["fake/test/FaceSwap/c.mp4", "method"] == "FaceSwap"
    assert table.loc["fake/train/d.mp4", "method"] == "fake"


def test_pictures_are_clips_of_one_frame(make_files, read_rows):
    root = make_files(
        "real-vs-fake/train/real/0.jpg", "real-vs-fake/train/fake/0.PNG", "real-vs-fake/test/fake/1.webp"
    )
    table = read_rows(root, "folders")
    assert set(table["media"]) == {"image"}
    assert table["label"].tolist() == [1, 1, 0]
    assert any("dense layer" in remark for remark in read_catalog(root).remarks)


def test_fakes_in_folders_by_method_next_to_plain_real_pictures_are_pictures(make_files, read_rows):
    root = make_files("real/0.jpg", "real/1.jpg", "fake/StyleGAN/0.jpg", "fake/Face2Face/0.jpg")
    table = read_rows(root, "folders")
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
    assert set(single.table["method"]) == {"", "fake"}  # real clips are in folders of the same names


@pytest.mark.parametrize("only", ["test", "valid", "train"])
def test_one_split_folder_alone_is_not_a_split(make_files, only):
    root = make_files(*(f"{only}/{kind}/{i}.mp4" for kind in ("real", "fake") for i in range(20)))
    catalog = read_catalog(root)
    assert set(catalog.table["split"]) == {""}
    assert any("not a split" in remark for remark in catalog.remarks)
    assert set(assign_splits(catalog).table["split"]) == {"train", "val", "test"}


def test_published_val_and_test_folders_are_kept_and_val_gives_the_training_clips(make_files):
    for part in ("valid", "test"):
        root = make_files(*(f"{part}/{kind}/{i}.mp4" for kind in ("real", "fake") for i in range(20)))
    catalog = read_catalog(root)
    assert catalog.table["split"].value_counts().to_dict() == {"val": 40, "test": 40}
    split = assign_splits(catalog)
    assert split.table["split"].value_counts().to_dict() == {"test": 40, "train": 32, "val": 8}
    assert split.table.loc[catalog.table["split"] == "test", "split"].eq("test").all()


def test_pictures_next_to_folders_of_stills_are_clips_too(make_files):
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


def test_one_photo_next_to_one_folder_of_stills(make_files):
    root = make_files("real/photo.png", *(f"fake/film/{i:03d}.png" for i in range(5)))
    assert read_catalog(root).table["media"].tolist() == ["frames", "image"]


def test_folders_of_stills_where_the_user_says_so(make_files):
    root = make_files(*(f"real/{i}.png" for i in range(4)), *(f"fake/film/{i:03d}.png" for i in range(5)))
    catalog = read_catalog(root)
    assert set(catalog.table["media"]) == {"image"}
    assert any("--layout stills" in remark for remark in catalog.remarks)
    assert read_catalog(root, layout="stills").table["media"].value_counts().to_dict() == {
        "image": 4,
        "frames": 1,
    }


def test_a_folder_named_not_real_is_not_a_class(make_files, read_left_out):
    root = make_files("real/a.mp4", "fake/b.mp4", "not_real/c.mp4")
    assert "not_real/c.mp4" in read_left_out(root)


def test_published_train_and_val_folders_are_kept_and_test_is_drawn_from_train(make_files):
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
def test_folders_of_stills_may_have_their_class_in_their_names(make_files, real, fake, read_rows):
    for kind in (real, fake):
        root = make_files(*(f"{kind.format(clip)}/{i}.png" for clip in range(3) for i in range(4)))
    table = read_rows(root, "folders")
    assert set(table["media"]) == {"frames"}
    assert sorted(table["label"]) == [0, 0, 0, 1, 1, 1]
    assert set(table["method"]) == {"", "fake"}


def test_the_class_folder_is_the_one_next_to_the_other_class(make_files, read_rows):
    root = make_files("fake/original/a.mp4", "real/b.mp4", "fake/original/c.mp4", "real/youtube/d.mp4")
    table = read_rows(root, "folders")
    assert table["label"].tolist() == [1, 1, 0, 0]
    assert set(table["method"]) == {"", "original"}
    assert not any("one data set" in remark for remark in read_catalog(root).remarks)


def test_methods_named_like_the_class(make_files, read_rows):
    root = make_files("fake/Deepfakes/a.mp4", "fake/Face2Face/b.mp4", "real/youtube/c.mp4")
    assert read_rows(root, "folders")["method"].tolist() == ["Deepfakes", "Face2Face", ""]


def test_folders_that_contradict_each_other_are_left_out(make_files, read_rows, read_left_out):
    root = make_files("fake/original_1/a.mp4", "fake/fake_1/b.mp4", "real/c.mp4")
    assert read_rows(root, "folders")["label"].to_dict() == {"fake/fake_1/b.mp4": 1, "real/c.mp4": 0}
    assert (
        read_left_out(root)["fake/original_1/a.mp4"]
        == "its folders 'fake' and 'original_1' say both real and fake"
    )


def test_numbered_folders_are_clips_and_not_methods(make_files, read_rows):
    root = make_files("real/clip_0/video.mp4", "fake/clip_0/video.mp4", "fake/clip_1/video.mp4")
    assert set(read_rows(root, "folders")["method"]) == {"", "fake"}


def test_splits_in_the_names_of_class_folders_or_sets(make_files, read_rows):
    root = make_files("train_real/a.mp4", "train_fake/b.mp4", "test_real/c.mp4", "test_fake/d.mp4")
    assert read_rows(root, "folders")["split"].tolist() == ["test", "test", "train", "train"]
    other = make_files("s/train_set/realvideos/a.mp4", "s/test_set/fakevideos/b.mp4") / "s"
    assert read_rows(other, "folders")["split"].tolist() == ["test", "train"]


@pytest.mark.parametrize("name", ["test_{}", "train{}", "train_clip_{}", "real_train_{}"])
def test_clips_with_a_split_word_in_their_names_are_in_no_split(make_files, name, read_rows):
    root = make_files(
        *(
            f"{kind}/{name.format(clip)}/{i}.png"
            for kind in ("real", "fake")
            for clip in (1, 2)
            for i in range(3)
        )
    )
    table = read_rows(root, "folders")
    assert len(table) == 4
    assert set(table["media"]) == {"frames"}
    assert set(table["split"]) == {""}
    assert set(table["method"]) == {"", "fake"}


def test_numbered_methods_and_numbered_clips(make_files, read_rows):
    root = make_files(*(f"fake/stylegan{i}/{clip}.mp4" for i in (2, 3) for clip in "ab"), "real/x/a.mp4")
    assert set(read_rows(root, "folders")["method"]) == {"", "stylegan2", "stylegan3"}
    other = make_files("other/fake/clip_0/video.mp4", "other/real/clip_0/video.mp4") / "other"
    assert set(read_rows(other, "folders")["method"]) == {"", "fake"}


def test_one_numbered_folder_of_a_class_is_a_clip_where_the_other_class_has_several(make_files, read_rows):
    root = make_files(*(f"{clip}/{i}.png" for clip in ("001_real", "002_real", "001_fake") for i in range(3)))
    assert read_rows(root, "folders")["media"].tolist() == ["frames"] * 3
    other = make_files("other/0_real/a.png", "other/0_real/b.png", "other/1_fake/c.png") / "other"
    assert set(read_rows(other, "folders")["media"]) == {"image"}


def test_nothing_is_known_about_people_and_a_remark_says_so(make_files):
    catalog = read_catalog(make_files("real/a.mp4", "fake/b.mp4"))
    assert not set(ORIGIN_COLUMNS) & set(catalog.table)
    assert not catalog.people_known
    (remark,) = catalog.remarks
    assert remark.startswith("Who is seen in the clips, and which recording they come from, is not known")


def test_fakeavceleb_is_read_by_its_pictures_and_not_by_its_sound(make_files):
    """Also if the layout is named: `auto` finds FakeAVCeleb's own layout."""
    people = ("African/men/id00076", "Asian (East)/women/id00018")
    kinds = ("RealVideo-RealAudio", "FakeVideo-RealAudio", "FakeVideo-FakeAudio", "RealVideo-FakeAudio")
    root = make_files(*(f"{kind}/{person}/00109.mp4" for kind in kinds for person in people))
    table = read_catalog(root, layout="folders").table.set_index("path")
    fake = table.index.str.startswith("FakeVideo")
    assert (table["label"] == fake).all()
    assert set(table.loc[fake, "method"]) == {"fake"}


def test_wilddeepfake_has_numbers_that_are_not_methods(make_files, read_rows):
    names = [f"{kind}_{split}/{n}/{kind}/{i}.png" for kind in ("real", "fake") for split in ("train", "test")
             for n in (0, 1) for i in range(3)]  # fmt: skip
    table = read_rows(make_files(*names), "folders")
    assert set(table["method"]) == {"", "fake"}
    assert set(table["split"]) == {"train", "test"}


@pytest.mark.parametrize(
    "name", ["clip{:02d}_frame_{:03d}.png", "{:03d}_{:d}.jpg", "id{0:d}_0001-{1:02d}.png"]
)
def test_frames_of_several_videos_that_lie_flat_are_said(make_files, name):
    names = [name.format(video, frame) for video in range(20) for frame in range(6)]
    root = make_files(*(f"{kind}/{one}" for kind in ("real", "fake") for one in names))
    (remark,) = [remark for remark in read_catalog(root).remarks if "frames of" in remark]
    assert remark.startswith("240 pictures look like the frames of 40 videos (such as fake/")
    assert "6 pictures), but each one is a clip and a group of its own" in remark


@pytest.mark.parametrize("name", ["img_{:04d}.png", "{:05d}.png", "seed{:d}.jpg"])
def test_pictures_that_are_just_numbered_are_no_frames(make_files, name):
    root = make_files(*(f"{kind}/{name.format(i)}" for kind in ("real", "fake") for i in range(120)))
    assert not [remark for remark in read_catalog(root).remarks if "frames of" in remark]


def test_folders_above_real_and_fake_name_the_methods(make_files):
    methods = ("DeepFake", "FaceSwap", "NeuralTextures")
    root = make_files(
        *(
            f"{method}/{split}/{kind}/{video}_{split}/{frame}.jpg"
            for method in methods
            for split in ("train", "val", "test")
            for kind in ("real", "fake")
            for video in ("000", "001", "002")
            for frame in range(5)
        )
    )
    table = read_catalog(root).table
    assert len(table) == 54
    assert set(table["media"]) == {"frames"}
    assert set(table["split"]) == {"train", "val", "test"}
    of_fakes = table[table["label"] == 1]
    assert set(of_fakes["method"]) == set(methods)
    assert (of_fakes["path"].str.split("/").str[0] == of_fakes["method"]).all()
    assert set(table[table["label"] == 0]["method"]) == {""}


@pytest.mark.parametrize("names", [("part_1", "part_2"), ("", "more")])
def test_parts_of_a_data_set_are_no_methods(make_files, names):
    root = make_files(
        *(f"{name}/{kind}/{i}.mp4".lstrip("/") for name in names for kind in ("real", "fake") for i in "ab")
    )
    assert set(read_catalog(root).table["method"]) == {"", "fake"}

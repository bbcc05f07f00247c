"""What is missing from a copy of a data set, and what is too much."""

import json

import pytest

from dfutils.data import LAYOUTS, check_catalog, read_catalog
from dfutils.data.completeness import COLUMNS


@pytest.fixture
def check(tmp_path):
    """A function that checks the data set in the test's folder, or in a folder below: `check("part")`."""

    def check_folder(folder=".", **options):
        return check_catalog(read_catalog(tmp_path / folder, **options))

    return check_folder


def pairs(kind, count):
    return [f"{kind}/videos_real/v{i}.mp4" for i in range(1, count + 1)] + [
        f"{kind}/videos_fake/vs{i}.mp4" for i in range(1, count + 1)
    ]


def test_a_complete_copy(make_files, check):
    make_files(*pairs("a", 53))
    checked = check("a")
    assert checked.is_complete
    assert (checked.layout, checked.version) == ("sdfvd", "SDFVD")
    assert checked.table.columns.tolist() == list(COLUMNS)
    assert checked.table.values.tolist() == [["videos_real", 53, 53, 0, 0], ["videos_fake", 53, 53, 0, 0]]
    assert checked.source
    assert checked.not_on_disk == checked.remarks == ()


def test_a_partial_copy_and_one_with_too_much_are_described(make_files, check):
    make_files(*pairs("a", 50), "a/videos_real/v54.mp4")
    assert check("a").table.values.tolist() == [["videos_real", 53, 51, 2, 0], ["videos_fake", 53, 50, 3, 0]]
    make_files(*pairs("b", 53), "b/videos_fake/vs54.mp4")
    checked = check("b")
    assert checked.table.values.tolist()[1] == ["videos_fake", 53, 54, 0, 1]
    assert not checked.is_complete


def test_each_compression_of_faceforensics_is_compared_by_itself(make_files, check):
    make_files(*(f"original_sequences/youtube/c23/videos/{i:03d}.mp4" for i in range(1000)))
    make_files("original_sequences/youtube/c40/videos/000.mp4")
    make_files("manipulated_sequences/FaceSwap/c23/videos/000_003.mp4")
    table = check().table.set_index("part")
    assert len(table) == 2 * 6
    assert table.loc["c23 YouTube originals", "missing"] == 0
    assert table.loc[["c23 FaceSwap", "c40 YouTube originals", "c40 FaceSwap"], "found"].tolist() == [1, 1, 0]
    make_files("manipulated_sequences/DeepFakeDetection/c23/videos/01_02__a__YVGY8LOK.mp4")
    table = check().table.set_index("part")
    assert table.loc[["c23 DFD, actors", "c23 DFD, fakes"], ["expected", "found"]].values.tolist() == [
        [363, 0], [3068, 1],
    ]  # fmt: skip
    assert table.loc["c23 FaceSwap", "found"] == 1


def test_the_flat_copy_of_faceforensics_is_compared(make_files, check):
    make_files("ff/original/000.mp4", "ff/Deepfakes/000_003.mp4", "ff/Deepfakes/003_000.mp4")
    table = check().table.set_index("part")
    assert table.loc[["YouTube originals", "Deepfakes", "FaceShifter"], "found"].tolist() == [1, 2, 0]


def test_fakes_that_the_split_by_actor_leaves_out_count_as_found(make_files, check):
    make_files("real/01__a.mp4", "fake/01_02__a__0UTLK5IT.mp4", "fake/01_28__a__0UTLK5IT.mp4")
    checked = check()
    assert checked.layout == "dfd"
    assert checked.table["found"].tolist() == [1, 2]


def test_clips_in_no_published_part_are_too_many(make_files, check):
    make_files("original_sequences/youtube/c23/videos/000.mp4")
    make_files("manipulated_sequences/MyMethod/c23/videos/000_003.mp4")
    rest = check().table.values.tolist()[-1]
    assert rest == ["in no published part", 0, 1, 0, 1]


def test_parts_of_dfdc_that_are_not_compared_are_not_too_many(make_files, check):
    facts = {"a.mp4": {"label": "REAL"}, "b.mp4": {"label": "FAKE", "original": "a.mp4"}}
    for folder in ("dfdc_train_part_0", "more"):
        make_files(f"{folder}/metadata.json", content=json.dumps(facts).encode())
        make_files(f"{folder}/a.mp4", f"{folder}/b.mp4")
    table = check().table
    assert table["found"].tolist() == [1, 1]
    assert table["extra"].tolist() == [0, 0]


def test_clips_that_only_a_list_names_are_named(make_files, check):
    make_files("Celeb-DF-v2/Celeb-real/id0_0000.mp4", "Celeb-DF-v2/Celeb-synthesis/id0_id1_0000.mp4")
    listed = b"1 Celeb-real/id0_0000.mp4\r\n1 YouTube-real/00170.mp4\r\n"
    make_files("Celeb-DF-v2/List_of_testing_videos.txt", content=listed)
    checked = check()
    assert checked.version == "Celeb-DF v2"
    assert checked.not_on_disk == ("Celeb-DF-v2/YouTube-real/00170.mp4",)
    assert checked.table.set_index("part").loc["test list", ["expected", "found"]].tolist() == [518, 1]
    assert check("Celeb-DF-v2").version == "Celeb-DF v2"


def test_the_version_of_celebdf_is_found(make_files, check):
    make_files("v1/Celeb-real/id0_0000.mp4", "v1/Celeb-synthesis/id0_id1_0000.mp4")
    checked = check("v1")
    assert checked.version == "Celeb-DF v1"
    assert "does not say its version" in checked.remarks[0]
    make_files(*(f"v1/Celeb-real/id1_{i:04d}.mp4" for i in range(158)))
    assert check("v1").version == "Celeb-DF v2"
    make_files("pp/Celeb-real/id0_0000.mp4", "pp/Celeb-synthesis/FaceSwap/BlendFace/id0_id1_0000.mp4")
    checked = check("pp")
    assert checked.version == "Celeb-DF++"
    assert "of each method is not published" in checked.remarks[0]
    for version in "12":
        make_files(f"both/Celeb-DF-v{version}/Celeb-real/id0_0000.mp4")
    checked = check("both")
    assert (checked.version, len(checked.table), checked.is_complete) == ("", 0, False)
    assert "give the folder of one of them" in checked.remarks[0]


@pytest.mark.parametrize(
    ("folder", "version"),
    [("dfdc_train_part_0", "DFDC"), ("train_sample_videos", "DFDC's sample on Kaggle"), ("videos", "")],
)
def test_the_part_of_dfdc_is_known_by_its_folder(make_files, check, folder, version):
    facts = {"a.mp4": {"label": "REAL"}, "b.mp4": {"label": "FAKE", "original": "a.mp4"}}
    make_files(f"{folder}/metadata.json", content=json.dumps(facts).encode())
    make_files(f"{folder}/a.mp4", f"{folder}/b.mp4")
    for place in (".", folder):
        checked = check(place)
        assert checked.version == version
        assert checked.table["found"].tolist() == ([1, 1] if version else [])
    assert version or "cannot be told" in checked.remarks[0]


def test_the_version_of_deepspeak_is_found(make_files, check):
    make_files("a/facefusion--10-11--4100-4897--0.mp4")
    assert check("a").version == "DeepSpeak v1.1"
    make_files("b/11-4897.mp4", "b/diff2lip-3-0-playht.mp4")
    make_files("b/annotations-real.csv", content=b"identity,video-file\n11,11-4897.mp4\n")
    row = b"video-file,engine,identity-source,identity-target\ndiff2lip-3-0-playht.mp4,diff2lip,12,11\n"
    make_files("b/annotations-fake.csv", content=row)
    checked = check("b")
    assert checked.version == "DeepSpeak v2"
    assert checked.table["found"].tolist() == [1, 1]


def test_nothing_is_published_on_folders_of_ones_own(make_files, check):
    make_files("real/a.mp4", "fake/b.mp4")
    checked = check()
    assert not checked.is_complete
    assert len(checked.table) == 0
    assert "Nothing is published for the layout 'folders'" in checked.remarks[0]


def test_every_known_data_set_is_compared_with_something():
    from dfutils.data.completeness import _CHOOSERS

    known = {
        name
        for name, layout in LAYOUTS.items()
        if layout.is_known_data_set and layout.read.__module__.startswith("dfutils.")
    }
    assert set(_CHOOSERS) == known

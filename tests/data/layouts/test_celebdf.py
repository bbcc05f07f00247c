"""Celeb-DF v1 and v2: labels, people and the test list."""

import pytest

from dfutils.data import read_catalog
from dfutils.errors import DataError


@pytest.mark.parametrize(("real", "inner"), [("YouTube-real", ""), ("Youtube-real", "videos/")])
def test_the_labels_of_the_test_list_are_inverted(make_files, real, inner, read_rows, read_left_out):
    root = make_files(
        f"Celeb-real/{inner}id0_0000.mp4", f"Celeb-real/{inner}id1_0000.mp4", f"{real}/{inner}00170.mp4"
    )
    make_files(f"Celeb-synthesis/{inner}id0_id1_0000.mp4", f"Celeb-synthesis/{inner}id1_id0_0000.mp4")
    listed = "1 YouTube-real/00170.mp4\n0 Celeb-synthesis/id0_id1_0000.mp4\n1 Celeb-real/id9_0000.mp4\n"
    make_files("List_of_testing_videos.txt", content=listed.encode())
    table = read_rows(root, "celebdf").set_index("clip_id")
    fake = table.loc[f"Celeb-synthesis/{inner}id0_id1_0000"]
    assert fake[["label", "group", "identity", "donor", "split"]].tolist() == [1, "id0", "id0", "id1", "test"]
    assert table.loc[f"{real}/{inner}00170", ["label", "split"]].tolist() == [0, "test"]
    assert table["split"].tolist().count("test") == 2
    assert table.loc[f"Celeb-real/{inner}id0_0000", "group"] == "id0"
    assert read_left_out(root) == {
        "Celeb-real/id9_0000.mp4": "named in List_of_testing_videos.txt, but not on disk"
    }


def test_frames_next_to_their_videos_are_left_out(make_files, read_left_out):
    root = make_files("Celeb-real/videos/id0_0000.mp4", "Celeb-synthesis/videos/id0_id1_0000.mp4")
    make_files(
        *(f"Celeb-real/frames/id0_0000/{i}.png" for i in range(2)), "Celeb-real/landmarks/id0_0000/0.npy"
    )
    make_files("List_of_testing_videos.txt", content=b"1 Celeb-real/id0_0000.mp4\n")
    catalog = read_catalog(root)
    assert catalog.table[["clip_id", "split"]].values.tolist() == [
        ["Celeb-real/videos/id0_0000", "test"], ["Celeb-synthesis/videos/id0_id1_0000", ""],
    ]  # fmt: skip
    assert read_left_out(root)["Celeb-real/frames/id0_0000"] == "the frames of Celeb-real/videos/id0_0000.mp4"


def test_a_list_that_contradicts_the_folders_is_not_used(make_files, read_left_out):
    root = make_files(
        "Celeb-real/id0_0000.mp4", "Celeb-synthesis/id0_id1_0000.mp4", "Celeb-real/id1_0000.mp4"
    )
    make_files("List_of_testing_videos.txt", content=b"0 Celeb-real/id0_0000.mp4\n1 ../../etc/passwd\n")
    assert set(read_left_out(root)) == {"Celeb-real/id0_0000.mp4", "../../etc/passwd"}
    make_files("List_of_testing_videos.txt", content=b"YouTube-real/00170.mp4 1\n")
    with pytest.raises(DataError, match="line 1: expected '1 YouTube-real"):
        read_catalog(root)


def test_v1_and_v2_next_to_each_other_keep_their_own_lists(make_files, read_rows, read_left_out):
    for version in ("Celeb-DF", "Celeb-DF-v2"):
        root = make_files(f"{version}/Celeb-real/id0_0000.mp4", f"{version}/Celeb-synthesis/id0_id1_0000.mp4")
    make_files("Celeb-DF/List_of_testing_videos.txt", content=b"1 Celeb-real/id0_0000.mp4\n")
    make_files("Celeb-DF-v2/List_of_testing_videos.txt", content=b"0 Celeb-synthesis/id0_id1_0000.mp4\n")
    table = read_rows(root, "celebdf")
    assert set(table.index[table["split"] == "test"]) == {
        "Celeb-DF/Celeb-real/id0_0000.mp4", "Celeb-DF-v2/Celeb-synthesis/id0_id1_0000.mp4",
    }  # fmt: skip
    make_files("Celeb-DF/List_of_testing_videos.txt", content=b"1 Celeb-real/id7_0000.mp4\n")
    assert "Celeb-DF/Celeb-real/id7_0000.mp4" in read_left_out(root)


def test_test_list_marks_the_file_that_it_names(make_files):
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


def test_people_are_known_except_those_of_youtube_real(make_files):
    root = make_files(
        "Celeb-real/id0_0000.mp4", "Celeb-real/id1_0000.mp4", "Celeb-synthesis/id0_id1_0000.mp4"
    )
    catalog = read_catalog(root)
    assert catalog.table[["identity", "donor"]].values.tolist() == [["id0", ""], ["id1", ""], ["id0", "id1"]]
    assert "source" not in catalog.table
    assert catalog.people_known
    assert not any("who is seen" in remark for remark in catalog.remarks)
    catalog = read_catalog(make_files("YouTube-real/00170.mp4"))
    assert catalog.table[["identity", "donor", "source", "group"]].iloc[-1].tolist() == [
        *("", "", "youtube-00170", "youtube-00170")
    ]
    assert not catalog.people_known
    assert any("does not say who is seen in YouTube-real" in remark for remark in catalog.remarks)


@pytest.mark.parametrize("above", ["", "Celeb-DF-plus/"])
def test_each_method_of_version_3_has_its_folder(make_files, above, read_rows, read_left_out):
    fakes = f"{above}Celeb-synthesis"
    make_files(f"{above}Celeb-real/id0_0000.mp4", f"{above}YouTube-real/00170.mp4")
    make_files(f"{fakes}/FaceSwap/BlendFace/id0_id1_0000.mp4", f"{fakes}/FaceSwap/InSwapper/id0_id1_0000.mp4")
    make_files(f"{fakes}/FaceReenact/LivePortrait/id1_id0_0003.mp4")
    root = make_files(f"{fakes}/TalkingFace/EchoMimic/id2_0001_test_WDA_001.mp4")
    make_files(f"{above}Celeb-real/FaceSwap/BlendFace/id0_0000.mp4", f"{fakes}/FaceSwap/BlendFace/odd.mp4")
    make_files(f"{fakes}/id2_0001_test_WDA_001.mp4")  # v2 has no talking faces
    rows = read_rows(root, "celebdf")
    columns = ["label", "method", "group", "identity", "donor"]
    assert rows.loc[rows["label"] == 1, columns].values.tolist() == [
        [1, "LivePortrait", "id1", "id1", "id0"],
        [1, "BlendFace", "id0", "id0", "id1"],
        [1, "InSwapper", "id0", "id0", "id1"],
        [1, "EchoMimic", "id2", "id2", ""],
    ]
    assert rows.loc[rows["label"] == 0, "method"].tolist() == ["", ""]
    assert read_left_out(root) == dict.fromkeys(
        [
            f"{above}Celeb-real/FaceSwap/BlendFace/id0_0000.mp4",
            f"{fakes}/FaceSwap/BlendFace/odd.mp4",
            f"{fakes}/id2_0001_test_WDA_001.mp4",
        ],
        "not named as Celeb-DF names its videos",
    )


def test_the_test_list_of_version_3_names_the_method(make_files, read_rows, read_left_out):
    make_files("Celeb-real/id0_0000.mp4", "celeb-synthesis/faceswap/BlendFace/ID0_id1_0000.MP4")
    root = make_files("celeb-synthesis/faceswap/InSwapper/id0_id1_0000.mp4")
    lines = ["1 Celeb-real/id0_0000.mp4", "0 Celeb-synthesis/FaceSwap/BlendFace/id0_id1_0000.mp4"]
    lines += ["0 Celeb-synthesis/FaceSwap/BlendFace/id0_id1_0009.mp4", ""]
    make_files("List_of_testing_videos.txt", content="\r\n".join(lines).encode())
    rows = read_rows(root, "celebdf")
    assert rows["split"].to_dict() == {
        "Celeb-real/id0_0000.mp4": "test",
        "celeb-synthesis/faceswap/BlendFace/ID0_id1_0000.MP4": "test",
        "celeb-synthesis/faceswap/InSwapper/id0_id1_0000.mp4": "",
    }
    assert read_left_out(root) == {
        "Celeb-synthesis/FaceSwap/BlendFace/id0_id1_0009.mp4": (
            "named in List_of_testing_videos.txt, but not on disk"
        )
    }


def test_frames_of_version_3_are_clips_of_their_method(make_files):
    name = "Celeb-synthesis/FaceSwap/BlendFace/frames/id0_id1_0000"
    root = make_files(*(f"{name}/{i}.png" for i in range(2)))
    rows = read_catalog(root).table
    assert rows[["clip_id", "method", "group"]].values.tolist() == [[name, "BlendFace", "id0"]]

"""KoDF: its tables, its names, its two parts, and the copies that mislead detectors."""

import unicodedata

import pytest

from dfutils.data import read_catalog
from dfutils.errors import DataError

A, B, C = "0e23d546a5f952542a00", "e37c8c26b0c1c0714c74", "092dff5b934f87c11767"
REAL_HEADER = "영상ID,UUID,인물성별\n"
FAKE_HEADER = "영상ID,타겟영상,타겟UUID,소스UUID,변조모델,인물성별\n"
TRAIN, VAL = "1.Training/라벨링데이터/train_meta_data", "2.Validation/라벨링데이터/validate_meta_data"


def write_tables(make_files, folder, part, real="", fake=""):
    for kind, content in (("원본", REAL_HEADER + real), ("변조", FAKE_HEADER + fake)):
        make_files(
            f"{folder}/{kind}영상_{part}_메타데이터.csv",
            content=content.replace("\n", "\r\n").encode("utf-8-sig"),
        )


@pytest.fixture
def both_parts(make_files):
    """A folder as AI Hub has it, with one clip of each kind in both parts, and one clip that is not on disk."""
    make_files(f"1.Training/원천데이터/train_원본/원본1/{A}/{A}_001.mp4")
    make_files(f"1.Training/원천데이터/train_변조/fo1/{A}/{A}_{B}_4_0001.mp4")
    make_files(f"1.Training/원천데이터/train_탐지방해/변조영상/01_변조영상/{A}_{B}_4_0001.mp4")
    root = make_files(f"2.Validation/원천데이터/validate_원본/원본1/{C}/{C}_002.mp4")
    fake = f"{A}_{B}_4_0001.mp4,{A}_001.mp4,{A},{B},fo,여\n{A}_{B}_1_0009.mp4,{A}_001.mp4,{A},{B},dfl,여\n"
    write_tables(make_files, TRAIN, "training", f"{A}_001.mp4,{A},여\n", fake)
    write_tables(make_files, VAL, "validation", f"{C}_002.mp4,{C},남\n")
    return root


def test_the_tables_give_people_methods_and_the_part(both_parts, read_rows, read_left_out):
    table = read_rows(both_parts, "kodf")
    table.index = table.index.str.rpartition("/").get_level_values(2)
    assert table[["label", "method", "identity", "donor", "source", "group", "split"]].T.to_dict("list") == {
        f"{A}_001.mp4": [0, "", A, "", f"{A}_001", A, "train"],
        f"{A}_{B}_4_0001.mp4": [1, "fo", A, B, f"{A}_001", A, "train"],
        f"{C}_002.mp4": [0, "", C, "", f"{C}_002", C, "val"],
    }
    reasons = read_left_out(both_parts)
    disturbed = next(reason for path, reason in reasons.items() if "탐지방해/" in path)
    assert disturbed == "disturbed to mislead detectors (탐지방해): a copy of another clip"
    assert reasons[f"{A}_{B}_1_0009.mp4"] == (
        f"named in {TRAIN}/변조영상_training_메타데이터.csv, but not on disk"
    )
    assert len(reasons) == 2
    catalog = read_catalog(both_parts)
    assert catalog.files["lists"] == 4
    assert catalog.people_known
    assert any("both sides of the split" in remark for remark in catalog.remarks)


def test_without_tables_the_names_give_people_and_methods(make_files, read_rows, read_left_out):
    root = make_files(f"dfl/{A}/{A}_{B}_1_0001.mp4", f"real/{A}/{A}_001.MP4", f"x/{A.upper()}_{B}_5_0002.mp4")
    make_files("2.Validation/200715_200716_2_0003.mp4", "x/other.mp4")
    table = read_rows(root, "kodf")
    assert table[["label", "method", "identity", "donor", "split"]].values.tolist() == [
        [1, "dffs", "200715", "200716", "val"],
        [1, "dfl", A, B, ""],
        [0, "", A, "", ""],
        [1, "audio-driven", A, B, ""],
    ]
    assert "in no table of KoDF" in read_left_out(root)["x/other.mp4"]
    assert any("are not there" in remark for remark in read_catalog(root).remarks)


def test_names_in_nfd_are_read(make_files):
    make_files(f"{A}_001.mp4")
    name = unicodedata.normalize("NFD", "원본영상_training_메타데이터.csv")
    root = make_files(f"meta/{name}", content=(REAL_HEADER + f"{A}_001.mp4,{A},여\n").encode())
    catalog = read_catalog(root)
    assert catalog.layout == "kodf"
    assert catalog.table["split"].tolist() == ["train"]


def test_a_wrong_table_is_refused(make_files):
    root = make_files(f"{A}_001.mp4")
    write_tables(make_files, "meta", "training", f",{A},여\n")
    with pytest.raises(
        DataError, match="원본영상_training_메타데이터.csv, line 2: the column '영상ID' is empty"
    ):
        read_catalog(root)
    make_files("meta/원본영상_training_메타데이터.csv", content=b"id,UUID\n")
    with pytest.raises(DataError, match="line 1: there is no column '영상ID'"):
        read_catalog(root)


def test_names_of_six_digits_alone_are_not_kodf(make_files):
    root = make_files("real/200715_1.mp4", "fake/200715_200716_1_2.mp4")
    assert read_catalog(root).layout == "folders"

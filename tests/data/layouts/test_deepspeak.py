"""DeepSpeak: its tables, the names of version 1, and its split by person."""

import pytest

from dfutils.data import read_catalog
from dfutils.errors import DataError

REAL = "identity,video-file\n"
FAKE = "video-file,kind,engine,identity-source,identity-target,recording-source,recording-target\n"


@pytest.fixture
def make_deepspeak(make_files):
    """A function that makes version 2 in a folder: two real clips, a face swap, a lip-sync and the three tables."""

    def make(above="", parts="11,train\n12,train\n"):
        names = ("11-4897.mp4", "12-1.mp4", "facefusion-1-4897-real.mp4", "diff2lip-3-1-playht.mp4")
        make_files(*(f"{above}part-0/{name}" for name in names), f"{above}part-0/extra.mp4")
        rows = REAL + "11,11-4897.mp4\n12.0,12-1.mp4\n11,gone.mp4\n"
        make_files(f"{above}annotations-real.csv", content=rows.replace("\n", "\r\n").encode())
        rows = FAKE + "facefusion-1-4897-real.mp4,face-swap,facefusion,12,11,1,4897\n"
        rows += "diff2lip-3-1-playht.mp4,lip-sync,diff2lip,11,12,3,1\n"
        make_files(f"{above}annotations-fake.csv", content=rows.encode())
        content = f"identity,split\n{parts}".encode()
        return make_files(f"{above}annotations-split-def.csv", content=content)

    return make


@pytest.mark.parametrize("above", ["", "deepspeak_v2/"])
def test_the_tables_give_people_engines_and_the_split(make_deepspeak, above, read_rows, read_left_out):
    root = make_deepspeak(above)
    table = read_rows(root, "deepspeak")
    table.index = table.index.str.removeprefix(f"{above}part-0/")
    assert table[["label", "method", "identity", "donor", "group", "split"]].T.to_dict("list") == {
        "11-4897.mp4": [0, "", "person-11", "", "person-11", "train"],
        "12-1.mp4": [0, "", "person-12", "", "person-12", "train"],
        "diff2lip-3-1-playht.mp4": [1, "diff2lip", "person-12", "", "person-12", "train"],
        "facefusion-1-4897-real.mp4": [1, "facefusion", "person-11", "person-12", "person-11", "train"],
    }
    reasons = read_left_out(root)
    assert reasons == {
        f"{above}gone.mp4": f"named in {above}annotations-real.csv, but not on disk",
        f"{above}part-0/extra.mp4": "named in no annotations-real.csv or annotations-fake.csv of DeepSpeak",
    }
    catalog = read_catalog(root)
    assert catalog.people_known
    assert catalog.files["lists"] == 3


def test_a_swap_of_people_in_different_parts_is_left_out(make_deepspeak, read_left_out):
    root = make_deepspeak(parts="11,Train\r\n12,test\r\n")
    table = read_catalog(root).table
    assert table[["clip_id", "split"]].values.tolist() == [
        ["part-0/11-4897", "train"], ["part-0/12-1", "test"], ["part-0/diff2lip-3-1-playht", "test"],
    ]  # fmt: skip
    assert read_left_out(root)["part-0/facefusion-1-4897-real.mp4"] == (
        "DeepSpeak's split has its two people in different parts"
    )


def test_fakes_of_version_1_are_read_from_their_names(make_files, read_rows):
    root = make_files("a/facefusion_live--10-11--4100-4897--0.mp4", "b/Wav2Lip--10-11--4100-4897--1.mp4")
    table = read_rows(root, "deepspeak")
    assert table[["method", "identity", "donor"]].values.tolist() == [
        ["facefusion_live", "person-11", "person-10"], ["wav2lip", "person-11", ""],
    ]  # fmt: skip
    assert any("published split is not used" in remark for remark in read_catalog(root).remarks)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ("11,train\n12,dev\n", "line 3: the split is train, val or test. Received: 'dev'"),
        ("11,train\n11,test\n", "line 3: person-11 is in test and in train"),
        (",train\n", "line 2: the column 'identity' is empty"),
    ],
)
def test_a_wrong_split_is_refused(make_deepspeak, parts, message):
    root = make_deepspeak(parts=parts)
    with pytest.raises(DataError, match=rf"annotations-split-def\.csv, {message}"):
        read_catalog(root)


def test_a_wrong_table_is_refused(make_deepspeak, make_files):
    root = make_deepspeak()
    make_files("annotations-fake.csv", content=b"video-file,engine\na.mp4,memo\n")
    with pytest.raises(DataError, match="line 1: there is no column 'identity-target'"):
        read_catalog(root)

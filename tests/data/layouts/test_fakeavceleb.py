"""FakeAVCeleb: labels of the picture, methods, people and its table."""

import pytest

from dfutils.data import read_catalog
from dfutils.errors import DataError

HEADER = "source,target1,target2,method,category,type,race,gender,path,\n"
PLACE = "African,men"


def row(kind, name, method, target="-"):
    return f"id00076,{target},-,{method},X,{kind},{PLACE},{name},FakeAVCeleb/{kind}/African/men/id00076\n"


@pytest.mark.parametrize("above", ["", "FakeAVCeleb_v1.2/FakeAVCeleb_v1.2/"])
def test_the_table_gives_methods_and_donors(make_files, above, read_rows, read_left_out):
    names = {
        "RealVideo-RealAudio": "00109.mp4",
        "RealVideo-FakeAudio": "00109_fake.mp4",
        "FakeVideo-RealAudio": "00109_id00166_faceswap.mp4",
        "FakeVideo-FakeAudio": "00109_10_id00476_wavtolip.mp4",
    }
    root = make_files(*(f"{above}{kind}/African/men/id00076/{name}" for kind, name in names.items()))
    rows = [
        row("RealVideo-RealAudio", "00109.mp4", "real"),
        row("RealVideo-FakeAudio", "00109_fake.mp4", "rtvc"),
        row("FakeVideo-RealAudio", "00109_id00166_faceswap.mp4", "faceswap", "id00166"),
        row("FakeVideo-FakeAudio", "00109_10_id00476_wavtolip.mp4", "wav2lip", "id00476"),
        row("FakeVideo-FakeAudio", "gone.mp4", "fsgan-wav2lip", "id00166"),
    ]
    make_files(f"{above}meta_data.csv", content=(HEADER + "".join(rows)).replace("\n", "\r\n").encode())
    table = read_rows(root, "fakeavceleb")
    columns = ["label", "method", "donor"]
    found = {path.removeprefix(above).split("/")[0]: row for path, row in table.iterrows()}
    assert {kind: row[columns].tolist() for kind, row in found.items()} == {
        "RealVideo-RealAudio": [0, "", ""],
        "RealVideo-FakeAudio": [0, "", ""],
        "FakeVideo-RealAudio": [1, "faceswap", "id00166"],
        "FakeVideo-FakeAudio": [1, "wav2lip", ""],
    }
    assert set(table["group"]) == set(table["identity"]) == {"id00076"}
    assert set(table["source"]) == {"id00076/00109"}
    assert read_left_out(root) == {
        f"{above}FakeVideo-FakeAudio/African/men/id00076/gone.mp4": (
            f"named in {above}meta_data.csv, but not on disk"
        )
    }
    catalog = read_catalog(root)
    assert catalog.people_known
    assert catalog.files["lists"] == 1
    assert any("RealVideo-FakeAudio is real here" in remark for remark in catalog.remarks)
    assert any("both sides of the split" in remark for remark in catalog.remarks)


def test_without_the_table_the_folders_give_the_method(make_files, read_rows, read_left_out):
    root = make_files("realvideo-realaudio/Asian (East)/WOMEN/ID00018/00001.MP4")
    make_files("FakeVideo-RealAudio/Asian (East)/women/id00018/00001_0_id00166.mp4")
    make_files("FakeVideo-RealAudio/Asian (East)/women/loose.mp4", "readme.txt")
    table = read_rows(root, "fakeavceleb")
    assert table["group"].tolist() == ["id00018"] * 2
    assert table["method"].tolist() == ["FakeVideo-RealAudio", ""]
    assert read_left_out(root)["FakeVideo-RealAudio/Asian (East)/women/loose.mp4"].startswith("not in <type>")
    assert any("meta_data.csv is not there" in remark for remark in read_catalog(root).remarks)


def test_the_spelling_of_the_table_does_not_matter(make_files):
    root = make_files("FakeVideo-RealAudio/African/men/id00076/00109_x.mp4")
    header = "source,target1,target2,method,category,type,race,gender,filename,path\n"
    rows = row("fakevideo-realaudio", "00109_X.mp4", "fsgan", "ID00166")
    make_files("meta_data.csv", content=(header + rows).encode())
    assert read_catalog(root).table[["method", "donor"]].values.tolist() == [["fsgan", "id00166"]]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("source,method\n", "line 1: there is no column 'target1'"),
        (HEADER + "id00076,-,-,real,A,,African,men,1.mp4,x\n", "line 2: the column 'type' is empty"),
        (
            HEADER + "id00076,-,-,real,A,RealVideo-RealAudio,African,men,,x\n",
            "line 2: there is no name of a file",
        ),
    ],
)
def test_a_wrong_table_is_refused(make_files, content, message):
    root = make_files("RealVideo-RealAudio/African/men/id00076/00109.mp4")
    make_files("meta_data.csv", content=content.encode())
    with pytest.raises(DataError, match=rf"meta_data\.csv, {message}"):
        read_catalog(root)

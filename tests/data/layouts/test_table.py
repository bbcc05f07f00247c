"""The user's own table: columns, rows that cannot be used, and what it does not say about people."""

import pytest

from dfutils.data import read_catalog
from dfutils.errors import DataError


def write(root, text, name="list.csv"):
    (root / name).write_text(text)
    return root / name


def test_all_columns_are_taken(make_files):
    root = make_files("a.mp4", "b/c.jpg", "b/stills/1.png", "b/stills/2.png")
    write(root, "path,label,clip_id,group,method,split,identity,donor,source\na.mp4,REAL,one,g,,Train,ann,,007\n"
                "b/c.jpg,1,two,g,swap,validation,ann,bob,007\nb\\stills,fake,three,h,,,,,\n")  # fmt: skip
    catalog = read_catalog(root)
    assert catalog.table.drop(columns="path").values.tolist() == [
        ["one", "video", 0, "", "g", "train", "ann", "", "007"],
        ["three", "frames", 1, "fake", "h", "", "", "", ""],
        ["two", "image", 1, "swap", "g", "val", "ann", "bob", "007"],
    ]
    assert catalog.files == {
        "found": 5,
        "clips": 2,
        "stills": 2,
        "lists": 1,
        "left_out": 0,
        "other": 0,
    }


def test_rows_that_cannot_be_used_are_left_out_with_reasons(make_files):
    root = make_files("a.mp4", "b.mp4", "c.mp4", "notes.txt", "d.mp4")
    table = write(root, "path,label,split\na.mp4,fake,\nb.mp4,0,\nmissing.mp4,1,\n../c.mp4,1,\nc.mp4,maybe,\n"
                        "notes.txt,1,\n/etc/passwd,1,\n,1,\nC:\\x.mp4,1,\nd.mp4,1,tuesday\n")  # fmt: skip
    catalog = read_catalog(table)
    assert catalog.table["label"].tolist() == [1, 0]
    reasons = dict(catalog.left_out.itertuples(index=False))
    assert "not on disk" in reasons["missing.mp4"]
    for path in ("../c.mp4", "/etc/passwd", "C:/x.mp4"):
        assert "outside" in reasons[path]
    assert "maybe" in reasons["c.mp4"]
    assert "neither a video" in reasons["notes.txt"]
    assert "path in its table row is empty" in reasons["."]
    assert "tuesday" in reasons["d.mp4"]
    assert len(catalog) + len(reasons) == 10


def test_labels_in_words_and_numbers_and_unknown(make_files):
    names = [f"{i}.mp4" for i in range(7)]
    root = make_files(*names)
    labels = ("1", "Fake", "1.0", "0", "REAL", "0.0", "")
    rows = (f"{name},{label}" for name, label in zip(names, labels, strict=True))
    write(root, "\n".join(["path,label", *rows]))
    catalog = read_catalog(root)
    assert catalog.table["label"].fillna(-1).tolist() == [1, 1, 1, 0, 0, 0, -1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Its list.csv needs.*Received: none"),
        ("file,label\na.mp4,1\n", "Its list.csv needs columns path and label.*Received: file, label"),
        ("path,label\n", "has no rows"),
    ],
)
def test_unusable_tables_are_named(make_files, text, words):
    root = make_files("a.mp4", "b.mp4")
    with pytest.raises(DataError, match=words):
        read_catalog(write(root, text))


def test_short_rows_and_semicolons_and_a_byte_order_mark(make_files):
    root = make_files("a.mp4", "b.mp4")
    (root / "list.csv").write_bytes("﻿path;label;group;note\na.mp4;1;g;hm\nb.mp4;0\n".encode())
    catalog = read_catalog(root)
    assert catalog.table["group"].tolist() == ["g", "b"]
    assert any("note" in remark for remark in catalog.remarks)


def test_same_clip_twice_and_two_clips_of_one_id(make_files):
    root = make_files("a.mp4", "b.mp4", "c.mp4", "d.mp4")
    write(root, "path,label,clip_id\na.mp4,1,x\na.mp4,1,y\nb.mp4,0,x\nc.mp4,1,c\nc.mp4,0,c2\nd.mp4,0,d\n")
    catalog = read_catalog(root)
    assert catalog.table["clip_id"].tolist() == ["d", "x"]
    assert catalog.left_out.values.tolist() == [
        ["a.mp4", "listed more than once: it counts once"],
        ["b.mp4", "has the same clip_id 'x' as a.mp4"],
        ["c.mp4", "listed more than once, with different labels"],
        ["c.mp4", "listed more than once, with different labels"],
    ]


def test_a_table_that_contradicts_the_folders_is_refused(make_files):
    root = make_files("real/a.mp4", "fake/b.mp4")
    write(root, "path,label\nreal/a.mp4,1\nfake/b.mp4,0\n")
    with pytest.raises(
        DataError, match="contradict the names of the clips' folders.*--layout table.*--layout folders"
    ):
        read_catalog(root)
    assert read_catalog(root, layout="folders").table.set_index("path")["label"].to_dict() == {
        "real/a.mp4": 0,
        "fake/b.mp4": 1,
    }
    believed = read_catalog(root, layout="table")
    assert believed.table.set_index("path")["label"].to_dict() == {"real/a.mp4": 1, "fake/b.mp4": 0}
    assert any("other way round" in remark for remark in believed.remarks)


def test_several_tables_next_to_class_folders_leave_it_to_the_folders(make_files):
    root = make_files("train/real/a.jpg", "train/fake/b.jpg")
    for name in ("train.csv", "test.csv"):
        write(root, "path,label\ntrain/real/a.jpg,1\n", name)
    assert read_catalog(root).layout == "folders"
    with pytest.raises(DataError, match="needs one CSV.*test.csv, train.csv"):
        read_catalog(root, layout="table")


def test_files_next_to_the_table_are_accounted_for(make_files):
    root = make_files("a.mp4", "b.mp4", "readme.md")
    write(root, "path,label\na.mp4,1\n")
    catalog = read_catalog(root)
    assert dict(catalog.left_out.itertuples(index=False)) == {
        "b.mp4": "not named in the table",
        "readme.md": "neither a video nor a picture (suffix '.md')",
    }


def test_a_folder_with_an_unusable_table_says_what_is_wrong_with_it(make_files):
    root = make_files("a.mp4")
    make_files("clips.xlsx")
    with pytest.raises(DataError, match="not recognised.*Save its clips.xlsx as CSV UTF-8 first"):
        read_catalog(root)
    write(root, "path,class\na.mp4,1\n")
    with pytest.raises(
        DataError, match="not recognised.*Its list.csv needs columns path and label.*Received: path, class"
    ):
        read_catalog(root)
    write(root, "filename,label\na.mp4,1\n")
    assert read_catalog(root).table["label"].tolist() == [1]
    write(root, "path,label\na.mp4,1\n", "other.csv")
    with pytest.raises(DataError, match=r"several tables \(list.csv, other.csv\): give the path of one"):
        read_catalog(root)


def test_a_table_in_another_encoding_is_to_be_saved_as_utf8(make_files):
    root = make_files("a.mp4")
    (root / "list.csv").write_bytes("path,label,note\na.mp4,1,Müller\n".encode("latin-1"))
    with pytest.raises(DataError, match="list.csv is not in UTF-8.*Save it as CSV UTF-8"):
        read_catalog(root)


def test_clips_without_a_group_among_others_are_counted(make_files):
    root = make_files("a.mp4", "b.mp4", "c.mp4")
    write(root, "path,label,group\na.mp4,1,g\nb.mp4,0,g\nc.mp4,0,\n,,\n")
    catalog = read_catalog(root)
    assert catalog.table["group"].tolist() == ["g", "g", "c"]
    assert any("Who is seen in 1 of 3 clips" in remark for remark in catalog.remarks)
    assert catalog.left_out.empty


def test_given_table_accounts_for_what_it_names(make_files):
    root = make_files("a.mp4", "b.mp4", "c.mp4")
    table = write(root, "path,label\na.mp4,1\nb.mp4,fak\ngone.mp4,1\n")
    catalog = read_catalog(table)
    assert catalog.files == {
        "found": 3,
        "clips": 1,
        "stills": 0,
        "lists": 1,
        "left_out": 1,
        "other": 0,
    }
    assert len(catalog.left_out) == 2


def test_a_column_that_appears_twice_is_named(make_files):
    root = make_files("a.mp4", "b.mp4")
    make_files("clips.csv", content=b"path,Path,label\na.mp4,b.mp4,real\nb.mp4,a.mp4,fake\n")
    with pytest.raises(DataError, match="two columns 'path'.*Remove or rename"):
        read_catalog(root)


def test_a_row_with_too_many_cells_is_left_out(make_files):
    root = make_files("a.mp4", "b.mp4", "c.mp4")
    make_files("clips.csv", content=b"path,label,\na.mp4,1,\nb.mp4,0\nc.mp4,a comma,0\n\n,,\n")
    catalog = read_catalog(root)
    assert catalog.table["path"].tolist() == ["a.mp4", "b.mp4"]
    assert catalog.left_out["reason"].str.contains("more cells than the table has columns").tolist() == [True]


def test_what_a_table_names_in_a_loop_of_links_or_without_pictures_is_left_out(make_files, tmp_path):
    root = (
        make_files("data/real/a.mp4", "data/notes/x.txt", "data/st/1.png", "data/st/2.png", "outside/v.mp4")
        / "data"
    )
    (root / "loop").symlink_to(".")
    (root / "out").symlink_to("../outside")
    rows = "real/a.mp4,0\nloop/real/a.mp4,0\nloop/loop/real/a.mp4,0\nout/v.mp4,1\nnotes,1\nst,1\n"
    table = write(root, f"path,label\n{rows}")
    for given in (root, table):
        catalog = read_catalog(given)
        assert catalog.table["path"].tolist() == ["out/v.mp4", "real/a.mp4", "st"]
        reasons = dict(catalog.left_out.itertuples(index=False))
        assert "behind a link to a folder (loop)" in reasons["loop/loop/real/a.mp4"]
        assert reasons["notes"] == "a folder without a picture"
        files = catalog.files
        assert (files["clips"], files["stills"]) == (2, 2)
        assert files["found"] == sum(files.values()) - files["found"]


def test_accents_of_one_letter_or_two_are_the_same_name(make_files):
    root = make_files("e\u0301t\u00e9.mp4", "b.mp4")
    write(root, "path,label\n\u00e9te\u0301.mp4,1\nb.mp4,0\n")
    catalog = read_catalog(root)
    assert catalog.table["path"].tolist() == ["b.mp4", "e\u0301t\u00e9.mp4"]
    assert catalog.left_out.empty
    assert len(read_catalog(root / "list.csv")) == 2
    make_files("u\u0308/1.png", "\u00e9x.mp4", "e\u0301x.mp4")
    write(root, "path,label\n\u00fc,1\n\u00e9x.mp4,1\ne\u0301x.mp4,0\n")
    for given in (root, root / "list.csv"):
        catalog = read_catalog(given)
        assert catalog.table.set_index("path")["label"].to_dict() == {
            "u\u0308": 1,
            "\u00e9x.mp4": 1,
            "e\u0301x.mp4": 0,
        }


def test_a_table_that_overrules_a_known_data_set_says_so(make_files):
    root = make_files("videos_real/v1.mp4", "videos_fake/vs1.mp4")
    write(root, "path,label\nvideos_real/v1.mp4,0\n")
    assert any("could also be sdfvd" in remark for remark in read_catalog(root).remarks)


def test_a_clip_listed_with_two_splits_counts_as_first_listed(make_files):
    root = make_files("a.mp4", "b.mp4")
    write(root, "path,label,split\na.mp4,1,train\na.mp4,1,test\nb.mp4,0,test\n")
    catalog = read_catalog(root)
    assert catalog.table["split"].tolist() == ["train", "test"]
    assert "with another split: the first counts" in catalog.left_out["reason"].iloc[0]


@pytest.mark.parametrize(
    ("rows", "remarks"),
    [
        ("a.mp4,0,g,ann\nb.mp4,0,h,bob\nc.mp4,1,g,\n", []),
        (
            "a.mp4,0,g,ann\nb.mp4,0,,\nc.mp4,1,g,ann\n",
            ["list.csv does not say who is seen in 1 of 2 real clips (column `identity`)."],
        ),
        (
            "a.mp4,0,g,\nb.mp4,0,h,\nc.mp4,1,g,\n",
            [
                "list.csv does not say who is seen in 2 of 2 real clips (column `identity`): that one person's clips "
                "are in one group cannot be checked."
            ],
        ),
    ],
)
def test_a_remark_says_for_how_many_real_clips_the_person_is_not_known(make_files, rows, remarks):
    root = make_files("a.mp4", "b.mp4", "c.mp4")
    catalog = read_catalog(write(root, f"path,label,group,identity\n{rows}"))
    assert catalog.people_known == (not remarks)
    assert [remark for remark in catalog.remarks if "does not say who is seen" in remark] == remarks


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_table_as_spreadsheets_and_powershell_save_it(make_files, encoding, separator):
    root = make_files("gesicht_ü.mp4", "b.mp4")
    text = "path,label\r\ngesicht_ü.mp4,fake\r\nb.mp4,real\r\n".replace(",", separator)
    marks = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}
    (root / "list.csv").write_bytes(marks.get(encoding, b"") + text.encode(encoding))
    for given in (root, root / "list.csv"):
        table = read_catalog(given).table
        assert dict(zip(table["path"], table["label"], strict=True)) == {"gesicht_ü.mp4": 1, "b.mp4": 0}


def test_absolute_paths_inside_the_folder_are_inside(make_files, tmp_path):
    root = make_files("set/a.mp4", "set/sub/b.mp4", "other/c.mp4") / "set"
    link = tmp_path / "link"
    link.symlink_to(root)
    rows = [root / "a.mp4", root / "sub" / "b.mp4", tmp_path / "other" / "c.mp4", f"{root}/../other/c.mp4"]
    write(root, "\n".join(["path,label", *(f"{path},{i % 2}" for i, path in enumerate(rows))]))
    for given in (root, link):
        catalog = read_catalog(given)
        assert sorted(catalog.table["path"]) == ["a.mp4", "sub/b.mp4"]
        assert catalog.left_out["reason"].str.contains("outside the data set's folder").sum() == 2


@pytest.mark.parametrize("first", ["", "Unnamed: 0"])
def test_the_row_numbers_of_pandas_are_not_remarked_on(make_files, first):
    root = make_files("a.mp4", "b.mp4")
    write(root, f"{first},path,label,mood\n0,a.mp4,1,x\n1,b.mp4,0,y\n")
    (remark,) = [remark for remark in read_catalog(root).remarks if "not used" in remark]
    assert remark == "Columns of list.csv that are not used: mood."

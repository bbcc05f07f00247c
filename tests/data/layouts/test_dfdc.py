"""DFDC, its sample and its preview: labels, originals, people and damaged lists."""

import json

import pytest

from dfutils.data import read_catalog
from dfutils.errors import DataError


def test_the_original_is_the_group_and_the_source(read_rows, read_left_out, make_dfdc):
    root = make_dfdc("dfdc_train_part_0", {
        "real.mp4": {"label": "REAL", "split": "train"},
        "fake.mp4": {"label": "FAKE", "split": "train", "original": "real.mp4"},
    })  # fmt: skip
    make_dfdc("dfdc_train_part_1", {
        "f1.mp4": {"label": "FAKE", "split": "train", "original": "elsewhere.mp4"},
        "f2.mp4": {"label": "FAKE", "split": "train", "original": "elsewhere.mp4"},
        "f3.mp4": {"label": "FAKE", "split": "train", "original": None},
    })  # fmt: skip
    table = read_rows(root, "dfdc").set_index("clip_id")
    assert table["group"].to_dict() == {
        "dfdc_train_part_0/fake": "real", "dfdc_train_part_0/real": "real", "dfdc_train_part_1/f1": "elsewhere",
        "dfdc_train_part_1/f2": "elsewhere", "dfdc_train_part_1/f3": "dfdc_train_part_1/f3",
    }  # fmt: skip
    assert table["label"].tolist() == [1, 0, 1, 1, 1]
    assert table["source"].tolist() == ["real", "real", "elsewhere", "elsewhere", ""]
    assert set(table["split"]) == {""}  # "train" of everything is not a published split
    assert read_left_out(root) == {}


def test_labels_csv_next_to_metadata_json_adds_nothing(make_files, make_dfdc):
    root = make_dfdc("p", {"a.mp4": {"label": "FAKE", "original": "b.mp4"}, "b.mp4": {"label": "REAL"}})
    make_files("labels.csv", content=b"filename,label\na.mp4,1\nb.mp4,0\n")
    catalog = read_catalog(root)
    assert catalog.table["group"].tolist() == ["b", "b"]
    assert catalog.left_out.empty
    make_files("labels.csv", content=b"filename,label\na.mp4,0\nb.mp4,0\n")
    assert read_catalog(root).table["clip_id"].tolist() == ["p/b"]


def test_files_that_are_not_lists_leave_it_to_the_folders(make_files):
    root = make_files("real/a.mp4", "fake/b.mp4")
    for content in (b'[{"file": "a.mp4"}]', b'{"a": ', b"[" * 100_000, b"null", b"{}"):
        make_files("real/metadata.json", content=content)
        assert read_catalog(root).layout == "folders"
    make_files("labels.csv", content=b"filename,label\na.mp4,1\nb.mp4,0\n")
    with pytest.raises(DataError, match="contradict the names of the clips' folders.*--layout dfdc"):
        read_catalog(root)


def test_labels_as_numbers(read_rows, make_dfdc):
    root = make_dfdc("p", {"a.mp4": {"label": 0}, "b.mp4": {"label": 1, "original": "a.mp4"}})
    assert read_rows(root, "dfdc")["label"].tolist() == [0, 1]


def test_the_sample_on_kaggle_is_read(make_files, read_rows, read_left_out, make_dfdc):
    root = make_dfdc("train_sample_videos", {
        "a.mp4": {"label": "FAKE", "split": "train", "original": "z.mp4"},
        "b.mp4": {"label": "REAL", "split": "train", "original": None},
    })  # fmt: skip
    make_files("test_videos/c.mp4")
    make_files("sample_submission.csv", content=b"filename,label\nc.mp4,0.5\n")
    assert read_rows(root, "dfdc")["label"].tolist() == [1, 0]
    assert "named in no metadata.json" in read_left_out(root)["test_videos/c.mp4"]


def test_bad_lines_are_left_out_with_reasons(make_files, read_rows, read_left_out, make_dfdc):
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
    root = make_dfdc("train_sample_videos", facts)
    make_files("train_sample_videos/unlisted.mp4", "test_videos/z.mp4")
    assert len(read_rows(root, "dfdc")) == 2
    reasons = {
        path.removeprefix("train_sample_videos/"): reason for path, reason in read_left_out(root).items()
    }
    assert "label 'MAYBE'" in reasons["c.mp4"]
    assert "label None" in reasons["d.mp4"]
    assert "label None" in reasons["e.mp4"]
    assert "not on disk" in reasons["gone.mp4"]
    assert "outside" in reasons["../../x.mp4"]
    assert "outside" in reasons["/etc/y.mp4"]
    assert "named in no metadata.json" in reasons["unlisted.mp4"]
    assert "named in no metadata.json" in reasons["test_videos/z.mp4"]


def test_name_listed_twice(make_files):
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


def test_damaged_list_leaves_its_part_out_and_says_so(make_files, read_left_out, make_dfdc):
    root = make_dfdc("dfdc_train_part_0", {"a.mp4": {"label": "REAL"}})
    make_files("dfdc_train_part_1/b.mp4")
    make_files("dfdc_train_part_1/metadata.json", content=b'{"b.mp4": {"label": "FA')
    catalog = read_catalog(root)
    assert catalog.table["clip_id"].tolist() == ["dfdc_train_part_0/a"]
    assert any("dfdc_train_part_1/metadata.json cannot be read" in remark for remark in catalog.remarks)
    assert {"dfdc_train_part_1/b.mp4", "dfdc_train_part_1/metadata.json"} <= set(read_left_out(root))


def test_damaged_list_alone_is_an_error_that_names_it(make_files):
    root = make_files("b.mp4")
    make_files("metadata.json", content=b'{"b.mp4": ')
    with pytest.raises(DataError, match="read as 'dfdc' holds no clip.*metadata.json cannot be read"):
        read_catalog(root)


def test_the_preview_has_splits_people_and_donors(make_files, read_rows):
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
    table = read_rows(root, "dfdc")
    assert table["split"].tolist() == ["test", "train", "test"]
    assert table["group"].tolist() == ["118", "122", "118"]
    assert table["method"].tolist() == ["method_A", "method_B", ""]
    assert table["identity"].tolist() == ["118", "122", "118"]
    assert table["donor"].tolist() == ["122", "118", ""]
    assert "source" not in table
    catalog = read_catalog(root)
    assert catalog.people_known
    assert not any("who is seen" in remark for remark in catalog.remarks)


def test_labels_csv_finds_its_videos_below(make_files, read_rows, read_left_out):
    root = make_files("test/videos/a.mp4", "test/videos/b.mp4")
    make_files("test/labels.csv", content=b"filename,label\na.mp4,0\nb.mp4,1\nc.mp4,1\n")
    table = read_rows(root, "dfdc")
    assert table["label"].to_dict() == {"test/videos/a.mp4": 0, "test/videos/b.mp4": 1}
    assert read_left_out(root) == {"test/c.mp4": "named in test/labels.csv, but not on disk"}
    alone = (
        make_files("test/videos/labels.csv", content=b"filename,label\na.mp4,0\nb.mp4,1\n")
        / "test/videos/labels.csv"
    )
    assert read_catalog(alone).table["label"].tolist() == [0, 1]


def test_of_two_suffixes_the_one_in_the_list_is_the_clip(make_files, read_left_out):
    root = make_files("p/a.avi", "p/a.mp4", "p/b.mp4")
    make_files(
        "p/metadata.json",
        content=b'{"a.mp4": {"label": "FAKE", "original": "b.mp4"}, "b.mp4": {"label": "REAL"}}',
    )
    catalog = read_catalog(root)
    assert catalog.table[["path", "label"]].values.tolist() == [["p/a.mp4", 1], ["p/b.mp4", 0]]
    assert "named in no metadata.json" in read_left_out(root)["p/a.avi"]
    make_files(
        "p/metadata.json",
        content=b'{"a.mp4": {"label": "FAKE"}, "a.avi": {"label": "REAL"}, "b.mp4": {"label": "REAL"}}',
    )
    assert read_catalog(root).table["label"].tolist() == [0, 0]
    assert "has the same clip_id" in read_left_out(root)["p/a.mp4"]


def test_without_originals_a_remark_warns_of_the_leak(make_files):
    root = make_files("test/a.mp4", "test/b.mp4", "labels.csv", content=b"filename,label\na.mp4,1\nb.mp4,0\n")
    catalog = read_catalog(root)
    assert catalog.table["group"].tolist() == ["test/a", "test/b"]
    remarks = " ".join(catalog.remarks)
    assert "the split leaks" in remarks
    assert "are not in this folder" not in remarks


def test_a_label_that_one_list_lacks_another_may_have(make_files, make_dfdc):
    root = make_dfdc("videos", {"x1.mp4": {"is_fake": 1}, "x2.mp4": {"is_fake": 0}})
    make_files("labels.csv", content=b"filename,label\nx1.mp4,1\nx2.mp4,0\n")
    catalog = read_catalog(root)
    assert catalog.table["label"].tolist() == [1, 0]
    assert catalog.left_out.empty


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[1,2]", "metadata.json cannot be read .not a JSON object with file names as keys"),
        (b"null", "metadata.json cannot be read"),
        (b"[" * 100_000, "metadata.json cannot be read .nested too deeply"),
        (b"{}", "metadata.json names no labels"),
    ],
)
def test_a_list_that_cannot_be_used_is_named_where_nothing_is_recognised(make_files, content, words):
    root = make_files("p/a.mp4")
    make_files("p/metadata.json", content=content)
    with pytest.raises(DataError, match=words):
        read_catalog(root)
    (root / "p/a.mp4").unlink()
    make_files("p/metadata.json", content=b'{"a.mp4": {"label": "REAL"}}')
    with pytest.raises(DataError, match="has no videos next to or below it"):
        read_catalog(root)


def test_names_with_accents_pair_whatever_their_spelling(make_files):
    facts = {"\u00e9.mp4": {"label": "FAKE", "original": "\u00f6.mp4"}, "\u00f6.mp4": {"label": "REAL"}}
    root = make_files("p/e\u0301.mp4", "p/o\u0308.mp4")
    make_files("p/metadata.json", content=json.dumps(facts).encode())
    catalog = read_catalog(root)
    assert catalog.table["group"].nunique() == 1
    assert not any("are not in this folder" in remark for remark in catalog.remarks)


def test_people_are_not_known_and_a_remark_says_so(make_dfdc):
    root = make_dfdc("p", {"a.mp4": {"label": "REAL"}, "b.mp4": {"label": "FAKE", "original": "a.mp4"}})
    catalog = read_catalog(root)
    assert not {"identity", "donor"} & set(catalog.table)
    assert not catalog.people_known
    assert catalog.remarks == (
        "DFDC's lists do not say who is seen: an actor has many originals, so one person may be in several groups.",
    )

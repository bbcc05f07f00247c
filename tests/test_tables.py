"""The catalog as a class, and tables that come through a CSV file unharmed."""

import dataclasses

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfutils.data import read_catalog
from dfutils.errors import DataError, SettingsError
from dfutils.tables import (
    CATALOG_COLUMNS,
    ORIGIN_COLUMNS,
    PREDICTION_COLUMNS,
    Catalog,
    as_labels,
    read_table,
    write_table,
)

AWKWARD = st.one_of(
    st.sampled_from(
        [
            "",
            "NA",
            "nan",
            "None",
            "null",
            "007",
            "1e5",
            "True",
            'a "b"',
            "a,b;c",
            "#x",
            " x ",
            "-",
            "a\nb",
            "a\r\nb",
            "脸",
        ]
    ),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8),
)


def test_a_catalog_is_as_long_as_its_table_and_cannot_be_changed(make_catalog):
    catalog = Catalog(make_catalog(groups=2, per_group=3))
    assert len(catalog) == 6
    assert list(catalog.left_out) == ["path", "reason"]
    assert (catalog.remarks, catalog.layout, catalog.root, catalog.files) == ((), "", None, {})
    with pytest.raises(dataclasses.FrozenInstanceError):
        catalog.layout = "sdfvd"


def test_people_are_known_only_where_every_real_clip_has_an_identity(make_catalog):
    table = make_catalog(groups=2)
    assert not Catalog(table).people_known
    table["identity"] = table["group"].where(table["label"] == 0, "")
    assert Catalog(table).people_known
    table.loc[0, "identity"] = ""
    assert not Catalog(table).people_known
    table.loc[0, "identity"] = None
    assert not Catalog(table).people_known
    assert not Catalog(table[table["label"] == 1]).people_known


def test_empty_text_is_not_nan_after_the_csv(tmp_path, make_catalog):
    table = make_catalog()
    table["donor"] = table["group"].where(table["label"] == 1, "")
    write_table(table, tmp_path / "catalog.csv")
    read = read_table(tmp_path / "catalog.csv")
    assert list(read.columns) == [*CATALOG_COLUMNS, "donor"]
    assert (read.loc[read["label"] == 0, ["method", "donor", "split"]] == "").all(axis=None)
    pd.testing.assert_frame_equal(read, table, check_dtype=False)


def test_odd_names_come_through_the_csv_unharmed(make_files, tmp_path):
    names = [
        "real/a b.mp4",
        'real/it\'s "quoted".mp4',
        "fake/<script>alert(1)<.mp4",
        "fake/Ünïcødé 脸.MP4",
        "fake/a,b;c.mov",
    ]
    catalog = read_catalog(make_files(*names))
    assert set(catalog.table["path"]) == set(names)
    write_table(catalog.table, tmp_path / "catalog.csv")
    assert set(read_table(tmp_path / "catalog.csv")["path"]) == set(names)


@settings(deadline=None, max_examples=100)
@given(
    st.lists(
        st.tuples(
            *[AWKWARD] * (len(CATALOG_COLUMNS) - 1 + len(ORIGIN_COLUMNS)), st.sampled_from([0, 1, pd.NA])
        ),
        min_size=1,
        max_size=5,
    )
)
def test_any_text_and_label_of_a_catalog_come_through_the_csv(tmp_path_factory, rows):
    names = [name for name in (*CATALOG_COLUMNS, *ORIGIN_COLUMNS) if name != "label"]
    table = pd.DataFrame(rows, columns=[*names, "label"]).astype({"label": "Int64"})
    path = tmp_path_factory.mktemp("tables") / "catalog.csv"
    write_table(table, path)
    read = read_table(path)
    assert read.columns.tolist() == table.columns.tolist()
    assert read[names].to_numpy().tolist() == table[names].to_numpy().tolist()
    assert read["label"].equals(table["label"])


def test_scores_are_numbers_and_missing_ones_are_nan_after_the_csv(tmp_path):
    rows = [
        ("a", 1, "g", "swap", "test", "ok", 0.1 + 0.2),
        ("b", 0, "h", "", "test", "no_face", float("nan")),
    ]
    write_table(pd.DataFrame(rows, columns=list(PREDICTION_COLUMNS)), tmp_path / "predictions.csv")
    read = read_table(tmp_path / "predictions.csv")
    assert read["score"][0] == 0.1 + 0.2
    assert read["score"].isna().tolist() == [False, True]


def test_tables_can_be_joined(make_files):
    table = read_catalog(make_files("real/a.mp4", "fake/b.mp4", "notes.txt")).table
    joined = pd.concat([table[table["label"] == 0], table[table["label"] == 1]])
    assert len(joined) == 2
    assert not joined.attrs


def test_unreadable_tables_and_wrong_labels_are_named(tmp_path):
    path = tmp_path / "catalog.csv"
    with pytest.raises(DataError, match="catalog.csv cannot be read as a table"):
        read_table(path)
    path.write_text("clip_id,label\na,7\n")
    with pytest.raises(DataError, match="catalog.csv: labels are 1 .fake., 0 .real. or empty.*line 2"):
        read_table(path)
    path.write_text("clip_id,label,method\nNA,,\n")
    table = read_table(path)
    assert table["clip_id"][0] == "NA"
    assert table["method"][0] == ""
    assert table["label"].isna().all()


@pytest.mark.parametrize("label", [2, -1, 0.5, "fake", ""])
def test_a_label_that_is_not_1_or_0_is_an_error_with_its_row(label):
    with pytest.raises(DataError, match=r"My table: .*in row 2 \(line 3 of a CSV\)"):
        as_labels(pd.Series([1, label], dtype=object), "My table")


def test_labels_as_text_floats_and_missing_are_converted():
    labels = as_labels(pd.Series(["1", 0.0, None, True], dtype=object), "My table")
    assert labels.dtype == "Int64"
    assert labels.fillna(-1).tolist() == [1, 0, -1, 1]


def test_a_folder_is_not_overwritten_by_a_table(tmp_path, make_catalog):
    with pytest.raises(
        SettingsError, match=r"is a folder. Give the name of a CSV file, such as .*catalog.csv"
    ):
        write_table(make_catalog(), tmp_path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_table_that_a_spreadsheet_saved_is_read(tmp_path, encoding, separator):
    text = "clip_id,path,label,group\nü,a.mp4,1,007\nb,b.mp4,,\n".replace(",", separator)
    (tmp_path / "a.csv").write_text(text, encoding=encoding)
    table = read_table(tmp_path / "a.csv")
    assert table.columns.tolist() == ["clip_id", "path", "label", "group"]
    assert table.fillna(-1).values.tolist() == [["ü", "a.mp4", 1, "007"], ["b", "b.mp4", -1, ""]]

"""Layouts are found by name, and each describes itself."""

import pytest

from dfutils.data import LAYOUTS, read_catalog
from dfutils.data.layouts.lookup import by_rank, find_layout
from dfutils.data.layouts.registry import Entry, Reading, layout
from dfutils.errors import DataError


@pytest.fixture
def wild_layout():
    """A layout named Wild-2024, registered for one test."""

    @layout("Wild-2024", "wild/x.mp4", lambda files: "wild/x.mp4" in files.paths, otherwise="not wild")
    def read_wild(files):
        return Reading([Entry("wild/x.mp4", label=1, method="wild")])

    yield LAYOUTS["Wild-2024"]
    del LAYOUTS["Wild-2024"]


def test_every_layout_has_a_description():
    assert {known.name for known in by_rank()} >= {
        *("table", "sdfvd", "faceforensics", "dfd", "celebdf", "dfdc", "deeperforensics", "folders"),
        *("deepfaketimit", "deepspeak", "fakeavceleb", "ffiw", "kodf", "uadfv", "wilddeepfake"),
    }
    for known in by_rank():
        assert known.looks_like
        assert known.read.__doc__


def test_the_users_table_comes_before_data_sets_and_these_before_plain_folders():
    names = [known.name for known in by_rank()]
    assert names[0] == "table"
    assert names.index("sdfvd") < names.index("folders")


@pytest.mark.parametrize("name", ["auto", "wild2024", "Wild-2024"])
def test_a_layout_is_found_whatever_the_case_and_punctuation(make_files, wild_layout, name):
    assert read_catalog(make_files("wild/x.mp4"), layout=name).layout == "Wild-2024"


def test_an_unknown_name_lists_the_known_ones():
    assert find_layout("Celeb-DF").name == "celebdf"
    with pytest.raises(DataError, match="Unknown layout 'nonsense'. Known: auto, table, celebdf"):
        find_layout("nonsense")


def test_where_a_layout_is_missing_a_package_that_failed_is_named(make_files, monkeypatch):
    problem = "The layout 'odd' of the package oddpack 1.5 cannot be used (no licence)."
    for module in ("catalog", "layouts.lookup"):
        monkeypatch.setattr(f"dfutils.data.{module}.load_plugins", lambda: (problem,))
    root = make_files("odd/x.mp4")
    for options in ({}, {"layout": "odd"}):
        with pytest.raises(DataError, match="oddpack 1.5 cannot be used"):
            read_catalog(root, **options)

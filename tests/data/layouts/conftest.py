"""Read a data set by `auto` and by name."""

import json

import pytest

from dfutils.data import read_catalog


@pytest.fixture
def read_rows():
    """A function that reads a data set by `auto` and by name, checks that both agree, and returns its rows by path."""

    def read(root, layout):
        catalog = read_catalog(root)
        assert catalog.layout == layout
        assert read_catalog(root, layout=layout).table.equals(catalog.table)
        return catalog.table.set_index("path")

    return read


@pytest.fixture
def read_left_out():
    """A function that reads a data set and returns {path: reason} of what was left out."""

    def read(root, layout="auto"):
        return dict(read_catalog(root, layout=layout).left_out.itertuples(index=False))

    return read


@pytest.fixture
def make_dfdc(make_files):
    """A function that makes a folder with DFDC's metadata.json and the clips that it names."""

    def make(folder, facts):
        make_files(f"{folder}/metadata.json", content=json.dumps(facts).encode())
        clips = (name for name in facts if "/" not in name and not name.startswith("gone"))
        return make_files(*(f"{folder}/{name}" for name in clips))

    return make

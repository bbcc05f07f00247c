"""Data sets for the audit that a test may spoil."""

import shutil

import pandas as pd
import pytest


@pytest.fixture
def demo_copy(demo_dir, tmp_path):
    """A copy of the built-in data set, without its masks."""
    shutil.copytree(demo_dir, tmp_path / "demo", ignore=shutil.ignore_patterns("masks", "boxes.csv"))
    return tmp_path / "demo"


@pytest.fixture
def make_row(demo_copy):
    """A function that adds a clip to the copy's table: `make_row("person_004/copy.mp4", 0, "pair_002")`."""

    def make(path, label, group):
        with (demo_copy / "catalog.csv").open("a") as file:
            file.write(f"{path},{label},{'swap' if label else ''},{group},,\n")

    return make


@pytest.fixture
def make_table():
    """A function that makes a catalog from rows (clip_id, group, split) and columns; no clip has a file."""

    def make(*rows, **columns):
        table = pd.DataFrame(rows, columns=["clip_id", "group", "split"])
        table = table.assign(path=table["clip_id"] + ".mp4", media="video", method="", label=0)
        return table.assign(identity="", donor="", source="").assign(**columns)

    return make

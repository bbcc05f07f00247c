"""A search that is small, and one that is finished already."""

import shutil

import pytest

from dfutils.tuning import SPACE, search

TINY_SPACE = {"units": (4, 8), "depth": (1,), "bidirectional": (False,), "differences": (False,)}
TWO_TRIALS = {"tuner": "random", "trials": 2, "epochs": 1, "progress": False}


@pytest.fixture
def tiny_space(monkeypatch):
    """One small layer that reads in one direction: a trial takes a fraction of the time."""
    for name, choices in TINY_SPACE.items():
        monkeypatch.setitem(SPACE, name, choices)


@pytest.fixture
def search_clips(make_clips):
    """Training and validation clips, always the same."""
    return make_clips(16), make_clips(8, seed=1)


@pytest.fixture
def make_search(search_clips):
    """A function that runs a search, `make_search(directory, trials=…)`: two random trials of one epoch by default."""

    def make(directory, **options):
        return search(*search_clips, directory, **(TWO_TRIALS | options))

    return make


@pytest.fixture(scope="session")
def original_search(make_clips, tmp_path_factory):
    """The folder of a finished random search of two trials on `search_clips`, and what it found."""
    directory = tmp_path_factory.mktemp("search")
    with pytest.MonkeyPatch.context() as patch:
        for name, choices in TINY_SPACE.items():
            patch.setitem(SPACE, name, choices)
        found = search(make_clips(16), make_clips(8, seed=1), directory, **TWO_TRIALS)
    return directory, found


@pytest.fixture
def finished_search(original_search, tmp_path, tiny_space):
    """A copy of a finished search: its directory, its folder there, and what it found."""
    original, found = original_search
    directory = shutil.copytree(original, tmp_path / "search")
    (folder,) = directory.iterdir()
    return directory, folder, found

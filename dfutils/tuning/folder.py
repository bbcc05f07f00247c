"""Keep the folder of a search valid when the search is interrupted."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dfutils.atomic import atomic_path


def drop_unstarted(folder: Path) -> None:
    """Delete the `trial_*` folders of an interrupted search that are not listed in its file oracle.json.

    Keras Tuner creates the folder of a trial before it adds the trial to oracle.json. An interruption in between leaves
    a folder that is not listed.

    Args:
        folder: Path. The folder of the search. Nothing is done if it does not exist.
    """
    if not (folder / "oracle.json").is_file():
        return
    listed = json.loads((folder / "oracle.json").read_text())["start_order"]
    for trial in folder.glob("trial_*"):
        if trial.name.removeprefix("trial_") not in listed:
            shutil.rmtree(trial)


@contextmanager
def atomic_saves(keras_tuner: Any) -> Iterator[None]:
    """Make Keras Tuner write each file completely or not at all, as long as the `with` block runs.

    Keras Tuner empties a file before it writes the new content. An interruption in between makes the search unusable.
    Inside the block, a new file is written first and then replaces the old file.

    Args:
        keras_tuner: module. The imported package `keras_tuner`.
    """
    stateful = keras_tuner.Oracle.__mro__[1]  # the base class of all objects that Keras Tuner saves
    save = stateful.save

    def save_atomically(self: Any, fname: str) -> Any:
        with atomic_path(Path(fname)) as temporary:
            return save(self, str(temporary))

    stateful.save = save_atomically
    try:
        yield
    finally:
        stateful.save = save

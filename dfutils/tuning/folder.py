"""The folder of a search: its name, and what keeps it usable after an interruption."""

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from dfutils.atomic import atomic_path
from dfutils.features import FeatureSet
from dfutils.training import GRUSettings
from dfutils.tuning.space import SPACE


def fingerprint(train: FeatureSet, val: FeatureSet, options: dict[str, Any]) -> str:
    """Return a hash of everything that a search depends on.

    Args:
        train: FeatureSet. The training clips.
        val: FeatureSet. The validation clips.
        options: dict. What the search was asked for, as JSON can hold it.

    Returns:
        str. 12 hexadecimal digits.
    """
    digest = hashlib.sha256(json.dumps([options, SPACE, asdict(GRUSettings())], sort_keys=True).encode())
    for clips in (train, val):
        digest.update(repr(clips.spans).encode())
        for array in (clips.X, clips.mask, clips.y):
            digest.update(np.ascontiguousarray(array).view(np.uint8).data)
    return digest.hexdigest()[:12]


def drop_unstarted(folder: Path) -> None:
    """Remove trials that an interruption kept out of the search's own list.

    Args:
        folder: Path. The folder of the search; it may not exist yet.
    """
    if not (folder / "oracle.json").is_file():
        return
    listed = json.loads((folder / "oracle.json").read_text())["start_order"]
    for trial in folder.glob("trial_*"):
        if trial.name.removeprefix("trial_") not in listed:
            shutil.rmtree(trial)


@contextmanager
def atomic_saves(keras_tuner: Any) -> Iterator[None]:
    """Let Keras Tuner write each of its files completely or not at all.

    It opens a file, which empties it, and then writes. An interruption in between would cost the whole search.

    Args:
        keras_tuner: module.
    """
    stateful = keras_tuner.Oracle.__mro__[1]  # the base class of everything that Keras Tuner saves
    save = stateful.save

    def save_atomically(self: Any, fname: str) -> Any:
        with atomic_path(Path(fname)) as temporary:
            return save(self, str(temporary))

    stateful.save = save_atomically
    try:
        yield
    finally:
        stateful.save = save

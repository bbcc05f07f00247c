"""Keep the state of an adaptation on disk, so that an interrupted one can go on."""

import contextlib
import json
import shutil
import zipfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from dfutils.atomic import atomic_path
from dfutils.errors import StoreError


@dataclass
class Progress:
    """What an adaptation has reached.

    Args:
        step: int. Steps taken.
        planned: int. Steps planned; 0 before the plan is made.
        seconds: float. Seconds spent.
        rate: float. Share of the learning rate; halved after the loss was not finite.
        curves: list of dict. One entry per check.
        best: float. The best validation AUC so far; NaN before the first check.
        best_step: int. The step of the best validation AUC.
        remarks: list of str.
        batch_size: int. 0 for that of the settings; smaller after the memory of a GPU was too small.
        began: float. Seconds that had passed when the training began.
        reserved: float. Seconds kept for scoring at the end.
        scored: int. Crops that are scored at the end; 0 before the plan is made.
        divergences: int. How often the training went back to a checkpoint.
        skipped: int. Batches that changed nothing, because their gradient was not finite.
    """

    step: int = 0
    planned: int = 0
    seconds: float = 0.0
    rate: float = 1.0
    curves: list[dict[str, float]] = field(default_factory=list)
    best: float = float("nan")
    best_step: int = 0
    remarks: list[str] = field(default_factory=list)
    batch_size: int = 0
    began: float = 0.0
    reserved: float = 0.0
    scored: int = 0
    divergences: int = 0
    skipped: int = 0

    def from_start(self) -> "Progress":
        """Return the progress at the first step, with the same plan and remarks."""
        return replace(self, step=0, curves=[], best=float("nan"), best_step=0, skipped=0)

    def all_remarks(self) -> list[str]:
        """Return the remarks, and how many batches were skipped if there were any."""
        if not self.skipped:
            return self.remarks
        return [
            *self.remarks,
            f"Batches that were skipped, because their gradient was not finite: {self.skipped}.",
        ]


class Checkpoint:
    """The folder that holds the state of one adaptation until its weights are written.

    Args:
        folder: Path. It is created.
        run: dict. Everything that the result depends on. A state of another run is deleted.

    Raises:
        StoreError: If the folder cannot be written.
    """

    def __init__(self, folder: Path, run: dict[str, Any]) -> None:
        self.folder = folder
        path = folder / "run.json"
        described = json.dumps(run, sort_keys=True)
        try:
            if not path.is_file() or path.read_text() != described:
                if path.is_file():
                    shutil.rmtree(folder)
                with atomic_path(path) as temporary:
                    temporary.write_text(described)
        except OSError as error:
            raise self._cannot_write(error) from error

    @property
    def crops(self) -> Path:
        """The folder of the face crops."""
        return self.folder / "crops"

    def save(self, progress: Progress, **arrays: list[np.ndarray]) -> None:
        """Write the state: the progress, and lists of arrays by name.

        Raises:
            StoreError: If the folder cannot be written.
        """
        named: dict[str, Any] = {
            f"{name}/{i}": array for name, part in arrays.items() for i, array in enumerate(part)
        }
        try:
            with atomic_path(self.folder / "state.npz") as temporary, temporary.open("wb") as file:
                np.savez(file, progress=json.dumps(vars(progress)), **named)
        except OSError as error:
            raise self._cannot_write(error) from error

    def load(self) -> tuple[Progress, dict[str, list[np.ndarray]]] | None:
        """Return the latest state, or None if there is none that can be read."""
        try:
            with np.load(self.folder / "state.npz", allow_pickle=False) as file:
                progress = Progress(**json.loads(str(file["progress"])))
                arrays: dict[str, list[np.ndarray]] = {}
                for name in file.files:
                    if name != "progress":
                        arrays.setdefault(name.rpartition("/")[0], []).append(file[name])
        except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
            return None
        return progress, arrays

    def remove(self) -> None:
        """Delete the folder."""
        with contextlib.suppress(OSError):
            shutil.rmtree(self.folder)

    def _cannot_write(self, error: OSError) -> StoreError:
        return StoreError(
            f"{self.folder} cannot be written: {error.strerror or error}. What is finished is kept. Make room or "
            "choose another output, then run again to resume."
        )

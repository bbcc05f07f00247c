"""Choose the best detector of a workspace, and find the newest one."""

import contextlib
import shutil
from pathlib import Path

from filelock import FileLock

from dfutils.atomic import atomic_folder
from dfutils.errors import DfutilsError, MissingArtefactError, StoreError
from dfutils.training.detector_folder import read_scores
from dfutils.workspace import project_root

BEST = "best"
VALIDATION = "validation clips"  # the key of `SavedDetector.scores` that detectors are chosen by


def choose_best(models: str | Path) -> str:
    """Copy the detector with the highest AUC on the validation clips to `<models>/best`.

    The test clips play no part. Of detectors with the same AUC, the first by name is chosen.

    Args:
        models: str or Path. The folder with the detectors' folders, `data/<name>/models/`.

    Returns:
        str. The name of the chosen detector's folder.

    Raises:
        MissingArtefactError: If no detector in the folder has an AUC on validation clips.
        StoreError: If the folder cannot be written.
    """
    aucs = {}
    for path in _descriptions(Path(models)):
        if path.parent.name == BEST:
            continue
        with contextlib.suppress(DfutilsError):  # a detector that cannot be used is not chosen
            auc = read_scores(path.parent).get(VALIDATION, {}).get("auc", {}).get("value")
            if auc is not None:
                aucs[path.parent.name] = float(auc)
    if not aucs:
        raise MissingArtefactError(
            f"No detector in {models} was evaluated on validation clips. Run notebook 04_gru_training first."
        )
    chosen = max(aucs, key=aucs.__getitem__)
    try:
        # Notebooks 07 and 08 may run at the same time.
        with FileLock(Path(models) / ".best.lock"), atomic_folder(Path(models) / BEST) as temporary:
            shutil.copytree(Path(models) / chosen, temporary, dirs_exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"{Path(models) / BEST} cannot be written: {error.strerror or error}. Make room, and run again."
        ) from error
    return chosen


def newest_best() -> Path:
    """Return the folder `models/best` that was written last, of all workspaces.

    Raises:
        MissingArtefactError: If there is none yet.
    """
    for folder in all_detectors():
        if folder.name == BEST:
            return folder
    raise _no_detector()


def all_detectors() -> list[Path]:
    """Return the folders of all detectors of all workspaces: each `models/best` first, the newest ones first.

    Raises:
        MissingArtefactError: If there is none yet.
    """
    found = [path for models in (project_root() / "data").glob("*/models") for path in _descriptions(models)]
    if not found:
        raise _no_detector()
    found.sort(key=lambda path: (path.parent.name != BEST, -path.stat().st_mtime))
    return [path.parent for path in found]


def _descriptions(models: Path) -> list[Path]:
    """Return the `detector.json` of each finished detector. Folders that start with a dot are being written."""
    return sorted(path for path in models.glob("*/detector.json") if not path.parent.name.startswith("."))


def _no_detector() -> MissingArtefactError:
    return MissingArtefactError(
        f"There is no detector in {project_root() / 'data'} yet. Make one with `dfutils report`, or name a "
        "detector's folder with --model."
    )

"""Fine-tune InceptionV3 on the face crops of the training groups, within a budget of minutes."""

import hashlib
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from dfutils.adaptation.budget import Budget, PlanMemory
from dfutils.adaptation.checkpoint import Checkpoint
from dfutils.adaptation.crops import are_crops_already, cut_crops
from dfutils.adaptation.job import Job, run_id
from dfutils.adaptation.parts import Parts, divide
from dfutils.adaptation.result import Adaptation
from dfutils.adaptation.settings import AdaptSettings
from dfutils.data.validation import catalog_table, root_of
from dfutils.errors import DataError, SettingsError
from dfutils.features import Backbone, ExtractionSettings, Weights, resolve_weights
from dfutils.features.crop_files import crops_folder
from dfutils.features.weights_record import SUFFIX, read_record, record_path
from dfutils.frames import FaceCrop, Sampling
from dfutils.tables import Catalog


def adapt(
    catalog: Catalog | pd.DataFrame,
    root: str | Path | None,
    output: str | Path,
    *,
    minutes: float = 30.0,
    weights: str = "auto",
    settings: AdaptSettings | None = None,
    face: FaceCrop | None = None,
    test: float = 0.2,
    val: float = 0.1,
    steps: int | None = None,
    crops: str | Path | None = None,
    people: bool = False,
    workers: int | None = None,
    progress: bool = True,
) -> Adaptation:
    """Fine-tune InceptionV3 to tell real from fake face crops, and write the weights and a record of them.

    Only the clips of the training groups change the weights. Each sample is one crop. The weights of the last step are
    kept, unless an earlier step was better on the validation clips by more than chance. With fewer than eight
    validation groups of a class, chance cannot be estimated, and the last step counts. Test groups are never seen: at
    the end, they are scored. An interrupted adaptation goes on where it stopped when it is called again in the same
    way; its state is in the folder FILE.adapting until the weights are written.

    Args:
        catalog: Catalog or DataFrame. One row per clip, with clip_id, path, media, label and group. A column split is
            kept; otherwise whole groups are drawn.
        root: str or Path or None. The folder that the paths are relative to. None means `catalog.root`.
        output: str or Path. The weights file to write: its name ends in `.weights.h5`. The record is FILE.json. Or a
            folder: then the file in it is named after everything that the result depends on.
        minutes: float. The time that everything may take, from reading the clips to writing the weights. It is kept to
            within a tenth. Defaults to 30.
        weights: str. The weights to start from, as in `Backbone`. Defaults to `"auto"`.
        settings: AdaptSettings. Defaults to `AdaptSettings()`.
        face: FaceCrop or None. How faces are cropped. Defaults to None: `FaceCrop()`, or `FaceCrop(detector="none")` if
            the clips are face crops already.
        test: float from 0 to below 1. Share of the test clips, if no clip has the split test. Defaults to 0.2.
        val: float in (0, 1). Share of the validation clips among all other clips. Defaults to 0.1.
        steps: int or None. Take exactly this many steps, unless the budget ends before. Defaults to None: as many as
            fit into the budget.
        crops: str or Path or None. A folder that keeps the face crops, so that several adaptations to the same clips
            cut them once. Defaults to None: the crops are deleted at the end.
        people: bool. Also store the face embeddings of the real clips in the record, so that clips of the same people
            in other data sets are recognised (about 0.6 s per clip). This needs the extra `dfutils[people]`. Defaults
            to False.
        workers: int or None. Threads that read clips and prepare batches. Defaults to half the number of CPU cores, but
            at least 1 and at most 8.
        progress: bool. Show progress bars. Defaults to True.

    Returns:
        Adaptation.

    Raises:
        DataError: If there is no real clip, no fake clip although fakes are wanted, only one group, no face crop, or
            the output exists and is of another adaptation.
        SettingsError: If an option is out of range, or the loss is still not finite after three attempts with lower
            learning rates.
        StoreError: If a file cannot be written.
        WeightsError: If the weights are not available.
    """
    budget = Budget(minutes)
    settings, output, folder = settings or AdaptSettings(), Path(output), root_of(catalog, root)
    _check_options(minutes, steps)
    is_folder = output.is_dir() or not output.suffix
    record_path(output / f"adapted{SUFFIX}" if is_folder else output)
    start = resolve_weights(Backbone(weights=weights))
    parts = divide(catalog, fakes=settings.fakes, test=test, val=val, seed=settings.seed)
    remarks = list(parts.remarks)
    if face is None:
        face = FaceCrop()
        if are_crops_already(parts.table, folder):
            face = FaceCrop(detector="none")
            remarks.append("The clips are face crops already, so no face was looked for in them.")
    run = _describe(parts, start, settings, face, steps, people)
    if is_folder:
        output /= f"adapted-{run_id(run | {'minutes': minutes})}{SUFFIX}"
    if output.exists():
        return _finished(output, run)
    return Job(
        parts=parts,
        root=folder,
        output=output,
        start=start,
        settings=settings,
        face=face,
        budget=budget,
        checkpoint=Checkpoint(_state_folder(output), run),
        memory=PlanMemory(f"{run_id(run)} {minutes:g} min"),
        run=run,
        steps=steps,
        crops=crops_folder(crops, frames=settings.frames, face=face) if crops else None,
        people=people,
        workers=workers or _default_workers(),
        show=progress,
    ).work(remarks)


def prepare_crops(
    catalog: Catalog | pd.DataFrame,
    root: str | Path | None,
    crops: str | Path,
    *,
    settings: AdaptSettings | None = None,
    face: FaceCrop | None = None,
    workers: int | None = None,
    progress: bool = True,
) -> pd.DataFrame:
    """Cut the face crops of all clips before several adaptations, outside their budgets.

    Args:
        catalog, root, face, workers, progress: As for `adapt`.
        crops: str or Path. The folder that is then given to `adapt`.
        settings: AdaptSettings. Only `frames` counts. Defaults to `AdaptSettings()`.

    Returns:
        DataFrame. One row per clip: clip_id, status, reason and frames, the number of crops.

    Raises:
        DataError: If no clip has a face crop, or the catalog is not valid.
        StoreError: If a file cannot be written.
    """
    settings, folder = settings or AdaptSettings(), root_of(catalog, root)
    table = catalog_table(catalog, needs=("clip_id", "path", "media", "label"))
    if face is None:
        face = FaceCrop(detector="none") if are_crops_already(table, folder) else FaceCrop()
    cut = cut_crops(
        table,
        folder,
        crops_folder(crops, frames=settings.frames, face=face),
        ExtractionSettings(sampling=Sampling(frames=settings.frames), face=face),
        with_landmarks=lambda row: row.label == 0,
        enough=lambda done: False,
        workers=workers or _default_workers(),
        progress=progress,
    )
    return cut.table[["clip_id", "status", "reason", "frames"]]


def _default_workers() -> int:
    return max(1, min(8, (os.cpu_count() or 1) // 2))


def _check_options(minutes: float, steps: int | None) -> None:
    if not isinstance(minutes, int | float) or not 0 < minutes < 1e6:
        raise SettingsError(f"The budget must be a number of minutes above 0. Received: minutes={minutes!r}")
    if steps is not None and (isinstance(steps, bool) or not isinstance(steps, int) or steps < 1):
        raise SettingsError(f"steps must be a whole number of at least 1. Received: steps={steps!r}")


def _describe(
    parts: Parts, start: Weights, settings: AdaptSettings, face: FaceCrop, steps: int | None, people: bool
) -> dict[str, Any]:
    """Return everything that the result depends on, apart from the budget and the content of the clips."""
    columns = ["clip_id", "path", "label", "group", "split"]
    clips = parts.table[columns].astype(str).sort_values("clip_id").to_csv(index=False)
    return {
        "clips": hashlib.sha256(clips.encode()).hexdigest()[:16],
        "weights": start.identity,
        "settings": asdict(settings),
        "face": asdict(face),
        "steps": steps,
        "people": people,
    }


def _state_folder(output: Path) -> Path:
    return record_path(output).with_suffix(".adapting")


def _finished(output: Path, run: dict[str, Any]) -> Adaptation:
    """Return the finished adaptation in a file that exists, if it is the same one.

    Raises:
        DataError: If it is another one.
    """
    record = read_record(output)
    if record is None or record.details.get("run") != run_id(run):
        raise DataError(
            f"{output} exists already, and was not adapted in this way from these clips. Give another output, or "
            "delete the file."
        )
    return Adaptation(output, record, was_done=True)

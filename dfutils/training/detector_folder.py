"""Save a fitted detector as a folder that needs nothing else, and load it.

    <folder>/detector.json        everything about the detector, and the checksums of the other files
    <folder>/model.keras          the GRU, or
    <folder>/model.npz            the arrays of a linear model
    <folder>/familiarity.npz      what the training clips are like
    <folder>/backbone.weights.h5  the weights of InceptionV3, with their record backbone.json. Left out for ImageNet's
                                  weights and for seeded ones
    <folder>/MODEL_CARD.md        the same in words

A folder is moved into place when it is complete. Loading never runs code from the folder: the network is built from its
settings, and arrays are read without pickle.
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from dfutils.atomic import atomic_folder, complete_folder
from dfutils.errors import DataError, MissingArtefactError, SettingsError, StoreError, WeightsError
from dfutils.features import ExtractionSettings, FeatureSet, resolve_weights
from dfutils.features.weights_record import record_path
from dfutils.hashing import sha256_of_file
from dfutils.training.decision import Decision
from dfutils.training.detector import Detector
from dfutils.training.detector_kinds import kind_of, read_detector, write_detector
from dfutils.training.familiarity import Familiarity
from dfutils.training.gru_detector import GRUDetector
from dfutils.training.model_card import write_card
from dfutils.training.saved_detector import SavedDetector
from dfutils.versions import package_versions
from dfutils.workspace import Workspace

_FORMAT = 1
_WEIGHTS = "backbone.weights.h5"


def save_detector(
    folder: str | Path,
    detector: Detector,
    train: FeatureSet,
    val: FeatureSet,
    *,
    settings: ExtractionSettings,
    decision: Decision | None = None,
    data: str = "",
    trained_on: tuple[FeatureSet, FeatureSet] | None = None,
    scores: Mapping[str, Mapping[str, Any]] | None = None,
) -> Path:
    """Save a fitted detector as a folder that needs nothing else: moved to another machine, it gives the same scores.

    Args:
        folder: str or Path. The folder to write. An older detector in it is replaced.
        detector: Detector. A fitted `GRUDetector`, baseline or `FrameScoreDetector`.
        train, val: FeatureSet. The training and validation clips.
        settings: ExtractionSettings. The settings that the features of the clips were extracted with.
        decision: Decision or None. From `evaluation.choose_decision`. Defaults to None: fake from 0.5 on.
        data: str. The name of the data set. Defaults to `""`.
        trained_on: tuple of two FeatureSet, or None. The training and validation clips that the model card names, if
            `train` and `val` are only some of them. Defaults to None: `train` and `val`.
        scores: dict or None. Metrics with intervals, by what was tested: `{"test clips": evaluation.to_record()}`.

    Returns:
        Path. The folder.

    Raises:
        SettingsError: If the detector is of no kind that can be saved.
        DfutilsError: If the detector is not fitted.
        DataError: If there are too few clips.
        StoreError: If the folder cannot be written, or holds something else than a detector.
    """
    folder = Path(folder)
    kind = kind_of(detector)
    weights = resolve_weights(settings.backbone)
    layers = _layers_up_to(detector, train)
    narrow = replace(settings, backbone=replace(settings.backbone, layers=layers)).pinned()
    saved = SavedDetector(
        detector,
        narrow,
        decision or Decision(),
        Familiarity.measure(train.select(layers), val.select(layers)),
        trained_on=_describe(data, *(trained_on or (train, val))),
        scores=scores or {},
        notes=(weights.note,) if weights.note else (),
        versions=package_versions(),
    )
    if folder.exists() and not (folder / "detector.json").is_file() and any(folder.iterdir()):
        raise StoreError(f"{folder} holds something other than a detector. Choose another folder.")
    try:
        with atomic_folder(folder) as temporary:
            model = write_detector(detector, temporary)
            with (temporary / "familiarity.npz").open("wb") as file:
                arrays: dict[str, Any] = saved.familiarity.to_arrays()
                np.savez(file, **arrays)
            extraction = narrow.to_dict()
            if weights.kind == "file":
                extraction["backbone"]["weights"] = _WEIGHTS
                _copy_weights(weights.path, temporary)
            write_card(saved, temporary / "MODEL_CARD.md")
            names = sorted(path.name for path in temporary.iterdir())
            described = {
                "format": _FORMAT,
                "kind": kind,
                "model": model,
                "extraction": extraction,
                "weights": {"kind": weights.kind, "identity": weights.identity},
                "decision": asdict(saved.decision),
                "trained_on": saved.trained_on,
                "scores": saved.scores,
                "notes": saved.notes,
                "versions": saved.versions,
                "files": {name: sha256_of_file(temporary / name) for name in names},
            }
            text = json.dumps(described, indent=2, allow_nan=False)
            (temporary / "detector.json").write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise StoreError(f"The detector cannot be saved in {folder}: {error.strerror or error}.") from error
    return folder


def read_scores(folder: str | Path) -> dict[str, dict[str, Any]]:
    """Return the metrics of a saved detector, by what was tested, without loading its model.

    Raises:
        MissingArtefactError, DataError: As `load_detector`.
    """
    place = complete_folder(Path(folder))
    described = _read_description(place)
    _check_files(place, described)
    scores: dict[str, dict[str, Any]] = described["scores"]
    return scores


def load_detector(folder: str | Path) -> SavedDetector:
    """Load a detector that `save_detector` wrote.

    Args:
        folder: str or Path.

    Returns:
        SavedDetector.

    Raises:
        MissingArtefactError: If there is no detector in the folder.
        DataError: If a part is missing, damaged, changed, or of another version.
        WeightsError: If the weights of InceptionV3 are not available, or it was trained with others.
    """
    place = complete_folder(Path(folder).expanduser())
    described = _read_description(place)
    _check_files(place, described)
    try:
        settings = _read_settings(place, described)
        decision = Decision(**described["decision"])
        with np.load(place / "familiarity.npz", allow_pickle=False) as file:
            familiarity = Familiarity.from_arrays(dict(file))
        detector = read_detector(described["kind"], described["model"], place)
        rest = {name: described[name] for name in ("trained_on", "scores", "versions")}
        notes = tuple(described["notes"])
    except (KeyError, TypeError, ValueError, OSError, SettingsError) as error:
        raise _damaged(place, f"{type(error).__name__}: {error}") from error
    _check_weights(place, settings, described["weights"])
    return SavedDetector(detector, settings, decision, familiarity, notes=notes, folder=place, **rest)


def load_gru(run: Workspace, *, name: str = "gru") -> GRUDetector:
    """Load a GRU that a notebook saved in a workspace, with its training settings. Its trainings are kept there.

    Args:
        run: Workspace.
        name: str. The name of the detector's folder. Defaults to `"gru"`, the one of notebook 04.

    Raises:
        MissingArtefactError: If notebook 04 was not run yet.
        DataError, WeightsError: As `load_detector`. DataError also if the detector is no GRU.
    """
    folder = run.artefact(f"models/{name}", made_by="04_gru_training")
    detector = load_detector(folder).detector
    if not isinstance(detector, GRUDetector):
        raise DataError(f"The detector in {folder} is not a GRU.")
    return replace(detector, directory=run.trainings)


def _describe(data: str, train: FeatureSet, val: FeatureSet) -> dict[str, Any]:
    methods = sorted(set(train.coverage["method"]) - {""})
    parts = {"training": train, "validation": val}
    return {
        "data": data,
        "methods": methods,
        "frames": int(max(part.mask.shape[1] for part in parts.values())),
        **{
            name: {
                "clips": len(part),
                "fake": int((part.y == 1).sum()),
                "real": int((part.y == 0).sum()),
                "groups": len(set(part.groups)),
            }
            for name, part in parts.items()
        },
    }


def _copy_weights(path: Path | None, folder: Path) -> None:
    assert path is not None
    shutil.copyfile(path, folder / _WEIGHTS)
    if (record := record_path(path) if path.name.endswith(".weights.h5") else None) and record.is_file():
        shutil.copyfile(record, folder / "backbone.json")


def _layers_up_to(detector: Detector, train: FeatureSet) -> tuple[str, ...]:
    """Return the layers of the clips up to the highest one that the detector needs.

    The lower ones cost nothing, and show best that a clip is unlike the training clips.
    """

    def depth(layer: str) -> int:
        return int(layer.removeprefix("mixed"))

    needed = getattr(detector, "layers", None) or train.layers
    highest = max(depth(layer) for layer in needed)
    return tuple(layer for layer in train.layers if depth(layer) <= highest)


def _read_description(folder: Path) -> dict[str, Any]:
    path = folder / "detector.json"
    if not path.is_file():
        raise MissingArtefactError(
            f"There is no detector in {folder}: it has no detector.json. Notebooks 04, 05, 07 and 08 save detectors in "
            "data/<name>/models/, and `training.save_detector` saves one anywhere."
        )
    try:
        described = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise _damaged(folder, str(error)) from error
    if not isinstance(described, dict) or not isinstance(described.get("files"), dict):
        raise _damaged(folder, "detector.json is not the description of a detector")
    if described.get("format") != _FORMAT:
        raise DataError(
            f"The detector in {folder} has the format {described.get('format')!r}, and this version of dfutils reads "
            f"format {_FORMAT}. Install the version of dfutils that saved it: {_version_of(described)}."
        )
    return described


def _version_of(described: dict[str, Any]) -> str:
    versions = described.get("versions")
    return str(versions.get("dfutils", "unknown")) if isinstance(versions, dict) else "unknown"


def _check_files(folder: Path, described: dict[str, Any]) -> None:
    for name, checksum in described["files"].items():
        path = folder / Path(name).name
        if not path.is_file():
            raise DataError(
                f"The detector in {folder} is incomplete: {name} is missing. Copy the whole folder again."
            )
        if sha256_of_file(path) != checksum:
            raise _damaged(folder, f"{name} has changed since it was saved")


def _read_settings(folder: Path, described: dict[str, Any]) -> ExtractionSettings:
    settings = ExtractionSettings.from_dict(described["extraction"])
    if settings.backbone.weights in ("imagenet", "random"):
        return settings
    if settings.backbone.weights != _WEIGHTS:
        raise ValueError(f"weights={settings.backbone.weights!r}")
    return replace(settings, backbone=replace(settings.backbone, weights=str(folder / _WEIGHTS)))


def _check_weights(folder: Path, settings: ExtractionSettings, expected: dict[str, Any]) -> None:
    """Check that InceptionV3 has the weights that the detector was trained with."""
    try:
        weights = resolve_weights(settings.backbone)
    except WeightsError as error:
        raise WeightsError(
            f"The detector in {folder} needs weights that are not available. {error}"
        ) from error
    if weights.identity != expected["identity"]:
        raise WeightsError(
            f"The detector in {folder} was trained with other weights of InceptionV3 than those that are here. It "
            f"needs {expected['identity']}; here are {weights.identity}. For seeded weights, install the same "
            "version of Keras."
        )


def _damaged(folder: Path, reason: str) -> DataError:
    return DataError(
        f"The detector in {folder} is damaged ({reason}). Copy the folder again, or run the notebook that saved it."
    )

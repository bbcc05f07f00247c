"""The kinds of detectors that can be saved, and the files that hold their models."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from dfutils.errors import SettingsError
from dfutils.features.weights_record import FrameHead
from dfutils.training.baselines import ConstantBaseline, MeanPooledBaseline, TemporalBaseline
from dfutils.training.checks import check_fitted
from dfutils.training.detector import Detector
from dfutils.training.frame_score_detector import FrameScoreDetector
from dfutils.training.gru_detector import GRUDetector
from dfutils.training.linear_model import LinearModel
from dfutils.training.model import GRUSettings
from dfutils.training.saving import load_weights

KINDS: dict[str, type] = {
    "gru": GRUDetector,
    "constant": ConstantBaseline,
    "linear_mean": MeanPooledBaseline,
    "linear_temporal": TemporalBaseline,
    "frame_scores": FrameScoreDetector,
}
_GRU_OPTIONS = ("epochs", "batch_size", "balance_classes", "name")


def kind_of(detector: Detector) -> str:
    """Return the name of a detector's kind.

    Raises:
        SettingsError: If the detector is of no kind that can be saved.
    """
    for name, kind in KINDS.items():
        if type(detector) is kind:
            return name
    raise SettingsError(
        f"A {type(detector).__name__} cannot be saved as a folder. Save one of: "
        f"{', '.join(kind.__name__ for kind in KINDS.values())}. Of a TunedDetector, save its attribute `gru`."
    )


def write_detector(detector: Any, folder: Path) -> dict[str, Any]:
    """Write the model of a fitted detector into a folder. Return everything else as values that JSON can hold.

    Raises:
        DfutilsError: If the detector is not fitted.
    """
    if isinstance(detector, GRUDetector):
        detector.save(folder / "model.keras")
        width = detector.model.input["features"].shape[-1]
        options = {name: getattr(detector, name) for name in (*_GRU_OPTIONS, "pairs")}
        return {"layers": detector.layers, "width": width, "settings": asdict(detector.settings), **options}
    if isinstance(detector, ConstantBaseline):
        check_fitted(detector.name, detector.share is not None)
        return {"share": detector.share}
    if isinstance(detector, MeanPooledBaseline):
        check_fitted(detector.name, detector.model is not None)
        _write_arrays(folder, **vars(detector.model))
        return {"layers": detector.layers, "width": detector.width}
    _write_arrays(folder, kernel=detector.head.kernel, bias=detector.head.bias)
    return {"layer": detector.head.layer}


def read_detector(kind: str, model: dict[str, Any], folder: Path) -> Detector:
    """Read a detector that `write_detector` wrote.

    Args:
        kind: str. A name in `KINDS`.
        model: dict. What `write_detector` returned.
        folder: Path.

    Raises:
        DataError, KeyError, TypeError, ValueError: If a part is missing or damaged.
    """
    if kind == "gru":
        settings = GRUSettings(**model["settings"])
        return GRUDetector(
            settings=settings,
            layers=tuple(model["layers"]),
            model=load_weights(folder / "model.keras", settings, width=model["width"]),
            **{name: model[name] for name in _GRU_OPTIONS},
            pairs=model.get("pairs", False),  # folders of version 0.1.0 do not have it
        )
    if kind == "constant":
        return ConstantBaseline(float(model["share"]))
    if kind not in KINDS:
        raise ValueError(f"unknown kind {kind!r}")
    with np.load(folder / "model.npz", allow_pickle=False) as file:
        arrays = dict(file)
    bias = float(arrays.pop("bias"))
    if kind == "frame_scores":
        return FrameScoreDetector(FrameHead(layer=model["layer"], kernel=arrays["kernel"], bias=bias))
    linear = LinearModel(**arrays, bias=bias)
    width = int(model["width"])
    if linear.kernel.shape != (width * (3 if kind == "linear_temporal" else 1),):
        raise ValueError(f"the model does not take {width} features per frame")
    return KINDS[kind](width=width, layers=tuple(model["layers"]), model=linear)


def _write_arrays(folder: Path, **arrays: Any) -> None:
    with (folder / "model.npz").open("wb") as file:
        np.savez(file, **arrays)

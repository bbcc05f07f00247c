"""The features of many clips as arrays, with what is known about each clip."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
import pandas as pd

from dfutils.errors import DataError, SettingsError
from dfutils.features.backbone_settings import layer_widths
from dfutils.features.packed_features import PackedFeatures
from dfutils.features.store import StoredClip

_BLOCK = 256


@dataclass(frozen=True, eq=False)
class FeatureSet:
    """The features of the clips with the status `"ok"`, and a table with the status of all clips.

    Args:
        X: float32 array [N, T, D]. D features of T frames of N clips; zeros where `mask` is False. In a large set,
            a `PackedFeatures`, which reads the clips that an index asks for, such as `X[rows]`.
        mask: bool array [N, T]. True for a frame, False for padding after the last frame of a clip with fewer frames.
            Frames that do not show the clip's main face are left out.
        y: int8 array [N]. 1 = fake, 0 = real, -1 = unknown.
        groups: str array [N]. The group of each clip. Clips of one group are never divided between splits.
        clip_ids: str array [N]. The clip_id of each clip.
        splits: str array [N]. The split of each clip: `"train"`, `"val"`, `"test"` or `""`.
        spans: dict of str to slice. The columns of each layer along D.
        coverage: DataFrame. clip_id, label, group, method, split, status and reason of every clip, with or without
            features.
        seen: str array [N]. Why a test must not use the clip: the weights were adapted with it, or with its group.
            `""` for clips that the weights have not seen. Defaults to `""` for all clips.
        face_sides: float64 array [N]. The longer side of the face in pixels, as the median over the clip's frames.
            Defaults to NaN for all clips: unknown.
    """

    X: np.ndarray | PackedFeatures
    mask: np.ndarray
    y: np.ndarray
    groups: np.ndarray
    clip_ids: np.ndarray
    splits: np.ndarray
    spans: dict[str, slice]
    coverage: pd.DataFrame = field(repr=False)
    seen: np.ndarray = field(default_factory=lambda: np.empty(0, str), repr=False)
    face_sides: np.ndarray = field(default_factory=lambda: np.empty(0), repr=False)

    def __post_init__(self) -> None:
        for name, unknown in (("seen", ""), ("face_sides", np.nan)):
            if len(getattr(self, name)) != len(self.X):
                object.__setattr__(self, name, np.full(len(self.X), unknown))

    @classmethod
    def of_clips(
        cls, clips: Sequence[StoredClip], layers: tuple[str, ...], *, pooling: tuple[Any, ...]
    ) -> Self:
        """Return clips without labels, groups and splits, such as new files.

        Args:
            clips: sequence of StoredClip. All with the status `"ok"`.
            layers: tuple of str. The layers of their features.
            pooling: tuple of str. How the layers were pooled.
        """
        count, longest = len(clips), max((len(clip.features) for clip in clips), default=0)
        widths = layer_widths(layers, pooling=pooling)
        X = np.zeros((count, longest, sum(widths.values())), np.float32)
        mask = np.zeros((count, longest), bool)
        for i, clip in enumerate(clips):
            X[i, : len(clip.features)] = clip.features
            mask[i, : len(clip.features)] = True
        names = np.array([str(number) for number in range(count)])
        empty = np.full(count, "")
        coverage = pd.DataFrame({"clip_id": names, "label": pd.array([None] * count, "Int64")})
        coverage = coverage.assign(group="", method="", split="", status="ok", reason="")
        sides = np.array([clip.face_side for clip in clips])
        spans = layer_spans(widths)
        labels = np.full(count, -1, np.int8)
        return cls(X, mask, labels, empty, names, empty, spans, coverage, face_sides=sides)

    def __len__(self) -> int:
        return len(self.X)

    @property
    def layers(self) -> tuple[str, ...]:
        """The names of the network layers whose features are concatenated along D, in order."""
        return tuple(self.spans)

    def blocks(self) -> Iterator[slice]:
        """Yield slices of 256 clips each, to process the clips in parts that need less memory."""
        for begin in range(0, len(self), _BLOCK):
            yield slice(begin, begin + _BLOCK)

    def select(self, layers: str | tuple[str, ...]) -> "FeatureSet":
        """Return the same clips with the features of some layers only.

        The features of a single layer are a view and are not copied. Packed features are never copied.

        Args:
            layers: str or tuple of str. The name of a layer, or several names in the wanted order.

        Raises:
            SettingsError: If there are no features of one of the layers.
        """
        layers = (layers,) if isinstance(layers, str) else tuple(layers)
        if not layers or not set(layers) <= set(self.spans):
            raise SettingsError(
                f"These features hold the layers {', '.join(self.spans)}. Received: {', '.join(layers) or 'none'}"
            )
        if layers == self.layers:
            return self
        widths = {name: self.spans[name].stop - self.spans[name].start for name in layers}
        if isinstance(self.X, PackedFeatures):
            X: Any = self.X.columns(columns_of(layers, self.spans))
        else:
            columns = [self.X[..., self.spans[name]] for name in layers]
            X = np.concatenate(columns, axis=-1) if len(columns) > 1 else columns[0]
        return replace(self, X=X, spans=layer_spans(widths))

    def part(self, split: str) -> "FeatureSet":
        """Return the clips of one split. The `coverage` table holds all clips of the split.

        Args:
            split: str. `"train"`, `"val"`, `"test"`, or `""` for the clips without a split.

        Raises:
            DataError: If no clip of the split has features.
        """
        inside = self.splits == split
        if not inside.any():
            raise DataError(
                f"No clip of the split {split!r} has features. The table FeatureSet.coverage gives the reasons."
            )
        coverage = self.coverage[self.coverage["split"] == split].reset_index(drop=True)
        return replace(self.take(inside), coverage=coverage)

    def take(self, rows: np.ndarray) -> "FeatureSet":
        """Return the chosen clips. The `coverage` table holds the chosen clips only.

        If the positions are consecutive, the features are a view. Otherwise they are copied. Packed features are never
        copied.

        Args:
            rows: int array of positions, or bool array [N] that is True for the chosen clips.
        """
        rows = np.asarray(rows)
        rows = np.flatnonzero(rows) if rows.dtype == bool else rows
        is_run = len(rows) and (np.diff(rows) == 1).all()
        where = slice(rows[0], rows[-1] + 1) if is_run else rows
        per_clip = ("mask", "y", "groups", "clip_ids", "splits", "seen", "face_sides")
        chosen: dict[str, Any] = {name: getattr(self, name)[where] for name in per_clip}
        chosen["X"] = self.X.take(where) if isinstance(self.X, PackedFeatures) else self.X[where]
        coverage = self.coverage.set_index("clip_id", drop=False).loc[chosen["clip_ids"]]
        return replace(self, **chosen, coverage=coverage.reset_index(drop=True))


def layer_spans(widths: dict[str, int]) -> dict[str, slice]:
    """Return {layer: slice of its columns} for layers of the given widths that are concatenated in order."""
    ends = np.cumsum(list(widths.values()))
    return {
        name: slice(int(end) - width, int(end))
        for (name, width), end in zip(widths.items(), ends, strict=True)
    }


def columns_of(layers: tuple[str, ...], spans: dict[str, slice]) -> np.ndarray:
    """Return the columns of some layers, in their order, int array [D]."""
    return np.concatenate([np.arange(spans[name].start, spans[name].stop) for name in layers])

"""Score the crops of validation and test clips, and evaluate the scores with intervals."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from dfutils.adaptation.augmentation import look
from dfutils.adaptation.batches import blended
from dfutils.adaptation.crops import Crops
from dfutils.adaptation.network import AdaptedNetwork
from dfutils.adaptation.settings import AdaptSettings, Fakes
from dfutils.auc import auc_with_interval
from dfutils.bootstrap import group_codes
from dfutils.errors import DataError
from dfutils.tables import PREDICTION_COLUMNS

PSEUDO_METHOD = "pseudo-fake"
_BLOCK = 256


@dataclass(frozen=True, eq=False)
class Sample:
    """Crops to score, named but not read yet.

    Args:
        table: DataFrame. One row per crop: clip_id, key, frame, label, group, method and pseudo (whether the crop is
            turned into a pseudo-fake).
    """

    table: pd.DataFrame = field(repr=False)

    def __len__(self) -> int:
        return len(self.table)

    @property
    def has_both_classes(self) -> bool:
        """Whether there are real and fake crops."""
        return self.table["label"].nunique() == 2


def sample_crops(crops: Crops, rows: pd.DataFrame, *, fakes: Fakes, per_clip: int) -> Sample:
    """List crops of clips, evenly spread over each clip.

    Args:
        crops: Crops.
        rows: DataFrame. The rows of `crops.table` to use.
        fakes: str. `"pseudo"` adds a pseudo-fake of each real crop in which a face was found. Other values do not.
        per_clip: int. The largest number of crops of a clip.

    Returns:
        Sample.
    """
    listed = []
    for row in rows.itertuples():
        frames = np.unique(np.linspace(0, row.frames - 1, min(per_clip, row.frames)).round().astype(int))
        facts = {"clip_id": row.clip_id, "key": row.key, "group": row.group}
        found = np.zeros(row.frames, bool)
        if fakes == "pseudo" and row.label == 0:
            found = crops.has_face(row.key)
        for frame in frames:
            listed.append(
                facts | {"frame": frame, "label": int(row.label), "method": row.method, "pseudo": False}
            )
            if found[frame]:
                listed.append(facts | {"frame": frame, "label": 1, "method": PSEUDO_METHOD, "pseudo": True})
    columns = ["clip_id", "key", "group", "frame", "label", "method", "pseudo"]
    return Sample(pd.DataFrame(listed, columns=columns))


def thin_out(sample: Sample, count: int) -> Sample:
    """Return at most `count` crops, evenly spread, half of them of each class where there are enough."""
    kept = []
    for _, rows in sample.table.groupby("label"):
        kept.append(rows.iloc[np.unique(np.linspace(0, len(rows) - 1, count // 2).round().astype(int))])
    return Sample(pd.concat(kept).sort_index()) if kept else sample


def pictures_of(crops: Crops, sample: Sample, settings: AdaptSettings) -> np.ndarray:
    """Return what the network sees of the crops of a sample, uint8 [N, side, side, 3]."""
    matrix, side = settings.view.matrix(), settings.view.side
    pictures = np.empty((len(sample), side, side, 3), np.uint8)
    for i, row in enumerate(sample.table.itertuples()):
        if row.pseudo:
            rng = np.random.default_rng([settings.seed, int(row.key[:8], 16), row.frame])
            crop, _ = blended(crops, row.key, row.frame, settings=settings, rng=rng)
        else:
            crop = crops.crop(row.key, row.frame)
        pictures[i] = look(crop, matrix, side)
    return pictures


def score_sample(
    network: AdaptedNetwork, crops: Crops, sample: Sample, settings: AdaptSettings
) -> pd.DataFrame:
    """Score all crops of a sample, in blocks that fit into memory.

    Returns:
        DataFrame. The table of the sample with one more column: score, P(fake).
    """
    parts = [Sample(sample.table.iloc[i : i + _BLOCK]) for i in range(0, len(sample), _BLOCK)]
    scores = [network.score(pictures_of(crops, part, settings)) for part in parts]
    return sample.table.assign(score=np.concatenate(scores) if scores else [])


def evaluate_frames(scored: pd.DataFrame, split: str) -> list[dict[str, Any]]:
    """Compute the AUC by crop and by clip, over all fakes and for each method, with 95 % intervals.

    The score of a clip is the mean of the scores of its crops. Groups are resampled for the intervals.

    Args:
        scored: DataFrame. From `score_sample`.
        split: str. The name of the split, for the result.

    Returns:
        list of dict. split, unit (`"frame"` or `"clip"`), method (`""` for all fakes), value, low, high, n_real, n_fake
        and n_groups. Empty if there are no real or no fake crops.
    """
    if scored.empty or scored["label"].nunique() < 2:
        return []
    names = scored["clip_id"] + scored["pseudo"].map({True: "#pseudo", False: ""})
    frames = scored.assign(clip_id=names + "#" + scored["frame"].astype(str))
    clips = scored.assign(clip_id=names).groupby("clip_id", as_index=False)
    clips = clips.agg({"label": "first", "group": "first", "method": "first", "score": "mean"})
    results = []
    for unit, table in (("frame", frames), ("clip", clips)):
        results.append(_result(table, split, unit, ""))
        methods = sorted(table.loc[table["label"] == 1, "method"].unique())
        if len(methods) > 1:
            for method in methods:
                inside = table[(table["label"] == 0) | (table["method"] == method)]
                results.append(_result(inside, split, unit, method))
    return results


def _result(table: pd.DataFrame, split: str, unit: str, method: str) -> dict[str, Any]:
    labels, scores = table["label"].to_numpy(int), table["score"].to_numpy(float)
    codes = group_codes(table["group"])
    value, low, high = auc_with_interval(labels, scores, codes, n_bootstrap=2000, seed=7)
    numbers = {"value": value, "low": low, "high": high}
    return {
        "split": split,
        "unit": unit,
        "method": method,
        **{name: None if np.isnan(number) else number for name, number in numbers.items()},
        "n_real": int((labels == 0).sum()),
        "n_fake": int((labels == 1).sum()),
        "n_groups": int(codes.max()) + 1,
    }


def clip_predictions(rows: pd.DataFrame, scored: pd.DataFrame) -> pd.DataFrame:
    """Return the score of each clip: the mean over its crops.

    Args:
        rows: DataFrame. The clips, with or without crops: rows of `Crops.table`.
        scored: DataFrame. From `score_sample`. Pseudo-fakes are left out.

    Returns:
        DataFrame with the columns `dfutils.tables.PREDICTION_COLUMNS`. The score is NaN for a clip without crops.
    """
    scores = scored[~scored["pseudo"]].groupby("clip_id")["score"].mean()
    table = rows.assign(score=rows["clip_id"].map(scores).astype(float))
    return table[list(PREDICTION_COLUMNS)].reset_index(drop=True)


def check_has_crops(rows: pd.DataFrame, part: str) -> None:
    """Raise a DataError if there is no clip with a face crop."""
    if rows.empty:
        raise DataError(
            f"No {part} clip has a face crop within the budget. Give more minutes, or look at the clips."
        )

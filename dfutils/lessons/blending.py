"""Make a few pseudo-fakes of real clips, to look at them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from dfutils.data.validation import catalog_table, root_of
from dfutils.errors import ClipError
from dfutils.frames import FaceCrop, Sampling, crop_faces, find_landmarks, read_clip
from dfutils.frames.self_blending import SelfBlend, draw_blend
from dfutils.tables import Catalog


@dataclass(frozen=True, eq=False)
class BlendExamples:
    """Face crops, and pseudo-fakes of them.

    Args:
        originals, fakes: list of uint8 arrays [299, 299, 3].
        masks: list of uint8 arrays [299, 299]. 1 where the pseudo-fake is altered.
        methods: list of str. Which part of the face was pasted.
    """

    originals: list[np.ndarray]
    fakes: list[np.ndarray]
    masks: list[np.ndarray]
    methods: list[str]


def blend_examples(
    catalog: Catalog | pd.DataFrame,
    root: str | Path | None = None,
    *,
    count: int = 4,
    settings: SelfBlend | None = None,
    face: FaceCrop | None = None,
    seed: int = 7,
) -> BlendExamples:
    """Make pseudo-fakes of the first real clips in which a face is found.

    Args:
        catalog: Catalog or DataFrame. One row per clip, with path, label and group. One clip of each group is used.
        root: str or Path or None. The folder that the paths are relative to. Defaults to None: the Catalog's own root.
        count: int. The largest number of examples. Defaults to 4.
        settings: SelfBlend. Defaults to `SelfBlend()`, with the pasted face changed and not its surroundings.
        face: FaceCrop. Defaults to `FaceCrop()`.
        seed: int. Defaults to 7.

    Returns:
        BlendExamples. Empty lists if no clip shows a face.
    """
    folder, table = (
        root_of(catalog, root),
        catalog_table(catalog, needs=("clip_id", "path", "label", "group")),
    )
    real = table[(table["label"] == 0).fillna(False)].drop_duplicates("group")
    examples = BlendExamples([], [], [], [])
    for number, path in enumerate(real["path"]):
        if len(examples.originals) >= count:
            break
        try:
            crop = crop_faces(read_clip(folder / path, Sampling(frames=1)), face or FaceCrop()).crops[0]
        except ClipError:
            continue
        landmarks = find_landmarks(crop[None])[0]
        if np.isnan(landmarks).any():
            continue
        blend = draw_blend(np.random.default_rng([seed, number]), settings or SelfBlend(source=1.0))
        fake, base, mask = blend.apply(crop, landmarks)
        examples.originals.append(base)
        examples.fakes.append(fake)
        examples.masks.append((mask > 0).astype(np.uint8))
        examples.methods.append(blend.region)
    return examples

"""Check the answers to the exercises of notebook 03."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from dfutils.features import FeatureSet
from dfutils.lessons.answers import Statement, check_answer, check_array, check_choice


def bytes_per_clip(answer: float | None, features: FeatureSet) -> None:
    """Check the exercise of notebook 03: the number of bytes that the features of the longest clip take in the store.

    Args:
        answer: int or None. The reader's answer.
        features: FeatureSet.
    """
    count, numbers = features.X.shape[1:]
    check_answer(
        answer,
        count * numbers * 2,
        usual={
            count * numbers: "That is how many numbers there are. Each takes more than one byte.",
            count * numbers * 4: "That would be right for float32.",
            count * numbers * 16: "A float16 has 16 *bits*. A byte has 8.",
            numbers * 2: "That is one frame.",
            features.X.size * 2: "That is all clips together.",
        },
        hint="multiply the frames, the values per frame and the bytes per value. A float16 has 16 bits.",
    )


def crops_without_cache(answer: float | None, features: FeatureSet, *, trainings: int, epochs: int) -> None:
    """Check the exercise of notebook 03: the crops that InceptionV3 would see if features were not kept.

    Args:
        answer: int or None. The reader's answer.
        features: FeatureSet. The clips that are trained on.
        trainings: int. How many models are trained.
        epochs: int. Passes over the clips in each training.
    """
    crops = int(features.mask.sum())
    check_answer(
        answer,
        crops * trainings * epochs,
        usual={
            crops: "That is one pass over the clips.",
            crops * epochs: "That is one training.",
            len(features) * trainings * epochs: "Those are clips. Each clip has several crops.",
            features.mask.size * trainings * epochs: "That counts the padding, too.",
        },
        hint="in every epoch of every training, each crop would go through the network again. The mask is True once "
        "per crop.",
        tolerance=1e-9,
    )


CHANGES = {
    "A": Statement(
        "A video file gets another name.",
        False,
        "the file's name in the store comes from the *content* of the video.",
    ),
    "B": Statement(
        "A video is compressed again, and replaces the old file.", True, "other content has other features."
    ),
    "C": Statement(
        "The GRU is trained for 20 epochs instead of 10.",
        False,
        "the GRU reads the features. It does not change them.",
    ),
    "D": Statement(
        "The margin around the face grows from 1.3 to 1.5.", True, "other crops give other features."
    ),
    "E": Statement(
        "The clips are split with another seed.", False, "the split only says which clips are for training."
    ),
    "F": Statement(
        "The label of a clip was wrong, and is corrected in the catalog.",
        False,
        "no feature depends on the label.",
    ),
}


def needs_extraction(answer: Iterable[str] | None) -> None:
    """Check the exercise of notebook 03: the changes after which features must be extracted again.

    Args:
        answer: set or list of str, or None. The letters of `CHANGES` that the reader chose.
    """
    check_choice(
        answer,
        CHANGES,
        hint="features depend on the pixels of the crops and on the network, and on nothing else.",
    )


def mask_of_lengths(answer: Any, lengths: Sequence[int]) -> None:
    """Check the exercise of notebook 03: the mask of padded clips, written by the reader.

    Args:
        answer: bool array [N, T] or None. The reader's answer.
        lengths: sequence of int. The number of frames of each clip. T is the largest of them.
    """
    frames = np.arange(max(lengths))
    right = frames < np.asarray(lengths)[:, None]
    check_array(
        answer,
        right,
        usual=[
            (~right, "That is inverted: the mask is True where a frame *exists*."),
            (right[:, ::-1], "That pads at the beginning. The padding is at the end."),
            (right.T, "That is transposed: one row per clip, one column per frame."),
            (
                frames <= np.asarray(lengths)[:, None],
                "That is one frame too many: the first frame is number 0.",
            ),
        ],
        hint="compare the number of each frame, `np.arange(max(lengths))`, with the length of each clip.",
    )

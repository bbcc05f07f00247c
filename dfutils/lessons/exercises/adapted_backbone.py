"""Check the answers to the exercises of notebook 08."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dfutils.lessons.answers import check_answer, check_array


def passes(answer: float | None, *, steps: int, batch_size: int, crops: int) -> None:
    """Check the exercise of notebook 08: how often each training crop was seen, on average.

    Args:
        answer: float or None. The reader's answer.
        steps: int. Number of training steps.
        batch_size: int. Crops in a batch.
        crops: int. Number of training crops.
    """
    check_answer(
        answer,
        steps * batch_size / crops,
        usual={
            steps / crops: "That counts one crop per step. A step takes a whole batch.",
            crops / (steps * batch_size): "That is upside down.",
            steps * batch_size: "That is how many crops all steps take together.",
        },
        hint="how many crops do all steps together take? Divide by the number of training crops.",
    )


def pairs_in_order(answer: float | None, scores: Sequence[float], labels: Sequence[int]) -> None:
    """Check the exercise of notebook 08: the AUC of a forgery, counted by hand as a share of pairs.

    Args:
        answer: float or None. The reader's answer.
        scores: sequence of float. The scores of real and fake clips.
        labels: sequence of int. 1 = fake, 0 = real.
    """
    fakes = [score for score, label in zip(scores, labels, strict=True) if label == 1]
    reals = [score for score, label in zip(scores, labels, strict=True) if label == 0]
    right = sum((fake > real) + 0.5 * (fake == real) for fake in fakes for real in reals)
    strictly = sum(fake > real for fake in fakes for real in reals)
    pairs = len(fakes) * len(reals)
    check_answer(
        answer,
        right / pairs,
        usual={
            1 - right / pairs: "That is the share of the pairs in the wrong order.",
            float(right): "That is a number of pairs. Divide it by the number of all pairs.",
            strictly / pairs: "That leaves out the ties.",
        },
        hint="pair each fake clip with each real clip. In what share of the pairs does the fake have the higher score? "
        "A tie counts half.",
    )


def blend_parts(*, seed: int = 7) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a tiny face, a tiny face to paste and a soft mask, for an exercise of notebook 08.

    Returns:
        tuple of float arrays: face [4, 4, 3], pasted [4, 4, 3] and mask [4, 4], whose values are between 0 and 1.
    """
    rng = np.random.default_rng(seed)
    face, pasted = rng.integers(0, 256, (2, 4, 4, 3)).astype(float)
    mask = np.outer([0.0, 1.0, 1.0, 0.5], [0.0, 0.5, 1.0, 1.0])
    return face, pasted, mask


def blended(answer: Any, face: np.ndarray, pasted: np.ndarray, mask: np.ndarray) -> None:
    """Check the exercise of notebook 08: a face that is blended with another by a mask, written by the reader.

    Args:
        answer: float array [H, W, 3] or None. The reader's answer.
        face, pasted: float array [H, W, 3].
        mask: float array [H, W]. 1 where the pasted face is seen alone, 0 where the first face is.
    """
    weight = mask[..., None]
    check_array(
        answer,
        weight * pasted + (1 - weight) * face,
        usual=[
            (
                weight * face + (1 - weight) * pasted,
                "That is the other way round: where the mask is 1, paste.",
            ),
            (weight * pasted, "That is black outside the mask. Add the rest of the face."),
            (
                weight * pasted + face,
                "Outside the mask, the face is kept. Inside, it must be covered: (1 - mask).",
            ),
            (
                np.where(weight > 0.5, pasted, face),
                "That has a hard edge. A mask of 0.5 mixes both faces equally.",
            ),
        ],
        absolute_tolerance=1.0,
        hint="mask x pasted + (1 - mask) x face. `mask[..., None]` gives the mask a third axis for the colours.",
    )

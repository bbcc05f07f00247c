"""Check the answers to the exercises of notebook 04."""

import math
from typing import Any

import numpy as np

from dfutils.lessons.answers import check_answer, check_array


def gru_parameters(answer: float | None, model: Any) -> None:
    """Check the exercise of notebook 04: the number of parameters of the GRU layer.

    A GRU has two gates, update and reset, and a candidate state (Cho et al., 2014). Each of the three has weights from
    the input (D per unit), weights from the state (one per unit and unit) and two biases per unit.

    Args:
        answer: int or None. The reader's answer.
        model: keras.Model. From `training.build_gru`.
    """
    right = model.get_layer("gru").count_params()
    check_answer(
        answer,
        right,
        usual={
            right // 3: "That is one of the three: there are two gates *and* a candidate state.",
            right * 4 // 3: "That is four blocks, as an LSTM has. A GRU has three.",
            right - 3 * model.get_layer("gru").units: "Keras gives each unit *two* biases per gate.",
            right - 6 * model.get_layer("gru").units: "That is without the biases.",
            model.count_params(): "That is the whole model.",
        },
        hint="two gates and a candidate state, each with weights from the input (D), from the state (units), and two "
        "biases, for each unit.",
        tolerance=1e-9,
    )


def weight_updates(answer: float | None, *, clips: int, batch_size: int, epochs: int) -> None:
    """Check the exercise of notebook 04: how many times a training changes the weights.

    Args:
        answer: int or None. The reader's answer.
        clips: int. Number of training clips.
        batch_size: int. Clips per batch.
        epochs: int. Passes over the training clips.
    """
    check_answer(
        answer,
        math.ceil(clips / batch_size) * epochs,
        usual={
            clips // batch_size * epochs: "That leaves out the last, smaller batch of each epoch.",
            math.ceil(clips / batch_size): "That is one epoch.",
            clips * epochs: "That would be right for batches of one clip.",
            math.ceil(clips * epochs / batch_size): "A batch does not reach into the next epoch.",
        },
        hint="each batch changes the weights once. The last batch of an epoch may be smaller, but it counts.",
        tolerance=1e-9,
    )


def constant_scores(answer: Any, train_labels: np.ndarray, val_labels: np.ndarray) -> None:
    """Check the exercise of notebook 04: the scores of the constant baseline, written by the reader.

    Args:
        answer: float array [N] or None. The reader's answer: one score per validation clip.
        train_labels, val_labels: int array. 1 = fake, 0 = real.
    """
    share, count = float(np.mean(train_labels)), len(val_labels)
    other = float(np.mean(val_labels))
    check_array(
        answer,
        np.full(count, share),
        usual=[
            (share, "That is the score of one clip. Give one score per validation clip."),
            (np.full(len(train_labels), share), "That is one score per *training* clip."),
            (
                np.full(count, other),
                "That is the share among the *validation* clips: a detector may not know it.",
            ),
            (np.full(count, 1 - share), "That is P(real). A score is P(fake)."),
            (np.full(count, round(share)), "Those are verdicts. A score is a probability."),
        ],
        absolute_tolerance=1e-6,
        hint="`train.y.mean()` is the share of fakes in training. `np.full(len(val), …)` repeats a number.",
    )

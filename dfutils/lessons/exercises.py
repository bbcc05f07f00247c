"""Check the answers to the exercises of the notebooks: each function prints whether an answer is right, or a hint."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from dfutils.data.validation import catalog_table
from dfutils.features import FeatureSet
from dfutils.lessons.answers import check_answer
from dfutils.tables import Catalog


def majority_line(answer: float | None, catalog: Catalog | pd.DataFrame) -> None:
    """Check the exercise of notebook 01: the accuracy of always naming the majority class.

    Only the real clips and the fakes of the first method, in alphabetical order, count.

    Args:
        answer: float or None. The reader's answer.
        catalog: Catalog or DataFrame. One row per clip, with label and method.
    """
    table = catalog_table(catalog, needs=("label", "method"))
    method = table.loc[table["label"] == 1, "method"].min()
    share = table.loc[(table["label"] == 0) | (table["method"] == method), "label"].mean()
    check_answer(
        answer,
        float(max(share, 1 - share)),
        hint=f"count the real clips, count the clips forged by {method}, and divide the larger count by the sum.",
    )


def shared_groups(answer: float | None, train: pd.DataFrame, test: pd.DataFrame) -> None:
    """Check the exercise of notebook 01: the share of the test clips whose group has clips in training too.

    Args:
        answer: float or None. The reader's answer.
        train: DataFrame. One row per training clip, with group.
        test: DataFrame. One row per test clip, with group.
    """
    check_answer(
        answer,
        float(test["group"].isin(train["group"]).mean()),
        hint="for each test clip, see whether its group is among the groups of the training clips. Divide the number "
        "of such clips by the number of test clips.",
    )


def first_sample(answer: float | None, *, count: int, rate: float, frames: int) -> None:
    """Check the exercise of notebook 02: the time of the first frame that is sampled from a clip.

    Args:
        answer: float or None. The reader's answer, in seconds.
        count: int. Number of frames in the clip.
        rate: float. Frames per second.
        frames: int. Number of frames that are sampled.
    """
    check_answer(
        answer,
        int(0.5 * count / frames) / rate,
        hint="the clip is cut into equal parts, and the middle frame of each part is sampled. How many frames long is "
        "a part, and how many seconds is half of it?",
        absolute_tolerance=0.5 / rate,
    )


def crop_side(answer: float | None, *, width: float, height: float, margin: float) -> None:
    """Check the exercise of notebook 02: the side of the square that is cut out around a face, before it is resized.

    Args:
        answer: float or None. The reader's answer, in pixels.
        width, height: float. The face's box, in pixels.
        margin: float. Side of the square divided by the longer side of the box.
    """
    check_answer(
        answer,
        max(width, height) * margin,
        hint="the square has room for the longer side of the box, times the margin.",
        absolute_tolerance=0.5,
    )


def bytes_per_clip(answer: float | None, features: FeatureSet) -> None:
    """Check the exercise of notebook 03: the number of bytes that the features of the longest clip take in the store.

    Args:
        answer: int or None. The reader's answer.
        features: FeatureSet.
    """
    check_answer(
        answer,
        features.X.shape[1] * features.X.shape[2] * 2,
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
    check_answer(
        answer,
        int(features.mask.sum()) * trainings * epochs,
        hint="in every epoch of every training, each crop would go through the network again. The mask is True once "
        "per crop.",
        tolerance=1e-9,
    )


def gru_parameters(answer: float | None, model: Any) -> None:
    """Check the exercise of notebook 04: the number of parameters of the GRU layer.

    A GRU has two gates, update and reset, and a candidate state (Cho et al., 2014). Each of the three has weights from
    the input (D per unit), weights from the state (one per unit and unit) and two biases per unit.

    Args:
        answer: int or None. The reader's answer.
        model: keras.Model. From `training.build_gru`.
    """
    check_answer(
        answer,
        model.get_layer("gru").count_params(),
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
        hint="each batch changes the weights once. The last batch of an epoch may be smaller, but it counts.",
        tolerance=1e-9,
    )


def precision_at_base_rate(
    answer: float | None, *, recall: float, false_positive_rate: float, base_rate: float
) -> None:
    """Check the exercise of notebook 05: the precision if only few videos are fake.

    Args:
        answer: float or None. The reader's answer.
        recall: float. Share of the fakes that are called fake.
        false_positive_rate: float. Share of the real clips that are called fake.
        base_rate: float. Share of fakes among the videos to judge.
    """
    hits, alarms = recall * base_rate, false_positive_rate * (1 - base_rate)
    check_answer(
        answer,
        hits / (hits + alarms) if hits + alarms else 0.0,
        hint="of 10,000 videos, how many are fake and called fake, and how many are real and called fake?",
    )


def full_grid(answer: float | None, choices: Mapping[str, Sequence[Any]], *, seconds: float) -> None:
    """Check the exercise of notebook 07: the hours that it would take to try every combination of the choices once.

    Args:
        answer: float or None. The reader's answer, in hours.
        choices: dict. {setting: its choices}.
        seconds: float. How long one trial takes.
    """
    check_answer(
        answer,
        math.prod(len(values) for values in choices.values()) * seconds / 3600,
        hint="the number of combinations is the product of the numbers of choices. Multiply it by the seconds of one "
        "trial, and divide by the 3600 seconds of an hour.",
    )


def balanced_accuracy(answer: float | None, confusion: pd.DataFrame) -> None:
    """Check the exercise of notebook 05: the balanced accuracy, computed from the confusion matrix.

    Args:
        answer: float or None. The reader's answer.
        confusion: DataFrame. The number of clips by true class (rows `real`, `fake`) and by the class they are called
            (columns `real`, `fake`), with clips of both classes, as `Evaluation.confusion` has it.
    """
    shares = [confusion.loc[truth, truth] / confusion.loc[truth].sum() for truth in ("real", "fake")]
    check_answer(
        answer,
        float(sum(shares) / 2),
        hint="of the real clips, which share is called real? Of the fakes, which share is called fake? The mean of the "
        "two is the balanced accuracy.",
    )


def times_scored(answer: float | None, *, repeats: int, seeds: int) -> None:
    """Check the exercise of notebook 06: how often a cross-validation scores each clip with the same detector.

    Args:
        answer: int or None. The reader's answer.
        repeats: int. How often the folds are drawn.
        seeds: int. How often the detector is trained per fold.
    """
    check_answer(
        answer,
        repeats * seeds,
        hint="each time the folds are drawn, a clip is in the test of exactly one of them. How many models score it "
        "there?",
        tolerance=1e-9,
    )


def share_lost(answer: float | None, *, auc: float, elsewhere: float) -> None:
    """Check the exercise of notebook 06: the share of a detector's lead over chance that is lost elsewhere.

    Args:
        answer: float or None. The reader's answer.
        auc: float above 0.5. The AUC on the data set that the detector was trained on.
        elsewhere: float. The AUC on another data set.
    """
    check_answer(
        answer,
        (auc - elsewhere) / (auc - 0.5),
        hint="how far above 0.5 was the AUC, and how far above 0.5 is it on the other data set?",
    )


def seed_spread(answer: float | None, differences: Sequence[float]) -> None:
    """Check the exercise of notebook 07: the standard deviation over seeds of the tuned model's gain.

    Args:
        answer: float or None. The reader's answer.
        differences: sequence of float. The difference in AUC, once per seed.
    """
    mean = sum(differences) / len(differences)
    squares = sum((difference - mean) ** 2 for difference in differences)
    check_answer(
        answer,
        math.sqrt(squares / max(1, len(differences) - 1)),
        hint="the sample standard deviation divides by the number of seeds minus one.",
        tolerance=0.02,
    )


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
    check_answer(
        answer,
        right / (len(fakes) * len(reals)),
        hint="pair each fake clip with each real clip. In what share of the pairs does the fake have the higher score? "
        "A tie counts half.",
    )

"""Check the answers to the exercises of notebook 05."""

import pandas as pd

from dfutils.evaluation import Evaluation
from dfutils.lessons.answers import check_answer


def balanced_accuracy(answer: float | None, confusion: pd.DataFrame) -> None:
    """Check the exercise of notebook 05: the balanced accuracy, computed from the confusion matrix.

    Args:
        answer: float or None. The reader's answer.
        confusion: DataFrame. The number of clips by true class (rows `real`, `fake`) and by the class they are called
            (columns `real`, `fake`), with clips of both classes, as `Evaluation.confusion` has it.
    """
    shares = [confusion.loc[truth, truth] / confusion.loc[truth].sum() for truth in ("real", "fake")]
    accuracy = sum(confusion.loc[truth, truth] for truth in ("real", "fake")) / confusion.to_numpy().sum()
    check_answer(
        answer,
        float(sum(shares) / 2),
        usual={
            float(accuracy): "That is the accuracy: it counts the larger class more.",
            float(shares[0]): "That is the share of the real clips alone.",
            float(shares[1]): "That is the share of the fakes alone.",
            float(sum(shares)): "That is the sum of the two shares, not their mean.",
        },
        hint="of the real clips, which share is called real? Of the fakes, which share is called fake? The mean of the "
        "two is the balanced accuracy.",
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
        usual={
            recall: "That is the recall: of the *fakes*, the share that is called fake.",
            recall / max(1e-12, recall + false_positive_rate): "That is for as many fakes as real videos.",
            1 - false_positive_rate: "That is the share of the real videos that are called real.",
            hits: "That is the share of *all* videos that are fake and called fake.",
        },
        hint="of 10,000 videos, how many are fake and called fake, and how many are real and called fake?",
    )


def equal_error_rate(answer: float | None, evaluation: Evaluation) -> None:
    """Check the exercise of notebook 05: the equal error rate, read from the table of the ROC curve.

    Args:
        answer: float or None. The reader's answer.
        evaluation: Evaluation. Of the detector, with its ROC curve.
    """
    right = float(evaluation.table.loc["eer", "value"])
    nearest = evaluation.roc.iloc[(evaluation.roc["fpr"] - (1 - evaluation.roc["tpr"])).abs().argmin()]
    check_answer(
        answer,
        right,
        usual={
            1 - right: "That is the share that is called *correctly* there.",
            float(evaluation.table.loc["auc", "value"]): "That is the area under the curve.",
            float(
                nearest["threshold"]
            ): "That is the threshold. The EER is the share of errors at that threshold.",
            float((evaluation.roc["fpr"] - (1 - evaluation.roc["tpr"])).abs().min()): "That is the smallest "
            "*difference* of the two shares. Find the row where it is, and look at the shares there.",
        },
        # The curve is a staircase. The nearest point and the interpolated one may be a clip apart.
        absolute_tolerance=0.5 / max(1, min(evaluation.n_real, evaluation.n_fake)) + 1e-9,
        hint="false alarms are `fpr`, missed fakes are `1 - tpr`. Find the row of the table where the two are closest, "
        "and take their mean.",
    )

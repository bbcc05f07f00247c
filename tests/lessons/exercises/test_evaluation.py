import pandas as pd

from dfutils import evaluation
from dfutils.lessons import exercises

CONFUSION = pd.DataFrame({"real": [8, 7], "fake": [2, 3]}, index=["real", "fake"])


def test_balanced_accuracy(check_replies):
    wrong = {0.8: "real clips alone", 0.3: "fakes alone", 1.1: "not their mean", 0.1: "mean of the two"}
    check_replies(lambda answer: exercises.balanced_accuracy(answer, CONFUSION), 0.55, wrong)
    unequal = pd.DataFrame({"real": [8, 70], "fake": [2, 30]}, index=["real", "fake"])
    check_replies(
        lambda answer: exercises.balanced_accuracy(answer, unequal), 0.55, {38 / 110: "the accuracy"}
    )


def test_precision_at_base_rate(check_replies):
    wrong = {0.9: "share that is called fake", 0.009: "of *all* videos", 0.1: "how many are fake"}
    rates = {"recall": 0.9, "false_positive_rate": 0.2, "base_rate": 0.01}
    wrong |= {0.9 / 1.1: "as many fakes as real", 0.8: "real videos that are called real"}
    check_replies(
        lambda answer: exercises.precision_at_base_rate(answer, **rates), 0.009 / (0.009 + 0.198), wrong
    )


def test_equal_error_rate(check_replies):
    scores = [0.1, 0.2, 0.3, 0.62, 0.4, 0.7, 0.8, 0.9]
    table = pd.DataFrame({"clip_id": list("abcdefgh"), "label": [0] * 4 + [1] * 4, "score": scores})
    judged = evaluation.evaluate(table.assign(group=table["clip_id"]), n_bootstrap=0)
    wrong = {
        0.75: "called *correctly*",
        15 / 16: "area under the curve",
        0.62: "That is the threshold",
        0.5: "Find",
    }
    check_replies(lambda answer: exercises.equal_error_rate(answer, judged), 0.25, wrong)

import pandas as pd

from dfutils.lessons import exercises


def test_share_of_unsure_verdicts(check_replies):
    verdicts = ["fake", "unsure", "real", "unsure", "real"]
    wrong = {2: "number of clips", 0.6: "got a verdict", 2 / 3: "*all* judged clips", 0.1: "verdict unsure"}
    check_replies(lambda answer: exercises.share_unsure(answer, verdicts), 0.4, wrong)


def test_share_of_wrong_verdicts_without_unsure(check_replies):
    """A score at the threshold is called fake."""
    table = pd.DataFrame({"score": [0.45, 0.2, 0.9, 0.4], "label": [0, 0, 1, 1]})
    wrong = {2: "Take the share", 0.25: "threshold of 0.5", 0.1: "at least the threshold"}
    check_replies(lambda answer: exercises.wrong_without_unsure(answer, table, threshold=0.45), 0.5, wrong)
    three = table.iloc[1:]
    check_replies(
        lambda answer: exercises.wrong_without_unsure(answer, three, threshold=0.45),
        1 / 3,
        {2 / 3: "*right*"},
    )

import pandas as pd

from dfutils.lessons import verdict_exercises


def test_share_of_unsure_verdicts(capsys):
    verdicts = ["fake", "unsure", "real", "unsure", "real"]
    verdict_exercises.share_unsure(0.4, verdicts)
    assert "Right" in capsys.readouterr().out
    verdict_exercises.share_unsure(2, verdicts)
    assert "count the clips with the verdict unsure" in capsys.readouterr().out


def test_share_of_wrong_verdicts_without_unsure(capsys):
    table = pd.DataFrame({"score": [0.5, 0.2, 0.9, 0.4], "label": [0, 0, 1, 1]})
    verdict_exercises.wrong_without_unsure(
        0.5, table, threshold=0.5
    )  # a score at the threshold is called fake
    assert "Right" in capsys.readouterr().out
    verdict_exercises.wrong_without_unsure(0.25, table, threshold=0.5)
    assert "called fake if its score is at least the threshold" in capsys.readouterr().out

"""Check the answers to the exercises of notebook 09."""

from collections.abc import Sequence

import pandas as pd

from dfutils.lessons.answers import check_answer


def share_unsure(answer: float | None, verdicts: Sequence[str]) -> None:
    """Check the exercise of notebook 09: the share of the clips on which the detector is unsure.

    Args:
        answer: float or None. The reader's answer.
        verdicts: sequence of str. The verdict on each clip.
    """
    unsure = list(verdicts).count("unsure")
    check_answer(
        answer,
        unsure / max(1, len(verdicts)),
        usual={
            float(unsure): "That is a number of clips. Divide it by the number of all judged clips.",
            1 - unsure / max(1, len(verdicts)): "That is the share that got a verdict.",
            unsure / max(1, len(verdicts) - unsure): "Divide by *all* judged clips, also the unsure ones.",
        },
        hint="count the clips with the verdict unsure, and divide by the number of all judged clips.",
    )


def wrong_without_unsure(answer: float | None, table: pd.DataFrame, *, threshold: float) -> None:
    """Check the exercise of notebook 09: the share of wrong verdicts if the detector had to answer every time.

    Args:
        answer: float or None. The reader's answer.
        table: DataFrame. One row per judged clip, with label and score.
        threshold: float. A clip with this score or a higher one is called fake.
    """
    called_fake = table["score"] >= threshold
    is_wrong = called_fake != (table["label"] == 1)
    check_answer(
        answer,
        float(is_wrong.mean()),
        usual={
            float((~is_wrong).mean()): "That is the share of the *right* verdicts.",
            float(is_wrong.sum()): "That is a number of clips. Take the share.",
            float(
                ((table["score"] >= 0.5) != (table["label"] == 1)).mean()
            ): "That is with a threshold of 0.5.",
        },
        hint="a clip is called fake if its score is at least the threshold, and real otherwise. Compare this with its "
        "label, and take the mean of where they differ.",
    )

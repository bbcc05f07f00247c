"""Check the answers to the exercises of notebook 06."""

from collections.abc import Iterable

from dfutils.lessons.answers import Statement, check_answer, check_choice


def times_scored(answer: float | None, *, folds: int, repeats: int, seeds: int) -> None:
    """Check the exercise of notebook 06: how often a cross-validation scores each clip with the same detector.

    Args:
        answer: int or None. The reader's answer.
        folds: int. Into how many folds the clips are divided.
        repeats: int. How often the folds are drawn.
        seeds: int. How often the detector is trained per fold.
    """
    check_answer(
        answer,
        repeats * seeds,
        usual={
            repeats: "That is with one training per fold.",
            repeats * seeds * folds: "A clip is in the test of only *one* of the folds.",
            seeds: "That is for folds that are drawn once.",
        },
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
        usual={
            auc - elsewhere: "That is what is lost in AUC. Divide it by the lead that there was.",
            (elsewhere - 0.5) / (auc - 0.5): "That is the share of the lead that is *left*.",
            (auc - elsewhere) / auc: "Chance is 0.5, so an AUC of 0.5 is no lead at all.",
        },
        hint="how far above 0.5 was the AUC, and how far above 0.5 is it on the other data set?",
    )


PROTOCOLS = {
    "A": Statement(
        "Each feature is standardised with its mean over *all* clips, before the folds are drawn.",
        True,
        "the mean over all clips contains the test clips.",
    ),
    "B": Statement(
        "The folds are drawn by group. The threshold is chosen on validation clips of the training part.",
        False,
        "here the test clips choose nothing.",
    ),
    "C": Statement(
        "Each fold is trained with ten seeds. The seed with the best test AUC is reported.",
        True,
        "the best of ten test scores was chosen *by* the test.",
    ),
    "D": Statement(
        "The folds are drawn by clip. The data set has four clips of each person.",
        True,
        "the same person is in training and in the test.",
    ),
    "E": Statement(
        "One method is left out of training. Its fakes and real clips are tested, in groups that were not trained on.",
        False,
        "neither the fakes nor the groups of the test are in training.",
    ),
    "F": Statement(
        "The epoch with the highest AUC on the fold's test clips is kept.",
        True,
        "the test clips choose the epoch.",
    ),
}


def leaking_protocols(answer: Iterable[str] | None) -> None:
    """Check the exercise of notebook 06: the protocols in which the test leaks into the detector.

    Args:
        answer: set or list of str, or None. The letters of `PROTOCOLS` that the reader chose.
    """
    check_choice(
        answer,
        PROTOCOLS,
        hint="ask of each number that the detector or its report uses: did the test clips have a part in it?",
    )

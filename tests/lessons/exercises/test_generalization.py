from dfutils.lessons import exercises


def test_times_scored(check_replies):
    wrong = {3: "one training per fold", 30: "only *one* of the folds", 2: "drawn once", 5: "How many models"}
    check_replies(lambda answer: exercises.times_scored(answer, folds=5, repeats=3, seeds=2), 6, wrong)


def test_share_lost(check_replies):
    wrong = {0.16: "lost in AUC", 0.6: "that is *left*", 0.16 / 0.9: "no lead at all", 0.3: "how far above"}
    check_replies(lambda answer: exercises.share_lost(answer, auc=0.9, elsewhere=0.74), 0.4, wrong)


def test_leaking_protocols(check_replies):
    wrong = [
        ({"A", "C", "D"}, "F: the test clips choose the epoch"),
        ({"A", "B", "C", "D", "F"}, "B: here the test clips choose nothing"),
        ({"C", "D", "F"}, "the mean over all clips"),
    ]
    check_replies(exercises.leaking_protocols, {"A", "C", "D", "F"}, wrong)
    assert set(exercises.PROTOCOLS) == set("ABCDEF")

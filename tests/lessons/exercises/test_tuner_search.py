import math

from dfutils.lessons import exercises


def test_full_grid(check_replies):
    choices = {"units": [32, 64], "depth": [1, 2, 3]}
    wrong = {6: "how many combinations", 10800: "seconds", 180: "minutes", 2.5: "not added", 1: "product"}
    check_replies(lambda answer: exercises.full_grid(answer, choices, seconds=1800.0), 3, wrong)


def test_seed_spread(check_replies):
    wrong = {0.08165: "n − 1", 0.01: "variance", 0.9: "the mean", math.nan: "sample standard deviation"}
    check_replies(lambda answer: exercises.seed_spread(answer, [0.8, 0.9, 1.0]), 0.1, wrong)


def test_best_of_many(check_replies):
    """The mean of the largest of two normal numbers is 1 / sqrt(pi) standard deviations."""
    wrong = {0: "mean of *all*", 0.05: "one trial", 0.01: "one per row"}
    right = 0.05 / math.sqrt(math.pi)
    check_replies(lambda answer: exercises.best_of_many(answer, trials=2, spread=0.05), right, wrong)

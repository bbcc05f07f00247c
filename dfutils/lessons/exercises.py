"""The self-checks of the notebooks' exercises: each says whether an answer is right, or gives a hint."""

import math


def _check(answer, expected: float, hint: str, tolerance: float = 0.01, within: float = 1e-9) -> None:
    if answer is None:
        print("Set `answer` first, then run this cell again.")
    elif not isinstance(answer, (int, float)) and not hasattr(answer, "__float__"):
        print(f"Not yet: the answer is one number. Received: {answer!r}. Hint: {hint}")
    elif math.isclose(float(answer), expected, rel_tol=tolerance, abs_tol=within):
        print(f"Right: {float(answer):g}.")
    else:
        print(f"Not yet: {float(answer):g} is not it. Hint: {hint}")


def majority_line(answer, catalog) -> None:
    """Check notebook 01's exercise: always naming the commoner class, of the reals and one method's fakes.

    Args:
        answer: float or None. The reader's answer.
        catalog: DataFrame. The catalog.
    """
    method = catalog.loc[catalog["label"] == 1, "method"].min()
    share = catalog.loc[(catalog["label"] == 0) | (catalog["method"] == method), "label"].mean()
    _check(
        answer,
        float(max(share, 1 - share)),
        f"keep the real clips and those forged by {method}, count each, and divide the larger count by their sum.",
    )


def first_sample(answer, count: int, rate: float, frames: int) -> None:
    """Check notebook 02's exercise: the time in seconds of the first frame sampled from a clip.

    Args:
        answer: float or None.
        count: int. Frames in the clip.
        rate: float. Frames a second.
        frames: int. Frames sampled.
    """
    _check(
        answer,
        int(0.5 * count / frames) / rate,
        "the clip is cut into equal stretches and the middle frame of each is taken: how many frames long is "
        "a stretch, and how many seconds is half of that?",
        within=0.5 / rate,
    )


def bytes_per_clip(answer, features) -> None:
    """Check notebook 03's exercise: the bytes of one clip's cached features.

    Args:
        answer: int or None.
        features: FeatureSet. Its longest clip is asked for.
    """
    _check(
        answer,
        features.X.shape[1] * features.X.shape[2] * 2,
        "frames times numbers a frame times bytes a number; a float16 has 16 bits.",
    )


def gru_parameters(answer, model) -> None:
    """Check notebook 04's exercise: the number of parameters of the GRU layer.

    Args:
        answer: int or None.
        model: keras.Model. From `training.build_gru`.
    """
    _check(
        answer,
        model.get_layer("gru").count_params(),
        "three gates, each with weights from the input (D), from the state (units), and two biases, for each unit.",
        tolerance=1e-9,
    )


def precision_at_base_rate(answer, recall: float, false_positive_rate: float, base_rate: float) -> None:
    """Check notebook 05's exercise: the precision where only few videos are fake.

    Args:
        answer: float or None.
        recall: float. Share of fakes that are called fake.
        false_positive_rate: float. Share of real clips that are called fake.
        base_rate: float. Share of fakes among the videos met.
    """
    hits, alarms = recall * base_rate, false_positive_rate * (1 - base_rate)
    _check(
        answer,
        hits / (hits + alarms) if hits + alarms else 0.0,
        "of 10,000 videos, how many are fake and called so, and how many are real and called fake?",
    )


def seed_spread(answer, differences) -> None:
    """Check notebook 06's exercise: the standard deviation, over seeds, of what the tuned model gains.

    Args:
        answer: float or None.
        differences: sequence of float. One difference in AUC a seed.
    """
    mean = sum(differences) / len(differences)
    spread = math.sqrt(sum((one - mean) ** 2 for one in differences) / max(1, len(differences) - 1))
    _check(
        answer, spread, "the sample standard deviation, dividing by one less than the number of seeds.", 0.02
    )

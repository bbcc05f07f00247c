"""Compare a reader's answer with the right one."""

import math
from typing import Any


def check_answer(
    answer: Any, expected: float, *, hint: str, tolerance: float = 0.01, absolute_tolerance: float = 1e-9
) -> None:
    """Print whether the answer to an exercise is right, or a hint.

    Args:
        answer: float or None. The reader's answer.
        expected: float. The right answer.
        hint: str. What helps the reader to find it.
        tolerance, absolute_tolerance: float. As `rel_tol` and `abs_tol` of `math.isclose`.
    """
    if answer is None:
        print("Set `answer` first, then run this cell again.")
    elif not isinstance(answer, int | float) and not hasattr(answer, "__float__"):
        print(f"Not yet: the answer is one number. Received: {answer!r}. Hint: {hint}")
    elif math.isclose(float(answer), expected, rel_tol=tolerance, abs_tol=absolute_tolerance):
        print(f"Right: {float(answer):g}.")
    else:
        print(f"Not yet: {float(answer):g} is not right. Hint: {hint}")

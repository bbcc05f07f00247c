"""Compare a reader's answer with the right one, and reply with a hint or with what a usual wrong answer got wrong."""

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

_MISSING = "Set `answer` first, then run this cell again."


def check_answer(
    answer: Any,
    expected: float,
    *,
    hint: str,
    usual: Mapping[float, str] | None = None,
    tolerance: float = 0.01,
    absolute_tolerance: float = 1e-9,
) -> None:
    """Print whether a number is right, or what helps.

    Args:
        answer: float or None. The reader's answer.
        expected: float. The right answer.
        hint: str. What helps the reader to find it.
        usual: dict or None. {a usual wrong answer: what is wrong with it}. Defaults to None.
        tolerance, absolute_tolerance: float. As `rel_tol` and `abs_tol` of `math.isclose`.
    """

    def is_close(value: float) -> bool:
        return math.isclose(float(answer), value, rel_tol=tolerance, abs_tol=absolute_tolerance)

    if answer is None:
        print(_MISSING)
    elif not isinstance(answer, int | float) and not hasattr(answer, "__float__"):
        print(f"Not yet: the answer is one number. Received: {answer!r}. Hint: {hint}")
    elif is_close(expected):
        print(f"Right: {float(answer):g}.")
    else:
        near = [value for value in usual or {} if is_close(value)]
        known = f"{(usual or {})[min(near, key=lambda value: abs(value - answer))]} " if near else ""
        print(f"Not yet: {float(answer):g} is not right. {known}Hint: {hint}")


def check_array(
    answer: Any,
    expected: np.ndarray,
    *,
    hint: str,
    usual: Iterable[tuple[Any, str]] = (),
    absolute_tolerance: float = 1e-3,
) -> None:
    """Print whether an array or a list of numbers is right, or what helps.

    Args:
        answer: array, list or None. The reader's answer.
        expected: array. The right answer.
        hint: str. What helps the reader to find it.
        usual: iterable of (array, str). Usual wrong answers of any shape, and what is wrong with each.
        absolute_tolerance: float. By how much each number may differ. Defaults to 0.001.
    """

    def equals(value: Any) -> bool:
        value = np.asarray(value, float)
        return bool(given.shape == value.shape and np.allclose(given, value, rtol=0, atol=absolute_tolerance))

    if answer is None:
        print(_MISSING)
        return
    try:
        given = np.asarray(answer, float)
    except (TypeError, ValueError):
        print(f"Not yet: the answer is an array of numbers. Received: {answer!r}. Hint: {hint}")
        return
    if equals(expected):
        print(f"Right: {_in_words(expected)}.")
        return
    known = next((reply for value, reply in usual if equals(value)), None)
    if known is None and given.shape != expected.shape:
        known = f"The answer has the shape {_shape(expected)}; yours has {_shape(given)}."
    print("Not yet. " + (f"{known} " if known else "") + f"Hint: {hint}")


def check_names(
    answer: Any,
    expected: Collection[str],
    *,
    known: Collection[str],
    hint: str,
    why: Mapping[str, str] | None = None,
) -> None:
    """Print whether a set of names is right, or what helps.

    Args:
        answer: set or list of str, one str, or None. The reader's answer.
        expected: collection of str. The right names.
        known: collection of str. All names that may be given.
        hint: str. What helps the reader to find them.
        why: dict or None. {name: what to say if it is wrongly named or missing}. Defaults to None.
    """
    if answer is None:
        print(_MISSING)
        return
    try:
        given = {str(name) for name in ([answer] if isinstance(answer, str) else answer)}
    except TypeError:
        print(f"Not yet: the answer is a set of names. Received: {answer!r}. Hint: {hint}")
        return
    right = {str(name) for name in expected}
    unknown = given - {str(name) for name in known}
    if unknown:
        print(f"Not yet: {min(unknown)!r} is not one of the names to choose from. Hint: {hint}")
    elif given == right:
        print(f"Right: {', '.join(sorted(right))}.")
    else:
        extra, missing = sorted(given - right), sorted(right - given)
        counted = f"Not yet: {len(given & right)} right, {len(extra)} too many, {len(missing)} missing. "
        told = next(((why or {})[name] for name in (*extra, *missing) if name in (why or {})), "")
        print(counted + (f"{told} " if told else "") + f"Hint: {hint}")


@dataclass(frozen=True)
class Statement:
    """A statement of an exercise in which the reader chooses some of several.

    Args:
        text: str. The statement.
        chosen: bool. Whether it belongs to the right answer.
        why: str. Why, for a reader who has chosen otherwise.
    """

    text: str
    chosen: bool
    why: str


def check_choice(answer: Any, statements: Mapping[str, Statement], *, hint: str) -> None:
    """Print whether the right statements were chosen, or what helps.

    Args:
        answer: set or list of str, one str, or None. The letters that the reader chose.
        statements: dict. {letter: Statement}.
        hint: str. What helps the reader to decide.
    """
    right = {letter for letter, one in statements.items() if one.chosen}
    why = {letter: f"{letter}: {one.why}" for letter, one in statements.items()}
    check_names(answer, right, known=set(statements), why=why, hint=hint)


def list_statements(statements: Mapping[str, Statement]) -> pd.DataFrame:
    """Return a table of statements with their letters, for the reader."""
    return pd.DataFrame({"": list(statements), "statement": [one.text for one in statements.values()]})


def _in_words(array: np.ndarray) -> str:
    """Return a few numbers as they are, and the shape of more numbers."""
    if array.ndim == 1 and array.size <= 5:
        return ", ".join(f"{value:.3g}" for value in array.astype(float))
    return f"{_shape(array)} values" if array.ndim > 1 else f"{array.size} values"


def _shape(array: np.ndarray) -> str:
    return " x ".join(map(str, array.shape)) or "a single number"

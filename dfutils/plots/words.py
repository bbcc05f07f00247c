"""Format counts, lists, ranges and values with intervals as text, for alternative texts and captions."""

import math
import re
from collections.abc import Iterable, Sequence

import numpy as np

_IRREGULAR = {"fake": "fakes", "class": "classes", "is": "are", "contains": "contain", "has": "have"}
_UNDEFINED = "undefined"


def plural(word: str, number: int) -> str:
    """Return the singular or plural of a noun or verb, depending on a number: `plural("clip", 2)` is `"clips"`."""
    if number == 1:
        return word
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return f"{word[:-1]}ies"
    return _IRREGULAR.get(word, f"{word}s")


def count(number: int, noun: str) -> str:
    """Return a number with its noun, such as `"1 clip"` or `"12 clips"`."""
    return f"{number} {plural(noun, number)}"


def shorten(text: object, *, most: int = 32) -> str:
    """Shorten a text to one line of at most `most` characters. An ellipsis replaces the beginning of a long text."""
    line = re.sub(r"\s+", " ", str(text)).strip()
    return line if len(line) <= most else f"…{line[1 - most :]}"


def listed(items: Iterable[object], *, most: int = 4) -> str:
    """Join names, such as `"a, b and c"`. If there are more than `most`, such as `"a, b and 7 more"`."""
    names = [shorten(item, most=48) for item in items]
    if len(names) > most:
        shown, rest = names[: max(1, most - 1)], len(names) - max(1, most - 1)
        names = [*shown, f"{rest} more"]
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def number_text(value: float, *, digits: int = 2) -> str:
    """Format a number with `digits` decimal places. NaN is formatted as `"undefined"`."""
    return _UNDEFINED if value is None or math.isnan(value) else f"{value:.{digits}f}"


def interval_text(value: float, low: float, high: float, *, digits: int = 2) -> str:
    """Format a value with its interval, such as `"0.91 [0.83, 0.97]"`. NaN is formatted as `"undefined"`."""
    if math.isnan(value) or math.isnan(low) or math.isnan(high):
        return number_text(value, digits=digits)
    return f"{value:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"


def range_text(values: Iterable[float], *, digits: int = 2) -> str:
    """Format the smallest and the largest number as text, such as `"0.10 to 0.90"`. NaN is ignored."""
    known = np.asarray(list(values), float)
    known = known[~np.isnan(known)]
    if not len(known):
        return _UNDEFINED
    low, high = number_text(known.min(), digits=digits), number_text(known.max(), digits=digits)
    return low if low == high else f"{low} to {high}"


def sentences(*parts: str) -> str:
    """Join texts into one text, with a full stop after each. Empty texts are left out."""
    written = [part.strip() for part in parts if part.strip()]
    return " ".join(part if part[-1] in ".!?" else f"{part}." for part in written)


def extremes(values: Sequence[float]) -> tuple[int, int]:
    """Return the positions of the smallest and the largest number. NaN is ignored, but not all may be NaN."""
    known = np.asarray(values, float)
    return int(np.nanargmin(known)), int(np.nanargmax(known))

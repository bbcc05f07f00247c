"""What a notebook hands to its report: values for results.json, and banners for every reader."""

import html
import json
import math
from datetime import date, datetime
from pathlib import PurePath

import numpy as np
import pandas as pd

RECORD_TYPE = "application/vnd.dfutils.record+json"


def record(**values) -> None:
    """Show what the notebook found, and hand it to the report's results.json.

    Args:
        values: Numbers, text, lists and dicts of them; NumPy's and pandas' scalars are understood, and what
            is not a finite number becomes null. A later call adds to an earlier one.

    Raises:
        TypeError: If a value cannot be written as JSON.
    """
    from IPython.display import display

    plain = to_json(values)
    rows = "".join(
        f"<tr><th>{html.escape(name.replace('_', ' '))}</th><td>{html.escape(_in_short(value))}</td></tr>"
        for name, value in plain.items()
    )
    display(
        {
            RECORD_TYPE: plain,
            "text/html": f'<table class="record"><caption>Recorded</caption>{rows}</table>',
            "text/plain": "\n".join(f"{name}: {_in_short(value)}" for name, value in plain.items()),
        },
        raw=True,
    )


def banner(text: str, kind: str = "warning") -> None:
    """Show a notice that nobody may miss; the report's index repeats it.

    Args:
        text: str. Nothing is shown where it is empty.
        kind: str. `"warning"` or `"note"`. Defaults to `"warning"`.

    Raises:
        ValueError: If the kind is neither.
    """
    from IPython.display import display

    colours = {"warning": ("#B45309", "#FEF3C7"), "note": ("#0072B2", "#E6F1FA")}
    if kind not in colours:
        raise ValueError(f"A banner is a 'warning' or a 'note'. Received: kind={kind!r}")
    if not text:
        return
    edge, ground = colours[kind]
    markup = (
        f'<div role="note" style="border-left:5px solid {edge};background:{ground};color:#1F2933;'
        f'padding:0.7em 1em;margin:0.6em 0;border-radius:4px">{html.escape(text)}</div>'
    )
    display(
        {"text/html": markup, "text/plain": f"{kind.upper()}: {text}"},
        raw=True,
        metadata={"dfutils": {"banner": kind, "text": text}},
    )


def to_json(value):
    """Return a value as strict JSON has it: NumPy made plain, NaN and infinity made None.

    Raises:
        TypeError: If it cannot be written.
    """
    if isinstance(value, dict):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, pd.Series, pd.Index, np.ndarray)):
        return [to_json(item) for item in (sorted(value) if isinstance(value, set) else list(value))]
    if value is None or value is pd.NA or isinstance(value, (bool, np.bool_)):
        return bool(value) if isinstance(value, (bool, np.bool_)) else None
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, (str, PurePath, date, datetime)):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be written to results.json. Received: {value!r}")


def _in_short(value) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 120 else text[:117] + "…"

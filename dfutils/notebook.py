"""What a notebook hands to its report: values for results.json, and banners for every reader."""

import base64
import html
import json
import math
from datetime import date, datetime
from pathlib import PurePath

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from dfutils.plots.style import to_png

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


def table(columns: dict):
    """Return columns as a DataFrame that is shown without row numbers.

    Args:
        columns: dict. {heading: values}; the first one becomes the index.

    Returns:
        DataFrame.
    """
    import pandas as pd

    frame = pd.DataFrame(columns)
    first = frame.columns[0]
    # As the columns' name, the heading of the first stands in line with the others.
    return frame.set_index(first).rename_axis(index=None, columns=first)


def show(figure: Figure, *, alt: str, caption: str = "", key: str = "") -> None:
    """Show a figure in a notebook, with its alternative text and its caption.

    The figure is one HTML output (so that the alternative text reaches the reader in JupyterLab,
    Colab, Kaggle and the reports alike) with the PNG inside it.

    Args:
        figure: matplotlib Figure.
        alt: str. What the picture shows, for who cannot see it. Must not be empty.
        caption: str. One or two sentences below the picture. Defaults to none.
        key: str. A name under which the report's index page may take the picture over, such as
            `"roc"`. Defaults to none.

    Raises:
        ValueError: If `alt` is empty.
    """
    from IPython.display import display

    if not alt.strip():
        raise ValueError("Every figure needs alternative text. Received: alt=''")
    picture = base64.b64encode(to_png(figure)).decode()
    below = f"<figcaption>{html.escape(caption)}</figcaption>" if caption else ""
    markup = (
        f'<figure style="margin:0.5em 0"><img alt="{html.escape(alt, quote=True)}" '
        f'style="max-width:100%;height:auto;width:{figure.get_figwidth():.2f}in" '
        f'src="data:image/png;base64,{picture}">{below}</figure>'
    )
    display(
        {"text/html": markup, "text/plain": f"[figure] {alt}"},
        raw=True,
        metadata={"dfutils": {"figure": key, "alt": alt, "caption": caption}},
    )


def show_table(table: pd.DataFrame) -> None:
    """Show a table whose cells hold sentences, in full and aligned left; nothing if it has no rows."""
    from IPython.display import display

    if len(table):
        shown = table.style.hide(axis="index").format(escape="html")
        display(shown.set_properties(**{"text-align": "left", "vertical-align": "top"}))

"""What a notebook shows and hands to its report: figures, tables, notices and recorded values."""

import base64
import html
import json
import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import PurePath
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from dfutils.plots.style import to_png

RECORD_TYPE = "application/vnd.dfutils.record+json"
BannerKind = Literal["warning", "note"]
_BANNER_COLOURS = {"warning": ("#B45309", "#FEF3C7"), "note": ("#0072B2", "#E6F1FA")}


def record(**values: object) -> None:
    """Show what the notebook found, and hand it to the report's results.json.

    A later call adds to an earlier one.

    Args:
        values: Numbers, text, dates, paths, and lists and dicts of them. Scalars and arrays of NumPy and pandas are
            accepted. A number that is not finite becomes null.

    Raises:
        TypeError: If a value cannot be written as JSON.
    """
    from IPython.display import display

    plain = to_json(values)
    rows = "".join(
        f"<tr><th>{html.escape(name.replace('_', ' '))}</th><td>{html.escape(_shorten(value))}</td></tr>"
        for name, value in plain.items()
    )
    display(
        {
            RECORD_TYPE: plain,
            "text/html": f'<table class="record"><caption>Recorded</caption>{rows}</table>',
            "text/plain": "\n".join(f"{name}: {_shorten(value)}" for name, value in plain.items()),
        },
        raw=True,
    )


def banner(text: str, *, kind: BannerKind = "warning") -> None:
    """Show a notice that readers must not miss; the report's index page repeats it.

    Args:
        text: str. Nothing is shown if it is empty.
        kind: str. `"warning"` or `"note"`. Defaults to `"warning"`.

    Raises:
        ValueError: If the kind is neither of these.
    """
    from IPython.display import display

    if kind not in get_args(BannerKind):
        raise ValueError(f"A banner is a 'warning' or a 'note'. Received: kind={kind!r}")
    if not text:
        return
    edge, ground = _BANNER_COLOURS[kind]
    markup = (
        f'<div role="note" style="border-left:5px solid {edge};background:{ground};color:#1F2933;'
        f'padding:0.7em 1em;margin:0.6em 0;border-radius:4px">{html.escape(text)}</div>'
    )
    display(
        {"text/html": markup, "text/plain": f"{kind.upper()}: {text}"},
        raw=True,
        metadata={"dfutils": {"banner": kind, "text": text}},
    )


def explain(text: str, *, when: bool = True) -> None:
    """Show text that is true of some data only, or that holds numbers of this run.

    Args:
        text: str. Markdown.
        when: bool. False shows nothing. Defaults to True.
    """
    from IPython.display import Markdown, display

    if when:
        display(Markdown(text))


def read(text: str, *, when: bool = True) -> None:
    """Show how to read a figure or a table, with the numbers of this run. It looks like a **Read.** paragraph.

    Args:
        text: str. Markdown, without the word "Read".
        when: bool. False shows nothing: for text that is true of other data only. Defaults to True.
    """
    explain("\n".join(f"> {line}".rstrip() for line in f"**Read.** {text}".splitlines()), when=when)


def show(
    figure: Figure, *, alt: str | None = None, caption: str | None = None, key: str | None = None
) -> None:
    """Show a figure in a notebook, with its alternative text and its caption.

    The figure is one HTML output with the PNG inside it, so that the alternative text reaches readers of JupyterLab,
    Colab, Kaggle and the reports alike.

    Args:
        figure: plots.DescribedFigure, which brings its own alternative text, caption and key; or any matplotlib
            Figure with `alt`.
        alt: str or None. What the picture shows, for readers who cannot see it. Defaults to the figure's.
        caption: str or None. One or two sentences below the picture. Defaults to the figure's.
        key: str or None. A name under which the report's index page may show the picture again, such as `"roc"`.
            Defaults to the figure's.

    Raises:
        ValueError: If there is no alternative text.
    """
    from IPython.display import display

    alt, caption, key = (
        getattr(figure, name, "") if given is None else given
        for name, given in (("alt", alt), ("caption", caption), ("key", key))
    )
    if not alt.strip():
        raise ValueError(
            "A figure needs alternative text: draw it with a function of dfutils.plots, or give `alt`. "
            f"Received: alt={alt!r}"
        )
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


def table(columns: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    """Return columns as a DataFrame that is shown without row numbers.

    Args:
        columns: {heading: values}; the first column becomes the index.

    Returns:
        DataFrame.
    """
    frame = pd.DataFrame(columns)
    first = frame.columns[0]
    # As the name of the columns, the heading of the first is shown on one line with the others.
    return frame.set_index(first).rename_axis(index=None, columns=first)


def show_table(table: pd.DataFrame) -> None:
    """Show a table whose cells hold sentences, in full and aligned left; show nothing if it has no rows.

    A missing value is an empty cell. Whole numbers have no decimals, others three.
    """
    from IPython.display import display

    if len(table):
        shown = table.convert_dtypes().style.hide(axis="index").format(escape="html", na_rep="", precision=3)
        display(shown.set_properties(**{"text-align": "left", "vertical-align": "top"}))


def to_json(value: object) -> Any:
    """Return a value as strict JSON has it: NumPy and pandas made plain, NaN and infinity made None.

    Args:
        value: As for `record`.

    Returns:
        bool, int, float, str, None, and lists and dicts of them.

    Raises:
        TypeError: If a value cannot be written as JSON.
    """
    if isinstance(value, dict):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, pd.Series, pd.Index, np.ndarray)):
        items = sorted(value) if isinstance(value, set) else list(value)
        return [to_json(item) for item in items]
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if value is None or value is pd.NA:
        return None
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, (str, PurePath, date, datetime)):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be written to results.json. Received: {value!r}")


def _shorten(value: Any) -> str:
    """Return a plain value as text, cut at about 120 characters."""
    if isinstance(value, float):
        return f"{value:.4g}"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 120 else f"{text[:117]}…"

"""Show figures, tables and notices in a notebook, and record values for the report."""

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

from dfutils.errors import SettingsError
from dfutils.plots.style import to_webp

RECORD_TYPE = "application/vnd.dfutils.record+json"
BannerKind = Literal["warning", "note"]
_BANNER_COLOURS = {"warning": ("#B45309", "#FEF3C7"), "note": ("#0072B2", "#E6F1FA")}


def read_parameters(scope: dict[str, Any]) -> None:
    """Convert the parameters of a notebook to their declared types, in place.

    `papermill -p workspace 2024` passes a number, although the notebook declares `workspace: str`.

    Args:
        scope: dict. The global variables of the notebook: `globals()`.

    Raises:
        SettingsError: If a value does not fit its type.
    """
    # From Python 3.14 on, annotations are computed when they are asked for.
    declared = scope.get("__annotations__") or scope.get("__annotate__", lambda _: {})(1)
    for name, kind in declared.items():
        if name in scope:
            scope[name] = as_type(name, scope[name], getattr(kind, "__name__", str(kind)))


def as_type(name: str, value: Any, kind: str) -> Any:
    """Convert the value of a parameter to the type that the notebook declares for it.

    Args:
        name: str. The name of the parameter, for the error message.
        value: The value. papermill makes numbers of texts such as `2024`, and None of `None`.
        kind: str. `"str"`, `"int"`, `"float"` or `"bool"`. For other types, the value is returned as it is.

    Raises:
        SettingsError: If the value does not fit the type.
    """
    wrong = SettingsError(f"The parameter {name!r} is of type {kind}. Received: {value!r}")
    if kind == "bool":
        words = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}
        if isinstance(value, bool):
            return value
        if str(value).lower() not in words:
            raise wrong
        return words[str(value).lower()]
    if kind in ("int", "float"):
        if isinstance(value, bool):
            raise wrong
        try:
            number = float(value)
            if kind == "float":
                return number
            if number != int(number):
                raise wrong
            return int(number)
        except (ValueError, TypeError, OverflowError):
            raise wrong from None
    if kind == "str":
        if not isinstance(value, (str, int, float, type(None))):
            raise wrong
        return "none" if value is None else str(value)
    return value


def record(**values: object) -> None:
    """Show the results of a notebook as a table, and write them to results.json of the report.

    Several calls in one notebook add up. A later value replaces an earlier value of the same name.

    Args:
        values: Numbers, text, dates, paths, and lists and dicts of these types. NumPy and pandas values and arrays are
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
    """Show an important notice in a coloured box. The index page of the report shows the notice as well.

    Args:
        text: str. The text of the notice. Nothing is shown if the text is empty.
        kind: str. `"warning"` or `"note"`. Defaults to `"warning"`.

    Raises:
        ValueError: If `kind` is not `"warning"` or `"note"`.
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
    """Show Markdown text in a notebook, if a condition is true.

    Use it for text that applies only to some data sets, or that contains computed numbers.

    Args:
        text: str. Markdown.
        when: bool. The condition. If False, nothing is shown. Defaults to True.
    """
    from IPython.display import Markdown, display

    if when:
        display(Markdown(text))


def read(text: str, *, when: bool = True) -> None:
    """Show a quoted paragraph that starts with **Read.** and explains how to read a figure or a table.

    Args:
        text: str. Markdown, without the word "Read".
        when: bool. The condition. If False, nothing is shown. Defaults to True.
    """
    explain("\n".join(f"> {line}".rstrip() for line in f"**Read.** {text}".splitlines()), when=when)


def show(
    figure: Figure, *, alt: str | None = None, caption: str | None = None, key: str | None = None
) -> None:
    """Show a figure in a notebook, with its alternative text and its caption.

    The figure is written as HTML with an embedded WebP image. So JupyterLab, Colab, Kaggle and the reports all keep the
    alternative text.

    Args:
        figure: plots.DescribedFigure, which has an alternative text, a caption and a key; or any matplotlib Figure, if
            `alt` is given.
        alt: str or None. A description for people who cannot see the figure. Defaults to `figure.alt`.
        caption: str or None. One or two sentences below the figure. Defaults to `figure.caption`.
        key: str or None. A name such as `"roc"`. The index page of the report shows the figures with certain names.
            Defaults to `figure.key`.

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
    picture = base64.b64encode(to_webp(figure)).decode()
    below = f"<figcaption>{html.escape(caption)}</figcaption>" if caption else ""
    markup = (
        f'<figure style="margin:0.5em 0"><img alt="{html.escape(alt, quote=True)}" '
        f'style="max-width:100%;height:auto;width:{figure.get_figwidth():.2f}in" '
        f'src="data:image/webp;base64,{picture}">{below}</figure>'
    )
    display(
        {"text/html": markup, "text/plain": f"[figure] {alt}"},
        raw=True,
        metadata={"dfutils": {"figure": key, "alt": alt, "caption": caption}},
    )


def table(columns: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    """Build a DataFrame from columns. A notebook shows the DataFrame without row numbers.

    Args:
        columns: {heading: values}; the first column becomes the index.

    Returns:
        DataFrame.
    """
    frame = pd.DataFrame(columns)
    first = frame.columns[0]
    # The heading of the first column becomes the name of the columns, so that all headings are shown on one line.
    return frame.set_index(first).rename_axis(index=None, columns=first)


def show_table(table: pd.DataFrame) -> None:
    """Show a table with long texts in full, aligned left. Show nothing if the table has no rows.

    Missing values are shown as empty cells. Whole numbers are shown without decimals, other numbers with three.
    """
    from IPython.display import display

    if len(table):
        shown = table.convert_dtypes().style.hide(axis="index").format(escape="html", na_rep="", precision=3)
        display(shown.set_properties(**{"text-align": "left", "vertical-align": "top"}))


def to_json(value: object) -> Any:
    """Convert a value to types that JSON can hold. NumPy and pandas values become Python values, NaN becomes None.

    Args:
        value: Any value that `record` accepts. Infinity becomes None, as NaN does.

    Returns:
        bool, int, float, str, None, and lists and dicts of these types.

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
    """Return a value as text of at most 120 characters."""
    if isinstance(value, float):
        return f"{value:.4g}"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 120 else f"{text[:117]}…"

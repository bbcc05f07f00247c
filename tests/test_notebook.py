import json
import re

import numpy as np
import pandas as pd
import pytest

from dfutils import notebook, plots
from dfutils.errors import SettingsError
from dfutils.notebook import RECORD_TYPE, banner, read_parameters, record, to_json


def test_record_is_strict_json_of_plain_values(displayed):
    values = {
        "n": np.int64(3),
        "auc": np.float32(0.5),
        "bad": np.nan,
        "rows": pd.Series([1, pd.NA]),
        "ok": np.True_,
    }
    (output,) = displayed(lambda: record(**values))
    data = output.data
    assert json.loads(json.dumps(data[RECORD_TYPE], allow_nan=False)) == {
        "n": 3, "auc": 0.5, "bad": None, "rows": [1, None], "ok": True,
    }  # fmt: skip


def test_record_escapes_what_it_shows(displayed):
    (output,) = displayed(lambda: record(name="<script>alert(1)</script>"))
    assert "<script>" not in output.data["text/html"]


def test_record_shortens_what_it_shows_and_hands_over_all_of_it(displayed):
    (output,) = displayed(lambda: record(text="word " * 100, share=0.123456789))
    assert output.data[RECORD_TYPE]["text"] == "word " * 100
    assert "word " * 40 not in output.data["text/html"]
    assert "0.1235" in output.data["text/plain"]


def test_sets_are_sorted_and_keys_become_text():
    assert to_json({1: {"b", "a"}, "empty": ()}) == {"1": ["a", "b"], "empty": []}


def test_what_is_not_a_value_is_refused():
    with pytest.raises(TypeError, match="object cannot be written"):
        to_json({"model": object()})


def test_banner_is_flagged_for_the_index_and_empty_shows_nothing(displayed):
    (output,) = displayed(lambda: banner("mind <this>"))
    assert output.metadata["dfutils"] == {"banner": "warning", "text": "mind <this>"}
    assert "&lt;this&gt;" in output.data["text/html"]
    assert displayed(lambda: banner("")) == []


def test_an_unknown_kind_of_banner_is_refused():
    with pytest.raises(ValueError, match="kind='alarm'"):
        banner("x", kind="alarm")


def test_a_figure_is_shown_with_what_it_says_about_itself(displayed):
    figure, _ = plots.new_figure()
    figure.describe('Dots on a "line".', caption="<b>", key="sampling")
    (output,) = displayed(lambda: notebook.show(figure))
    assert 'alt="Dots on a &quot;line&quot;."' in output.data["text/html"]
    assert "<figcaption>&lt;b&gt;</figcaption>" in output.data["text/html"]
    assert output.data["text/plain"] == '[figure] Dots on a "line".'
    assert output.metadata["dfutils"] == {"figure": "sampling", "alt": 'Dots on a "line".', "caption": "<b>"}


def test_what_a_notebook_says_about_a_figure_takes_precedence(displayed):
    figure, _ = plots.new_figure()
    figure.describe("Dots.", caption="Read it.", key="dots")
    (output,) = displayed(lambda: notebook.show(figure, caption="", key="other"))
    assert "figcaption" not in output.data["text/html"]
    assert output.metadata["dfutils"] == {"figure": "other", "alt": "Dots.", "caption": ""}


def test_any_figure_is_shown_if_it_is_given_alternative_text(displayed):
    from matplotlib.figure import Figure

    (output,) = displayed(lambda: notebook.show(Figure(), alt="Nothing yet."))
    assert output.metadata["dfutils"] == {"figure": "", "alt": "Nothing yet.", "caption": ""}


@pytest.mark.parametrize("alt", [None, " "])
def test_a_figure_without_alternative_text_is_refused(alt):
    figure, _ = plots.new_figure()
    with pytest.raises(ValueError, match="needs alternative text"):
        notebook.show(figure, alt=alt)


def test_table_has_one_line_of_headings():
    table = notebook.table({"layer": ["a", "b"], "n": [1, 2]})
    assert table.to_html().count("<tr") == 3


def test_a_table_of_sentences_is_shown_in_full_and_escaped(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    notebook.show_table(pd.DataFrame({"what": ["<b>" + "word " * 40], "number": [3]}))
    notebook.show_table(pd.DataFrame({"what": []}))
    (table,) = (styler.to_html() for styler in shown)
    assert "&lt;b&gt;" + "word " * 40 in table
    assert "text-align: left" in table


def test_missing_values_are_empty_cells_and_whole_numbers_have_no_decimals(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    notebook.show_table(pd.DataFrame({"frames": [20.0, None], "distance": [0.12345, 0.5]}))
    cells = re.findall(r"<td[^>]*>(.*?)</td>", shown[0].to_html())
    assert cells == ["20", "0.123", "", "0.500"]


def test_text_for_some_data_is_shown_only_with_them(displayed):
    (output,) = displayed(lambda: notebook.explain("### The built-in data set"))
    assert output.data["text/markdown"] == "### The built-in data set"
    assert displayed(lambda: notebook.explain("only for other data", when=False)) == []


def test_read_shows_a_quoted_paragraph_and_nothing_where_it_does_not_apply(displayed):
    (output,) = displayed(lambda: notebook.read("The AUC is 0.81.\n\nMore."))
    assert output.data["text/markdown"] == "> **Read.** The AUC is 0.81.\n>\n> More."
    assert displayed(lambda: notebook.read("only for other data", when=False)) == []


PARAMETERS = "workspace: str = 'demo'\nminutes: float = 0.5\nseed: int = 7\nfast: bool = False\nother = 1\n"


@pytest.mark.parametrize(
    ("injected", "values"),
    [
        ("", ("demo", 0.5, 7, False)),
        ("workspace = 2024", ("2024", 0.5, 7, False)),
        ("workspace = None; minutes = 2", ("none", 2.0, 7, False)),
        ("workspace = 1.5; seed = 3.0", ("1.5", 0.5, 3, False)),
        ("workspace = True; fast = 'yes'", ("True", 0.5, 7, True)),
        ("fast = 1; seed = '12'; minutes = '0.25'", ("demo", 0.25, 12, True)),
    ],
)
def test_parameters_get_the_types_that_the_notebook_declares(injected, values):
    scope = {}
    for cell in (PARAMETERS, injected, "a_later_annotation = 3"):
        exec(cell, scope)
    read_parameters(scope)
    read = tuple(scope[name] for name in ("workspace", "minutes", "seed", "fast"))
    assert read == values
    assert [type(value) for value in read] == [str, float, int, bool]
    assert scope["other"] == 1


@pytest.mark.parametrize(
    ("injected", "message"),
    [
        ("seed = 2.5", "'seed' is of type int. Received: 2.5"),
        ("seed = None", "'seed' is of type int. Received: None"),
        ("seed = True", "'seed' is of type int. Received: True"),
        ("minutes = 'long'", "'minutes' is of type float. Received: 'long'"),
        ("fast = 2", "'fast' is of type bool. Received: 2"),
        ("workspace = ['a']", "'workspace' is of type str"),
    ],
)
def test_a_parameter_that_does_not_fit_its_type_is_named(injected, message):
    scope = {}
    exec(f"{PARAMETERS}\n{injected}", scope)
    with pytest.raises(SettingsError, match=message):
        read_parameters(scope)

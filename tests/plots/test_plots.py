import numpy as np
import pandas as pd
import pytest

from dfutils import notebook, plots

RNG = np.random.default_rng(0)
PICTURES = RNG.integers(0, 256, (4, 20, 20, 3), np.uint8)
CATALOG = pd.DataFrame(
    {"label": [0, 1] * 6, "group": list("aabbccddeeff"), "method": ["", "swap"] * 6,
     "split": ["train"] * 6 + ["val"] * 2 + ["test"] * 4}
)  # fmt: skip
METRICS = pd.DataFrame(
    {"value": [0.5] * 4, "low": [0.4, 0.4, np.nan, 0.4], "high": [0.6, 0.6, np.nan, 0.6]},
    index=["accuracy", "precision", "recall", "auc"],
)
FACTS = pd.DataFrame(
    {"seconds": [2.0, 2.5, np.nan], "frames": [50, 60, 1], "width": [384, 640, 384], "height": [384, 360, 384],
     "bytes": [1e5, 2e6, 3e4]}
)  # fmt: skip
RELIABILITY = pd.DataFrame(
    {
        "clips": [3, 4],
        "mean_score": [0.1, 0.9],
        "share_fake": [0.0, 1.0],
        "low": [0.0, np.nan],
        "high": [0.5, np.nan],
    }
)
DEGRADED = pd.DataFrame(
    {"kind": ["", "h264", "h264", "blur"], "strength": [np.nan, 23, 40, 1], "auc": [0.9, 0.8, 0.6, 0.7],
     "low": [0.8, 0.7, 0.5, 0.6], "high": [1.0, 0.9, 0.7, 0.8]}
)  # fmt: skip
TRIALS = pd.DataFrame(
    {"val_auc": [0.5, 0.7, np.nan], "units": [32, 64, 32], "layers": ["mixed2", "mixed2+mixed10", "mixed2"]}
)
FIGURES = {
    "image_grid": lambda: plots.image_grid(PICTURES, ["a"] * 4),
    "forgeries": lambda: plots.forgeries(PICTURES, PICTURES[::-1], PICTURES[..., 0] > 99, ["swap"] * 4),
    "crop_pairs": lambda: plots.crop_pairs(PICTURES, PICTURES, ["g"] * 4),
    "split_counts": lambda: plots.split_counts(CATALOG),
    "group_sides": lambda: plots.group_sides(CATALOG),
    "face_grid": lambda: plots.face_grid(PICTURES, [0, 1, 0, 1], list("abcd")),
    "neighbours": lambda: plots.neighbours([[(PICTURES[0], 0, "a"), (PICTURES[1], 1, "b")]], ["asked", "found"]),
    "media_facts": lambda: plots.media_facts(FACTS, [0, 1, 1]),
    "media_facts of one length": lambda: plots.media_facts(FACTS[:1], [1]),
    "media_facts of pictures": lambda: plots.media_facts(FACTS.assign(seconds=np.nan), [0, 1, 1]),
    "media_facts of nothing that opens": lambda: plots.media_facts(FACTS * np.nan, [0, 1, 1]),
    "intervals": lambda: plots.intervals(
        pd.DataFrame({"feature": ["a", "b"], "auc": [0.5, 1.0], "low": [0.4, np.nan], "high": [0.6, np.nan]}),
        "feature", 0.65, "telling",
    ),
    "frames_with_boxes": lambda: plots.frames_with_boxes(
        PICTURES, np.arange(4), np.full((4, 4), 5.0), np.array([True, False] * 2)
    ),
    "sampling_lines": lambda: plots.sampling_lines({"uniform": [0.2, 0.6, 1.0], "burst": [0.2]}),
    "sampling_lines of one frame": lambda: plots.sampling_lines({"uniform": [0.0]}),
    "faces_found": lambda: plots.faces_found(PICTURES[0], np.full((2, 4), 5.0), np.full(4, 5.0)),
    "projection": lambda: plots.projection(RNG.normal(size=(4, 2)), [0, 1, 0, 1], list("aabb")),
    "mask_picture": lambda: plots.mask_picture(np.eye(3, dtype=bool), ["a", "b", "c"]),
    "values_by_method": lambda: plots.values_by_method({"a": [0.1, 0.2, 0.3]}, ["", "swap", "swap"], "change"),
    "learning_curves": lambda: plots.learning_curves(
        pd.DataFrame(
            {k: [0.5, 0.4] for k in ("loss", "val_loss", "accuracy", "val_accuracy")}, index=pd.RangeIndex(1, 3)
        ),
        2,
    ),
    "seed_curves": lambda: plots.seed_curves(
        {"seed 7": (pd.DataFrame({"val_loss": [0.7, 0.6], "val_auc": [0.5, 0.6]}, index=pd.RangeIndex(1, 3)), 2)}
    ),
    "confusion_matrix": lambda: plots.confusion_matrix(
        pd.DataFrame([[3, 1], [0, 0]], ["real", "fake"], ["real", "fake"])
    ),
    "roc_curves": lambda: plots.roc_curves({"a": ([0, 0, 1], [0, 1, 1], 1.0)}),
    "score_distribution": lambda: plots.score_distribution([0, 1, 1], [0.1, np.nan, 0.9], 0.5, ["", "swap", "blend"]),
    "metric_intervals": lambda: plots.metric_intervals({"a": METRICS, "b": METRICS}, line=0.5),
    "trials": lambda: plots.trials(pd.DataFrame({"val_auc": [0.5, np.nan], "differences": [True, False]})),
    "threshold_costs": lambda: plots.threshold_costs(
        pd.DataFrame({"threshold": [0.0, 0.5], "recall": [1.0, 0.5], "false_positive_rate": [1.0, 0.0]}), {"ours": 0.4}
    ),
    "reliability": lambda: plots.reliability({"before": RELIABILITY, "after": RELIABILITY}),
    "robustness": lambda: plots.robustness(DEGRADED),
    "robustness of one": lambda: plots.robustness(DEGRADED.head(2)),
    "parallel_coordinates": lambda: plots.parallel_coordinates(TRIALS, ["units", "layers"]),
    "parallel_coordinates of one trial": lambda: plots.parallel_coordinates(TRIALS.head(1), ["units", "layers"]),
    "parallel_coordinates of none": lambda: plots.parallel_coordinates(TRIALS.tail(1), ["units", "layers"]),
    "seed_pairs": lambda: plots.seed_pairs([0.5, 0.6], [0.6, 0.7]),
}  # fmt: skip


@pytest.mark.parametrize("name", FIGURES)
def test_figure_is_a_picture_with_something_on_it(name):
    import cv2

    png = plots.to_png(FIGURES[name]())
    picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    assert picture.std() > 3


def test_every_figure_of_the_series_is_drawn_here():
    drawn = {name.split()[0] for name in FIGURES}
    offered = {name for name, value in vars(plots).items() if hasattr(value, "__wrapped__")}
    assert drawn == offered


def test_style_does_not_leak():
    import matplotlib

    before = dict(matplotlib.rcParams)
    plots.sampling_lines({"uniform": [0.2, 0.6]})
    assert dict(matplotlib.rcParams) == before


def test_figure_is_shown_with_its_alternative_text_and_key(displayed):
    figure = plots.sampling_lines({"uniform": [0.2, 0.6]})
    (output,) = displayed(
        lambda: notebook.show(figure, alt='Dots on a "line"', caption="<b>", key="sampling")
    )
    assert 'alt="Dots on a &quot;line&quot;"' in output.data["text/html"]
    assert "&lt;b&gt;" in output.data["text/html"]
    assert output.metadata["dfutils"]["figure"] == "sampling"
    with pytest.raises(ValueError, match="alternative text"):
        notebook.show(plots.sampling_lines({"uniform": [0.2, 0.6]}), alt=" ")


def test_table_has_one_line_of_headings():
    table = notebook.table({"layer": ["a", "b"], "n": [1, 2]})
    assert table.to_html().count("<tr") == 3


def test_names_with_dollar_signs_are_no_formulas():
    assert plots.to_png(plots.mask_picture(np.eye(2, dtype=bool), ["a_$5_$6", "b"]))


def test_median_of_a_row_leaves_unscored_clips_out():
    axis = plots.score_distribution([0, 0, 0], [0.2, np.nan, 0.4], 0.5).axes[0]
    assert any(np.allclose(line.get_xdata(), 0.3) for line in axis.lines)


def test_a_table_of_sentences_is_shown_in_full_and_escaped(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    notebook.show_table(pd.DataFrame({"what": ["<b>" + "word " * 40], "number": [3]}))
    notebook.show_table(pd.DataFrame({"what": []}))
    (table,) = (styler.to_html() for styler in shown)
    assert "&lt;b&gt;" + "word " * 40 in table
    assert "text-align: left" in table

"""Small results of every room to be drawn, and the figures that are drawn of them."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from dfutils import plots
from dfutils.tables import Catalog

NAN = float("nan")
METRICS = ["accuracy", "precision", "recall", "auc"]
SETTINGS = ["units", "layers"]


def pictures(count=4, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (count, 20, 20, 3), np.uint8)


def evaluation(
    auc=0.8, low=0.7, high=0.9, fpr=(0, 0, 0.5, 1), tpr=(0, 0.6, 0.9, 1), confusion=((5, 1), (2, 6))
):
    rows = [(auc, low, high)] * len(METRICS)
    table = pd.DataFrame(rows, index=METRICS, columns=["value", "low", "high"])
    roc = pd.DataFrame({"fpr": list(fpr), "tpr": list(tpr)})
    calls = pd.DataFrame(confusion, ["real", "fake"], ["real", "fake"])
    return SimpleNamespace(table=table, roc=roc, confusion=calls, threshold=0.5)


def adaptation(auc=0.7):
    return pd.DataFrame({"step": [10, 20, 30], "loss": [0.7, 0.5, 0.4], "val_auc": [0.5, 0.6, auc]})


def left_out(auc=0.6):
    index = pd.MultiIndex.from_product([["fakes", "both"], ["blend", "swap"]], names=["detector", "left_out"])
    ends = {"value": 0.0, "low": -0.1, "high": 0.1}
    values = {f"trained_{name}": 0.8 + by for name, by in ends.items()}
    return pd.DataFrame(values | {f"left_out_{name}": auc + by for name, by in ends.items()}, index=index)


def copies(auc=0.6):
    names = {"trained_": "clean_", "left_out_": "copies_"}
    table = left_out(auc)
    return table.rename(columns=lambda name: next(new + name.removeprefix(old) for old, new in names.items()
                                                  if name.startswith(old)))  # fmt: skip


def judged():
    """Judged clips of both classes; the last one has no score."""
    return pd.DataFrame({"label": [0, 0, 1, 1, 0], "score": [0.1, 0.5, 0.9, 0.2, NAN]})


def detection(scores=(0.2, 0.4, 0.9), hottest=(150, 150)):
    """A judged file with a score for each frame. The heat map is hottest at one place."""
    rng = np.random.default_rng(0)
    heat = rng.normal(0, 0.1, (len(scores), 299, 299))
    heat[:, hottest[0], hottest[1]] = 1
    return SimpleNamespace(
        path="clips/a $5 clip.mp4",
        verdict="unsure",
        score=float(np.mean(scores)) if scores else NAN,
        times=np.arange(len(scores)) / 2,
        frame_scores=np.array(scores),
        crops=rng.integers(0, 255, (len(scores), 299, 299, 3), np.uint8),
        heat=heat,
    )


def forgeries(masks, originals=None, fakes=None):
    count = len(masks)
    originals = pictures(count) if originals is None else originals
    fakes = pictures(count, 1) if fakes is None else fakes
    methods = ["swap", "blend"][:count]
    return SimpleNamespace(originals=originals, fakes=fakes, masks=masks, methods=methods)


def track(seed=0, found=(True, False, True, False), positions=(0, 1, 2, 3)):
    boxes = np.full((len(positions), 4), 5.0)
    crops = pictures(len(positions), seed=seed)
    return SimpleNamespace(crops=crops, boxes=boxes, positions=np.array(positions), found=np.array(found))


def same_person(distance=0.3):
    names = {"first": "a", "second": "b", "first_clip": "clip0", "second_clip": "clip2"}
    return SimpleNamespace(distance=distance, **names)


def clip(frames=4, seed=0):
    return SimpleNamespace(frames=pictures(frames, seed), times=np.arange(frames) * 0.5)


def catalog(groups="aabbccddeeff", splits=("train",) * 6 + ("val",) * 2 + ("test",) * 4, labels=(0, 1) * 6):
    labels = pd.array(list(labels), dtype="Int64")
    return pd.DataFrame(
        {
            "clip_id": [f"clip{i}" for i in range(len(labels))],
            "label": labels,
            "method": ["swap" if label == 1 else "" for label in labels.fillna(0)],
            "group": list(groups),
            "split": list(splits),
        }
    )


def predictions(scores, labels=None, methods=None):
    labels = [0, 0, 1, 1] if labels is None else labels
    methods = ["swap" if label == 1 else "" for label in labels] if methods is None else methods
    return pd.DataFrame(
        {
            "clip_id": [f"clip{i}" for i in range(len(scores))],
            "label": pd.array(labels, dtype="Int64"),
            "method": methods,
            "score": np.asarray(scores, float),
        }
    )


def history(loss=(0.7, 0.5, 0.3), val_loss=(0.7, 0.6, 0.8), accuracy=0.6):
    columns = {"loss": loss, "val_loss": val_loss}
    columns |= {name: [accuracy] * len(loss) for name in ("accuracy", "val_accuracy", "val_auc")}
    return pd.DataFrame(columns, index=pd.RangeIndex(1, len(loss) + 1), dtype=float)


def fitted(history, best_epoch):
    return SimpleNamespace(run=SimpleNamespace(seed=7, history=history, best_epoch=best_epoch))


def facts(rows=3, seconds=2.0):
    columns = {"seconds": seconds, "frames": 50.0, "width": 384.0, "height": 384.0, "bytes": 1e5}
    return pd.DataFrame(columns, index=range(rows))


def degraded(*aucs, low=0.1, high=0.1):
    aucs = np.array(aucs, float)
    kinds = ["", "h264", "h264", "resolution", "resolution"][: len(aucs)]
    columns = {"kind": kinds, "strength": [NAN, 23, 40, 0.5, 0.25][: len(aucs)], "auc": aucs}
    return pd.DataFrame(columns | {"low": aucs - low, "high": aucs + high})


def trials(*aucs, best_units=64):
    return pd.DataFrame(
        {
            "val_auc": np.array(aucs, float),
            "differences": [i % 2 == 0 for i in range(len(aucs))],
            "units": [best_units if auc == max(aucs, default=0) else 32 for auc in aucs],
            "layers": ["mixed2+mixed10"] * len(aucs),
        }
    )


def reliability(share=(0.2, 0.5), low=(0.0, 0.1), high=(0.4, 0.9)):
    columns = {"clips": [20, 4], "mean_score": [0.1, 0.9], "share_fake": share, "low": low, "high": high}
    return pd.DataFrame(columns).astype({"low": float, "high": float})


def thresholds(recall=(1.0, 0.8, 0.4)):
    return pd.DataFrame(
        {"threshold": [0.0, 0.4, 0.8], "recall": recall, "false_positive_rate": [1.0, 0.2, 0.0]}
    )


def seen(clip_id, label, group):
    return SimpleNamespace(image=pictures(1)[0], clip_id=clip_id, label=label, group=group)


def rows(*of):
    return pd.DataFrame(of, columns=["name", "auc", "low", "high"])


def feature_set():
    clip_ids = np.array([f"clip{i}" for i in range(4)])
    return SimpleNamespace(clip_ids=clip_ids, y=np.array([0, 1, 0, 1]), groups=np.array(list("aabb")))


TRACKS = {f"clip{i}": track(i) for i in range(12)}
POINTS = np.random.default_rng(0).normal(size=(4, 2))
PAIR = SimpleNamespace(name="group a", real="clip0", fake="clip1")
MISTAKES = predictions([0.9, 0.1], [0, 1])

# Of each figure: two that differ, then without data, with NaN, and with one row, as far as these make sense.
FIGURES = {
    "image_grid": [
        lambda: plots.image_grid(pictures(), titles=list("abcd")),
        lambda: plots.image_grid(pictures(9), of="noise"),
        lambda: plots.image_grid([]),
        lambda: plots.image_grid(pictures(1), key="one", caption="One."),
    ],
    "neighbours": [
        lambda: plots.neighbours([[seen("a", 0, "g"), seen("a", 0, "g")]], ["frames"]),
        lambda: plots.neighbours([[seen("a", 0, "g"), seen("b", 1, "h")]], ["frames"]),
        lambda: plots.neighbours([], ["frames"]),
        lambda: plots.neighbours([[seen("a", pd.NA, "g")]], ["frames"]),
    ],
    "forgeries": [
        lambda: plots.forgeries(forgeries(pictures(2)[..., 0] > 99)),
        lambda: plots.forgeries(forgeries(pictures(2)[..., 0] > 199)),
        lambda: plots.forgeries(forgeries([])),
        lambda: plots.forgeries(forgeries(np.zeros((1, 20, 20)), fakes=pictures(1))),
    ],
    "split_counts": [
        lambda: plots.split_counts(catalog()),
        lambda: plots.split_counts(Catalog(catalog(labels=(0, 0, 1) * 4))),
        lambda: plots.split_counts(catalog("", (), ())),
        lambda: plots.split_counts(catalog(labels=[pd.NA] * 12)),
        lambda: plots.split_counts(catalog("a", ["test"], [0])),
    ],
    "group_sides": [
        lambda: plots.group_sides(catalog()),
        lambda: plots.group_sides(Catalog(catalog("aabbccddeeaa"))),
        lambda: plots.group_sides(catalog("", (), ())),
        lambda: plots.group_sides(catalog(splits=[""] * 12)),
        lambda: plots.group_sides(catalog(labels=[pd.NA] * 12)),
        lambda: plots.group_sides(catalog("a", ["test"], [0])),
    ],
    "face_grid": [
        lambda: plots.face_grid(TRACKS, catalog()),
        lambda: plots.face_grid({"clip0": track()}, Catalog(catalog())),
        lambda: plots.face_grid({}, catalog()),
        lambda: plots.face_grid(TRACKS, catalog(labels=[pd.NA] * 12)),
    ],
    "person_pairs": [
        lambda: plots.person_pairs([same_person(), same_person(0.4)], TRACKS),
        lambda: plots.person_pairs([same_person(0.2)], TRACKS),
        lambda: plots.person_pairs([], TRACKS),
        lambda: plots.person_pairs([same_person()] * 9, TRACKS),
    ],
    "media_facts": [
        lambda: plots.media_facts(facts(), [0, 1, 1]),
        lambda: plots.media_facts(facts(seconds=4.0), [0, 1, 1]),
        lambda: plots.media_facts(facts(0), []),
        lambda: plots.media_facts(facts() * NAN, [0, 1, pd.NA]),
        lambda: plots.media_facts(facts(seconds=NAN), [0, 1, 1]),
        lambda: plots.media_facts(facts(1), [1]),
    ],
    "sampling_lines": [
        lambda: plots.sampling_lines({"uniform": [0.2, 0.6, 1.0], "burst": clip()}),
        lambda: plots.sampling_lines({"uniform": [0.2, 0.6]}, clip_id="a/b"),
        lambda: plots.sampling_lines({}),
        lambda: plots.sampling_lines({"keyframes": [0.0]}),
    ],
    "sampled_frames": [
        lambda: plots.sampled_frames(clip(), rule="uniform", seconds=0.2),
        lambda: plots.sampled_frames(clip(seed=1), rule="uniform"),
        lambda: plots.sampled_frames(clip(0), rule="burst"),
        lambda: plots.sampled_frames(clip(1), rule="burst"),
    ],
    "frames_with_boxes": [
        lambda: plots.frames_with_boxes(clip(), track()),
        lambda: plots.frames_with_boxes(clip(), track(found=[True] * 4)),
        lambda: plots.frames_with_boxes(clip(0), track()),
        lambda: plots.frames_with_boxes(clip(1), track(), most=1),
    ],
    "faces_found": [
        lambda: plots.faces_found(pictures(1)[0], np.full((2, 5), 5.0), np.full(4, 5.0)),
        lambda: plots.faces_found(pictures(1)[0], np.full((1, 4), 5.0), np.full(4, 5.0)),
        lambda: plots.faces_found(pictures(1)[0], np.empty((0, 4)), np.full(4, 5.0)),
    ],
    "crop_pairs": [
        lambda: plots.crop_pairs([PAIR, PAIR], TRACKS),
        lambda: plots.crop_pairs([PAIR], TRACKS),
        lambda: plots.crop_pairs([], {}),
    ],
    "nearest_crops": [
        lambda: plots.nearest_crops([[(0, 0, 0.0), (1, 2, 0.4)], [(1, 0, 0.0)]], feature_set(), TRACKS),
        lambda: plots.nearest_crops([[(0, 0, 0.0), (2, 2, 0.4)]], feature_set(), TRACKS),
        lambda: plots.nearest_crops([], feature_set(), TRACKS),
        lambda: plots.nearest_crops([[(0, 0, 0.0)]], feature_set(), {}),
        lambda: plots.nearest_crops([[(0, 9, 0.0), (3, 9, NAN)]], feature_set(), {"clip0": track()}),
    ],
    "projection": [
        lambda: plots.projection(POINTS, [0, 1, 0, 1], list("aabb")),
        lambda: plots.projection(POINTS, [0, 0, 1, 1], list("abab")),
        lambda: plots.projection(np.empty((0, 2)), [], []),
        lambda: plots.projection(POINTS * NAN, [0, 1, 0, 1], list("aabb")),
        lambda: plots.projection(POINTS[:1], [0], ["a"]),
        lambda: plots.projection(POINTS, [1] * 4, list("aabb")),
    ],
    "mask_picture": [
        lambda: plots.mask_picture(np.eye(3, dtype=bool), list("abc")),
        lambda: plots.mask_picture(np.ones((3, 3), bool), list("abc")),
        lambda: plots.mask_picture(np.ones((0, 3), bool), []),
        lambda: plots.mask_picture(np.ones((1, 1), bool), ["a_$5_$6"]),
    ],
    "values_by_method": [
        lambda: plots.values_by_method({"a": [0.1, 0.2, 0.3]}, ["", "swap", "blend"], label="change"),
        lambda: plots.values_by_method({"a": [0.1, 0.9, 0.3]}, ["", "swap", "blend"], label="change"),
        lambda: plots.values_by_method({}, [], label="change"),
        lambda: plots.values_by_method({"a": [NAN, NAN]}, ["", "swap"], label="change"),
        lambda: plots.values_by_method({"a": [0.1], "b": [0.2]}, ["swap"], label="change"),
    ],
    "learning_curves": [
        lambda: plots.learning_curves(history(), 2),
        lambda: plots.learning_curves(history(val_loss=(0.7, 0.4, 0.2)), 3),
        lambda: plots.learning_curves(history((), ()), 1),
        lambda: plots.learning_curves(history((NAN, NAN), (NAN, NAN)), 1),
        lambda: plots.learning_curves(history((0.5,), (0.6,)), 1),
    ],
    "seed_curves": [
        lambda: plots.seed_curves({"seed 7": (history(), 2)}),
        lambda: plots.seed_curves([fitted(history(accuracy=0.4), 1)]),
        lambda: plots.seed_curves([]),
        lambda: plots.seed_curves({"seed 7": (history((NAN,), (NAN,), NAN), 1)}),
    ],
    "confusion_matrix": [
        lambda: plots.confusion_matrix(evaluation()),
        lambda: plots.confusion_matrix(evaluation(confusion=((0, 1), (0, 0)))),
        lambda: plots.confusion_matrix(evaluation(confusion=((0, 0), (0, 0)))),
    ],
    "roc_curves": [
        lambda: plots.roc_curves({"GRU": evaluation()}),
        lambda: plots.roc_curves({"GRU": evaluation(auc=0.4), "mean": evaluation()}),
        lambda: plots.roc_curves({}),
        lambda: plots.roc_curves({"GRU": evaluation(NAN, NAN, NAN, (), ())}),
        lambda: plots.roc_curves({"GRU": evaluation(0.8, NAN, NAN), "mean": evaluation(NAN, NAN, NAN, (), ())}),
    ],
    "score_distribution": [
        lambda: plots.score_distribution(predictions([0.1, 0.6, 0.9, 0.4]), threshold=0.5),
        lambda: plots.score_distribution(predictions([0.1, 0.2, 0.9, 0.4]), threshold=0.5),
        lambda: plots.score_distribution(predictions([], []), threshold=0.5),
        lambda: plots.score_distribution(predictions([NAN] * 4), threshold=0.5),
        lambda: plots.score_distribution(predictions([0.3], [1], [""]), threshold=0.5),
    ],
    "mistakes": [
        lambda: plots.mistakes(MISTAKES, TRACKS),
        lambda: plots.mistakes(MISTAKES.head(1), {}),
        lambda: plots.mistakes(MISTAKES.head(0), {}),
    ],
    "threshold_costs": [
        lambda: plots.threshold_costs(thresholds(), {"chosen": 0.4}),
        lambda: plots.threshold_costs(thresholds((1.0, 0.5, 0.4)), {"chosen": 0.4, "strict": 0.9}),
        lambda: plots.threshold_costs(thresholds().head(0), {}),
        lambda: plots.threshold_costs(thresholds().head(1), {"chosen": 0.0}),
    ],
    "reliability": [
        lambda: plots.reliability({"before": reliability(), "after": reliability((0.1, 0.9))}),
        lambda: plots.reliability({"before": reliability((0.9, 0.5))}),
        lambda: plots.reliability({"before": reliability().head(0)}),
        lambda: plots.reliability({"before": reliability(low=(NAN, NAN), high=(NAN, NAN)).head(1)}),
    ],
    "intervals": [
        lambda: plots.intervals(rows(("a", 0.6, 0.4, 0.8), ("b", 0.9, 0.8, 1.0)), "name", line=0.65, line_label="a"),
        lambda: plots.intervals({"GRU": evaluation()}, "detector", metric="accuracy", note="A note."),
        lambda: plots.intervals({}, "detector"),
        lambda: plots.intervals(rows(("a", NAN, NAN, NAN)), "name"),
        lambda: plots.intervals(rows(*((f"row {i}", i / 20, i / 20 - 0.1, i / 20 + 0.1) for i in range(20))), "name"),
    ],
    "metric_intervals": [
        lambda: plots.metric_intervals({"GRU": evaluation(), "mean": evaluation(0.6)}, majority=0.65),
        lambda: plots.metric_intervals({"GRU": evaluation(0.7)}),
        lambda: plots.metric_intervals({}),
        lambda: plots.metric_intervals({"GRU": evaluation(NAN, NAN, NAN)}, majority=0.5),
        lambda: plots.metric_intervals({f"a detector with a long name {i}": evaluation() for i in range(9)}),
    ],
    "robustness": [
        lambda: plots.robustness(degraded(0.9, 0.8, 0.6, 0.7, 0.5)),
        lambda: plots.robustness(SimpleNamespace(table=degraded(0.9, 0.8, 0.7))),
        lambda: plots.robustness(degraded(0.9)),
        lambda: plots.robustness(degraded(NAN, NAN, NAN)),
        lambda: plots.robustness(degraded(0.9, 0.8)),
    ],
    "trials": [
        lambda: plots.trials(trials(0.5, 0.7, NAN)),
        lambda: plots.trials(SimpleNamespace(trials=trials(0.6, 0.8))),
        lambda: plots.trials(trials()),
        lambda: plots.trials(trials(NAN, NAN)),
        lambda: plots.trials(trials(0.7)),
    ],
    "parallel_coordinates": [
        lambda: plots.parallel_coordinates(trials(0.5, 0.7, 0.6), SETTINGS),
        lambda: plots.parallel_coordinates(SimpleNamespace(trials=trials(0.5, 0.7, best_units=128)), SETTINGS),
        lambda: plots.parallel_coordinates(trials(), SETTINGS),
        lambda: plots.parallel_coordinates(trials(NAN), SETTINGS),
        lambda: plots.parallel_coordinates(trials(0.7), SETTINGS),
    ],
    "seed_pairs": [
        lambda: plots.seed_pairs([0.5, 0.6], [0.6, 0.7]),
        lambda: plots.seed_pairs([0.5, 0.6], [0.4, 0.3]),
        lambda: plots.seed_pairs([], []),
        lambda: plots.seed_pairs([NAN, NAN], [NAN, 0.5]),
        lambda: plots.seed_pairs([0.5], [0.6]),
    ],
    "adaptation_curves": [
        lambda: plots.adaptation_curves({"fakes": adaptation()}),
        lambda: plots.adaptation_curves({"fakes": adaptation(0.4), "both": SimpleNamespace(curves=adaptation())}),
        lambda: plots.adaptation_curves({}),
        lambda: plots.adaptation_curves({"fakes": adaptation().drop(columns="val_auc").head(1)}),
    ],
    "left_out": [
        lambda: plots.left_out(left_out()),
        lambda: plots.left_out(left_out(0.3)),
        lambda: plots.left_out(left_out().head(0)),
        lambda: plots.left_out(left_out(NAN)),
    ],
    "training_on_copies": [
        lambda: plots.training_on_copies(copies()),
        lambda: plots.training_on_copies(copies(0.3)),
        lambda: plots.training_on_copies(copies().head(0)),
        lambda: plots.training_on_copies(copies(NAN)),
    ],
    "evidence": [
        lambda: plots.evidence(detection(), fake_from=0.7, real_below=0.3),
        lambda: plots.evidence(detection((0.9, 0.8, 0.2), hottest=(280, 20)), fake_from=2.0, real_below=0.0),
        lambda: plots.evidence(detection(()), fake_from=0.7, real_below=0.3),
        lambda: plots.evidence(detection((0.5,)), fake_from=0.5, real_below=0.5),
    ],
    "verdict_map": [
        lambda: plots.verdict_map(judged(), fake_from=0.7, real_below=0.3),
        lambda: plots.verdict_map(judged().tail(1), fake_from=2.0, real_below=0.0),
    ],
    "pipeline": [lambda: plots.pipeline("features"), lambda: plots.pipeline("GRU")],
}  # fmt: skip


def pytest_generate_tests(metafunc):
    if "draw_any" in metafunc.fixturenames:
        cases = [(f"{name} {i}", draw) for name, draws in FIGURES.items() for i, draw in enumerate(draws)]
        metafunc.parametrize("draw_any", [draw for _, draw in cases], ids=[name for name, _ in cases])
    if "draw_two" in metafunc.fixturenames:
        metafunc.parametrize("draw_two", [draws[:2] for draws in FIGURES.values()], ids=list(FIGURES))


@pytest.fixture
def figure_names():
    """The names of the functions that the sample figures are drawn with."""
    return set(FIGURES)


@pytest.fixture
def make():
    """The functions of this file that make small results: `make.evaluation(auc=…)`, `make.catalog(groups=…)`."""
    makers = (evaluation, detection, forgeries, track, clip, catalog, predictions, history, facts, degraded, trials,
              reliability, thresholds, seen, rows, feature_set, pictures)  # fmt: skip
    return SimpleNamespace(**{maker.__name__: maker for maker in makers})

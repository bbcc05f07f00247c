import numpy as np
import pytest

from dfutils.errors import DataError
from dfutils.evaluation import evaluate
from dfutils.evaluation.score_inputs import (
    calibrate_scores,
    choose_thresholds,
    read_detectors,
    read_validation,
)


@pytest.fixture
def write(tmp_path):
    """A function that writes a table of scores and returns its path."""

    def make(name, header, *rows):
        path = tmp_path / name
        path.write_text("\n".join([header, *rows]))
        return path

    return make


def test_names_of_the_files_tell_detectors_apart(write):
    one = write("a.csv", "clip_id,label,score", "x,1,0.5", "y,0,0.5")
    two = write("b.csv", "clip_id,label,model,score", "x,1,m,0.5", "x,1,n,0.5")
    assert list(read_detectors([one])[0]) == ["score"]
    assert list(read_detectors([two])[0]) == ["m", "n"]
    tables, remarks = read_detectors([one, two])
    assert list(tables) == ["a.csv", "b.csv: m", "b.csv: n"]
    assert len(remarks) == len(set(remarks))


def test_only_the_clips_of_a_split_are_used(write):
    path = write("a.csv", "clip_id,label,score,split", "x,1,0.5,test", "y,0,0.5,val")
    assert read_detectors([path], split="test")[0]["score"]["clip_id"].tolist() == ["x"]
    with pytest.raises(DataError, match="No clip is of the split 'train'. Splits: test, val"):
        read_detectors([path], split="train")


def test_clips_without_names_cannot_be_compared(write):
    with pytest.raises(DataError, match="only if all tables name their clips"):
        read_detectors([write("a.csv", "label,score", "1,0.5"), write("b.csv", "label,score", "0,0.5")])


def test_each_detector_gets_the_threshold_of_its_own_validation_clips(write):
    header = "clip_id,label,m,n"
    tables, _ = read_detectors([write("t.csv", header, "x,1,0.9,0.2", "y,0,0.1,0.1")], columns=("m", "n"))
    path = write("v.csv", header, "v,1,0.8,0.3", "w,0,0.4,0.1", "u,0,0.9,0.0")
    validation, remarks = read_validation([path], tables, columns=("m", "n"))
    assert not any("evaluated too" in remark for remark in remarks)
    found = choose_thresholds(validation)
    assert found["n"].value == pytest.approx(0.2)
    assert found["m"].value == pytest.approx(0.6)
    strict = choose_thresholds(validation, false_alarms=0.0)
    assert strict["m"].value == pytest.approx(0.95)
    with pytest.raises(DataError, match="no scores of 'm'. They have: n. Each detector needs"):
        read_validation([path], tables, columns=("n",))


def test_one_table_with_splits_serves_both(write):
    path = write(
        "a.csv",
        "clip_id,label,score,split,group",
        "x,1,0.5,test,g",
        "v,1,0.7,val,h",
        "w,0,0.3,val,h",
        "t,0,0.1,train,i",
    )
    tables, _ = read_detectors([path], split="test")
    validation, remarks = read_validation([path], tables)
    assert validation["score"]["clip_id"].tolist() == ["v", "w"]
    assert not any("evaluated too" in remark for remark in remarks)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (
            ["x,1,0.5,z", "w,0,0.2,w"],
            "1 clips of the validation table are evaluated too, by their names, such as 'x'",
        ),
        (
            ["z,1,0.5,g", "w,0,0.2,w"],
            "1 groups of the validation table are evaluated too, by their names, such as 'g'",
        ),
    ],
)
def test_clips_and_groups_that_are_evaluated_too_are_named(write, rows, words):
    tables, _ = read_detectors([write("t.csv", "clip_id,label,score,group", "x,1,0.5,g", "y,0,0.2,h")])
    remark = read_validation([write("v.csv", "clip_id,label,score,group", *rows)], tables)[1][-1]
    assert remark.startswith(words) and "--split test" in remark


def test_numbers_of_rows_are_no_names(write):
    unnamed, _ = read_detectors([write("u.csv", "label,score", "1,0.5", "0,0.2")])
    validation, remarks = read_validation([write("w.csv", "label,score", "1,0.6", "0,0.3")], unnamed)
    assert len(validation["score"]) == 2
    assert not any("evaluated too" in remark for remark in remarks)


def many(shift, seed):
    """Rows whose scores are too certain, and too high by a shift of the logit."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 1.5, 300)
    labels = (rng.random(300) < 1 / (1 + np.exp(-logits))).astype(int)
    scores = 1 / (1 + np.exp(-(3 * logits + shift)))
    return [f"{seed}-{i},{y},{p!r}" for i, (y, p) in enumerate(zip(labels, scores.tolist(), strict=True))]


@pytest.mark.parametrize("calibrator", ["auto", "temperature", "platt", "isotonic"])
def test_scores_are_calibrated_by_the_validation_clips(write, calibrator):
    tables, _ = read_detectors([write("t.csv", "clip_id,label,score", *many(3, 0))])
    validation, _ = read_validation([write("v.csv", "clip_id,label,score", *many(3, 1))], tables)
    corrected, on_validation, remarks = calibrate_scores(tables, validation, calibrator)
    loss = [
        evaluate(one["score"], n_bootstrap=0).table.loc["log_loss", "value"] for one in (tables, corrected)
    ]
    assert loss[1] < loss[0] - 0.1
    assert list(on_validation) == ["score"]
    assert ("chosen by the log loss" in remarks[0]) == (calibrator == "auto")
    if calibrator == "auto":
        assert remarks[0].startswith("Calibrator: platt, ")


def test_files_of_one_name_are_told_apart_by_their_folders(write, tmp_path):
    paths = []
    for folder, score in (("a", "0.1"), ("b", "0.9")):
        (tmp_path / folder).mkdir()
        paths.append(write(f"{folder}/scores.csv", "clip_id,label,score", f"x,1,{score}", "y,0,0.5"))
    tables, _ = read_detectors(paths)
    assert list(tables) == [str(path) for path in paths]
    assert [table["score"].iloc[0] for table in tables.values()] == [0.1, 0.9]
    with pytest.raises(DataError, match="each table of scores once"):
        read_detectors([paths[0], paths[0]])


def test_each_table_can_have_a_validation_table_of_its_own(write):
    header = "clip_id,label,score"
    tables, _ = read_detectors([write(f"{n}.csv", header, "x,1,0.5", "y,0,0.5") for n in "ab"])
    paths = [write(f"v{n}.csv", header, f"v,1,0.{n}", "w,0,0.1") for n in "39"]
    validation, _ = read_validation(paths, tables)
    assert [validation[name]["score"].iloc[0] for name in ("a.csv", "b.csv")] == [0.3, 0.9]
    with pytest.raises(DataError, match="may be repeated"):
        read_validation(paths[:1], tables)


@pytest.mark.parametrize("word", ["val", "Validation", "dev"])
def test_clips_without_names_are_told_apart_by_their_split(write, word):
    path = write("a.csv", "label,score,split", "1,0.5,test", "0,0.4,test", f"1,0.7,{word}", f"0,0.3,{word}")
    tables, _ = read_detectors([path], split="test")
    assert read_validation([path], tables)[0]["score"]["score"].tolist() == [0.7, 0.3]


def test_clips_of_a_catalog_without_a_score_are_not_in_both(write):
    catalog = write(
        "catalog.csv", "clip_id,label,group", *(f"{c},{i % 2},{c}" for i, c in enumerate("abcdefgh"))
    )
    header = "clip_id,score"
    tables, _ = read_detectors([write("t.csv", header, "a,0.1", "b,0.8")], catalog=catalog)
    path = write("v.csv", header, "c,0.2", "d,0.7", "zz,0.5")
    _, remarks = read_validation([path], tables, catalog=catalog)
    assert not any("evaluated too" in remark for remark in remarks)
    assert any("zz" in remark for remark in remarks)


def test_groups_and_methods_of_the_first_table_are_used_for_the_others(write):
    one = write("a.csv", "clip_id,label,score,group,method", "x,1,0.5,g,swap", "y,0,0.5,g,")
    two = write("b.csv", "clip_id,label,score", "x,1,0.6", "y,0,0.4", "z,0,0.3")
    tables, remarks = read_detectors([one, two])
    assert tables["b.csv"]["group"].tolist() == ["g", "g", "z"]
    assert tables["b.csv"]["method"].tolist() == ["swap", "", ""]
    assert "b.csv has no column group: the groups of the first table are used." in remarks

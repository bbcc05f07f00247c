import json

import numpy as np
import pandas as pd
import pytest

from dfutils.cli.evaluate import _EXAMPLE


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The files that the examples of the help name."""
    rng = np.random.default_rng(0)
    names = [f"c{number}" for number in range(80)]
    table = pd.DataFrame({"clip_id": names, "label": [0, 1] * 40, "group": [name[:-1] for name in names]})
    table["method"] = np.where(table["label"] == 1, "swap", "")
    for name, signal in {
        "scores": 0.5,
        "mine": 0.5,
        "theirs": 0.3,
        "baseline": 0.0,
        "validation": 0.4,
    }.items():
        score = rng.random(80) * (1 - signal) + signal * table["label"]
        table.assign(score=score).to_csv(tmp_path / f"{name}.csv", index=False)
    frames = pd.concat([table.assign(score=rng.random(80)) for _ in range(3)])
    frames.iloc[3:][["clip_id", "score"]].query("clip_id != 'c5'").to_csv(
        tmp_path / "frames.csv", index=False
    )
    catalog = table.assign(path=table["clip_id"] + ".mp4", media="video", split="")
    catalog.to_csv(tmp_path / "catalog.csv", index=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("example", _EXAMPLE.splitlines())
def test_examples_of_the_help_run(run_cli, folder, example):
    assert len(_EXAMPLE.splitlines()) == 5
    assert example in " ".join(run_cli("evaluate", "--help").output.split()) + example
    done = run_cli(*example.split()[1:], "--resamples", "100")
    assert done.exit_code == 0, done.output
    assert "Always answering" in done.stdout
    if "--html" in example:
        assert (folder / "report.html").read_text().startswith("<!DOCTYPE html>")
    if "--compare" in example:
        assert done.stdout.count("(Holm)") == 2


def test_json_holds_every_metric_and_what_was_assumed(run_cli, folder):
    done = run_cli("evaluate", "scores.csv", "--resamples", "50", "--json", "--by", "method")
    found = json.loads(done.stdout)
    assert found["detectors"]["score"]["n_clips"] == 80
    assert set(found["detectors"]["score"]["recall_at_fpr_05"]) == {"value", "low", "high"}
    assert list(found["by"]["parts"]["score"]) == ["swap"]


def test_low_coverage_is_status_3_and_bad_input_is_2(run_cli, folder):
    text = (folder / "scores.csv").read_text().splitlines()
    text[1] = text[1].rpartition(",")[0] + ","
    (folder / "holes.csv").write_text("\n".join(text))
    done = run_cli("evaluate", "holes.csv", "--resamples", "0", "--min-coverage", "0.99")
    assert done.exit_code == 3
    assert "Coverage of score: 98.8%, below 99.0%" in done.stderr
    assert run_cli("evaluate", "holes.csv", "--resamples", "0", "--min-coverage", "0.9").exit_code == 0
    for words, message in (
        (["missing.csv"], "There is no file"),
        (["scores.csv", "--split", "test"], "No clip is of the split 'test'. Splits: none"),
        (["scores.csv", "--threshold", "0.4", "--validation", "validation.csv"], "not both"),
        (["scores.csv", "--false-alarms", "0.1"], "give their scores with --validation"),
        (
            ["scores.csv", "--compare", "mine.csv", "--validation", "validation.csv"],
            "no scores of 'scores.csv'",
        ),
        (["scores.csv", "--metric", "beauty", "--compare", "mine.csv"], "Unknown metric 'beauty'"),
    ):
        done = run_cli("evaluate", *words, "--resamples", "0")
        assert done.exit_code == 2, done.output
        assert message in done.output


def test_calibrating_needs_validation_clips(run_cli, folder):
    done = run_cli("evaluate", "scores.csv", "--calibrate", "platt")
    assert done.exit_code == 2
    assert "give their scores with --validation" in done.output
    options = ("--validation", "validation.csv", "--resamples", "0", "--json")
    plain, calibrated = (
        json.loads(run_cli("evaluate", "scores.csv", *options, *more).stdout)
        for more in ((), ("--calibrate", "platt"))
    )
    losses = [one["detectors"]["score"]["log_loss"]["value"] for one in (plain, calibrated)]
    assert losses[1] != losses[0]
    assert "Calibrator: platt, fitted to the validation clips." in calibrated["remarks"]
    aucs = [one["detectors"]["score"]["auc"]["value"] for one in (plain, calibrated)]
    assert aucs[0] == pytest.approx(aucs[1])


def test_threshold_of_the_validation_clips_is_used(run_cli, folder):
    done = run_cli("evaluate", "scores.csv", "--validation", "validation.csv", "--resamples", "0", "--json")
    found = json.loads(done.stdout)
    assert found["detectors"]["score"]["threshold"] != 0.5
    assert "chosen on the validation clips" in " ".join(found["remarks"])

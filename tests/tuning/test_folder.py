"""A search's folder is its own, and what an interruption leaves in it is usable."""

import json

import pytest

from dfutils.tuning import SPACE
from dfutils.tuning.folder import drop_unstarted, fingerprint

OPTIONS = {
    "tuner": "random",
    "trials": 2,
    "epochs": 1,
    "batch_size": 32,
    "balance_classes": False,
    "seed": 7,
}


@pytest.mark.parametrize("name", list(OPTIONS))
def test_other_options_have_another_fingerprint(search_clips, name):
    other = {
        "tuner": "bayesian",
        "trials": 3,
        "epochs": 2,
        "batch_size": 8,
        "balance_classes": True,
        "seed": 8,
    }
    original = fingerprint(*search_clips, OPTIONS)
    assert fingerprint(*search_clips, dict(OPTIONS)) == original
    assert fingerprint(*search_clips, OPTIONS | {name: other[name]}) != original


def test_other_clips_have_another_fingerprint(make_clips, search_clips):
    train, val = search_clips
    fingerprints = {
        fingerprint(train, val, OPTIONS),
        fingerprint(val, train, OPTIONS),
        fingerprint(train.select(("mixed2",)), val.select(("mixed2",)), OPTIONS),
        fingerprint(make_clips(16, seed=3), val, OPTIONS),
    }
    train.y[0] = 1 - train.y[0]
    fingerprints.add(fingerprint(train, val, OPTIONS))
    train.mask[1, -1] = False
    fingerprints.add(fingerprint(train, val, OPTIONS))
    assert len(fingerprints) == 6


def test_another_space_has_another_fingerprint(search_clips, monkeypatch):
    original = fingerprint(*search_clips, OPTIONS)
    monkeypatch.setitem(SPACE, "units", (4, 8))
    assert fingerprint(*search_clips, OPTIONS) != original


def test_trials_that_the_search_does_not_list_are_dropped(tmp_path):
    drop_unstarted(tmp_path / "missing")
    (tmp_path / "oracle.json").write_text(json.dumps({"start_order": ["0", "1"]}))
    for trial_id in "012":
        (tmp_path / f"trial_{trial_id}").mkdir()
    drop_unstarted(tmp_path)
    assert sorted(path.name for path in tmp_path.glob("trial_*")) == ["trial_0", "trial_1"]

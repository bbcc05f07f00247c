"""A training with degraded copies is tested on unchanged and on degraded clips of groups that it has not seen."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dfutils.errors import DataError, SettingsError
from dfutils.evaluation import train_on_copies
from dfutils.training import ConstantBaseline, MeanPooledBaseline


@pytest.fixture
def clean(make_clips):
    """Unchanged clips show fakes in feature 1 and, more weakly, in feature 4. Copies have lost feature 1."""
    clips = make_clips(96, signal=0.0)
    X = clips.X.copy()
    X[clips.y == 1, :, 1] += 4
    X[clips.y == 1, :, 4] += 1
    coverage = clips.coverage.assign(status="ok", method=np.where(clips.y == 1, "swap", ""))
    return replace(clips, X=X, coverage=coverage)


@pytest.fixture
def copies(clean):
    X = clean.X.copy()
    X[clean.y == 1, :, 1] -= 4
    X[..., 1] -= 4 * (np.random.default_rng(0).random((96, 1)) > 0.5)  # what is left of the feature misleads
    return replace(clean, X=X).take(np.arange(1, 96))  # the first clip lost its face


def run(clean, copies, detectors=None, **options):
    detectors = detectors or {"linear": MeanPooledBaseline()}
    return train_on_copies(clean, {"h264:40": copies}, detectors, **{"k": 3, "progress": False} | options)


def test_copies_help_on_degraded_clips(clean, copies):
    table = run(clean, copies).table(n_bootstrap=200).loc["linear"]
    assert table.index.tolist() == ["as they are", "h264:40"]
    gain = table.loc["h264:40"]
    assert gain["change_low"] > 0
    assert gain["change"] == pytest.approx(gain["copies_value"] - gain["clean_value"])
    assert table.loc["as they are", "clean_value"] > 0.95
    assert table[["n_real", "n_fake"]].sum(axis=1).tolist() == [96, 95]


def test_a_copy_is_on_the_side_of_its_clip(clean, copies):
    used = []

    class Spy(ConstantBaseline):
        def fit(self, train, val, *, seed):
            used.append((train, val))
            return super().fit(train, val, seed=seed)

        def score(self, clips):
            train, val = used[-1]
            assert not {*train.groups, *val.groups} & set(clips.groups)
            return super().score(clips)

    run(clean, copies, {"spy": Spy()})
    for without, with_copies in zip(used[::2], used[1::2], strict=True):
        assert not set(with_copies[0].groups) & set(with_copies[1].groups)
        for plain, both in zip(without, with_copies, strict=True):
            own = set(plain.clip_ids.tolist())
            added = {f"{name}@h264:40" for name in own & set(copies.clip_ids.tolist())}
            assert set(both.clip_ids.tolist()) == own | added


def test_clips_without_features_are_counted(clean, copies):
    lost = clean.coverage.head(1).assign(status="no_face")
    of_copies = replace(copies, coverage=pd.concat([copies.coverage, lost]))
    table = run(clean, of_copies).table(n_bootstrap=0)
    assert table["n_unscored"].tolist() == [0, 1]


def test_options_are_checked(clean, copies):
    for options in ({"k": 1}, {"seeds": 0}):
        with pytest.raises(SettingsError, match="at least two folds"):
            run(clean, copies, **options)
    with pytest.raises(SettingsError, match="one degradation"):
        train_on_copies(clean, {}, {"linear": MeanPooledBaseline()})
    with pytest.raises(SettingsError, match="one of auc"):
        run(clean, copies).table(metric="accuracy")
    with pytest.raises(DataError, match="1 of 96 of the clips"):
        run(replace(clean, seen=np.array(["its content"] + [""] * 95)), copies)

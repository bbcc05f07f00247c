import numpy as np
import pytest

from dfutils.errors import SettingsError
from dfutils.tuning import SPACE, best_settings, search, trials_table, verdict


def test_search_finds_reads_back_and_tells(clips, tmp_path):
    part, val = clips(24), clips(12, seed=1)
    tuner = search(part, val, tmp_path, trials=2, epochs=1, progress=False)
    assert tuner.trials_run == 2
    table = trials_table(tuner)
    assert set(SPACE) | {"layers", "val_auc", "best_epoch", "status"} <= set(table)
    assert table["val_auc"].is_monotonic_decreasing
    settings, layers = best_settings(tuner)
    assert settings.units == table.iloc[0]["units"]
    assert "+".join(layers) == table.iloc[0]["layers"]

    again = search(part, val, tmp_path, trials=2, epochs=1, progress=False)
    assert again.trials_run == 0
    assert trials_table(again)["val_auc"].tolist() == table["val_auc"].tolist()

    changed = clips(24, seed=3)
    assert search(changed, val, tmp_path, trials=2, epochs=1, progress=False).trials_run == 2


def test_unknown_tuner_and_no_trials(clips, tmp_path):
    with pytest.raises(SettingsError, match="Unknown tuner 'genetic'"):
        search(clips(8), clips(8), tmp_path, tuner="genetic")
    with pytest.raises(SettingsError, match="trials=0"):
        search(clips(8), clips(8), tmp_path, trials=0)


def test_verdict_says_no_where_it_is_no():
    steady, noisy = [0.80, 0.81, 0.79], [0.70, 0.90, 0.80]
    assert verdict(0.10, 0.04, 0.16, steady, [0.90, 0.91, 0.92]).startswith("Yes")
    assert verdict(0.01, -0.05, 0.07, noisy, [0.72, 0.90, 0.81]).startswith("No:")
    assert verdict(-0.10, -0.2, -0.03, steady, [0.70, 0.71, 0.70]).startswith("No, it is worse")
    assert verdict(0.10, -0.02, 0.2, steady, [0.90, 0.91, 0.92]).startswith("Not shown: it is larger")
    assert verdict(0.10, 0.02, 0.2, noisy, [0.82, 0.85, 0.83]).startswith("Not shown: it is clear")
    assert verdict(0.10, np.nan, np.nan, steady, steady).startswith("It cannot be told")
    assert verdict(0.1, 0.02, 0.2, [0.8], [0.9]).startswith("It cannot be told: one seed")
    assert verdict(np.nan, np.nan, np.nan, steady, steady).startswith(
        "It cannot be told: the scored test clips"
    )


@pytest.mark.parametrize("tuner", ["bayesian", "hyperband"])
def test_every_tuner_finishes_its_trials(clips, tmp_path, tuner):
    tuned = search(clips(16), clips(8, seed=1), tmp_path, tuner=tuner, trials=2, epochs=3, progress=False)
    table = trials_table(tuned)
    assert set(table["status"]) == {"completed"}
    assert len(table) == tuned.trials_run

import numpy as np

from dfutils import plots


def test_trials_say_how_many_are_below_chance_and_which_is_best(make):
    alt = plots.trials(make.trials(0.4, 0.7, np.nan, 0.6)).alt
    assert "Validation AUC of 4 trials in the order tried: 0.40 to 0.70, 1 of them at or below 0.5" in alt
    assert "The best is trial 2" in alt
    assert "0.70 features alone, 0.40 with frame-to-frame differences" in alt
    assert "1 trial has no AUC" in alt


def test_the_settings_of_the_best_trial_are_read_out(make):
    alt = plots.parallel_coordinates(make.trials(0.5, 0.7, 0.6, 0.4), ["units", "layers"]).alt
    assert "4 of 4 trials as lines through 2 settings, validation AUC 0.40 to 0.70" in alt
    assert "The best chose units 64 and layers mixed2+mixed10" in alt
    assert "The three best agree in layers" in alt


def test_of_equal_trials_the_first_of_the_table_is_the_best(make):
    table = make.trials(*[0.7] * 20)
    first = table.iloc[0]
    alt = plots.parallel_coordinates(table, ["units", "differences"]).alt
    assert f"The best chose units {first['units']} and differences {first['differences']}" in alt


def test_pairs_are_counted_in_which_the_second_model_is_higher(make):
    alt = plots.seed_pairs([0.5, 0.6, np.nan], [0.6, 0.5, 0.9], names=("plain", "tuned")).alt
    assert "plain 0.55 (0.50 to 0.60), tuned 0.67 (0.50 to 0.90)" in alt
    assert "Tuned is higher in 1 of 2 pairs" in alt

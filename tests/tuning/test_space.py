"""What a search may choose, and how a trial is built from it."""

from dataclasses import asdict

import pytest

from dfutils.training import GRUSettings
from dfutils.tuning import SPACE
from dfutils.tuning.space import (
    _trial_seed,
    layer_choices,
    layers_of_choice,
    make_hypermodel,
    settings_of_values,
)


def test_untuned_settings_are_among_the_choices():
    untuned = asdict(GRUSettings())
    assert untuned.keys() == SPACE.keys()
    assert all(untuned[name] in choices for name, choices in SPACE.items())


def test_values_of_a_trial_become_settings_of_the_right_type():
    """Keras Tuner keeps False and True as 0 and 1."""
    values = {name: choices[-1] for name, choices in SPACE.items()} | {"bidirectional": 1, "differences": 0}
    settings = settings_of_values(values | {"layers": "mixed2", "tuner/epochs": 3})
    assert settings.bidirectional is True
    assert settings.differences is False
    assert settings.units == SPACE["units"][-1]


@pytest.mark.parametrize(
    ("stored", "choices"),
    [(("mixed2",), ["mixed2"]), (("mixed2", "mixed10"), ["mixed2", "mixed10", "mixed2+mixed10"])],
)
def test_trial_reads_one_stored_layer_or_all(stored, choices):
    assert layer_choices(stored) == choices
    assert layers_of_choice(choices[-1]) == stored


def test_trial_seed_depends_on_the_search_and_on_the_values():
    values = {"units": 32, "depth": 1}
    assert _trial_seed(7, values) == _trial_seed(7, dict(reversed(values.items())))
    seeds = {_trial_seed(7, values), _trial_seed(8, values), _trial_seed(7, values | {"units": 64})}
    assert len(seeds) == 3
    assert all(0 <= seed < 2**31 for seed in seeds)


@pytest.mark.slow
def test_trial_is_built_from_its_values(make_clips):
    import keras_tuner

    clips = make_clips(8)
    hypermodel = make_hypermodel(
        keras_tuner,
        clips,
        clips,
        epochs=1,
        batch_size=4,
        balance_classes=False,
        seed=7,
        progress=False,
        expected=None,
    )
    values = keras_tuner.HyperParameters()
    hypermodel.build(values)
    assert {*SPACE, "layers"} == set(values.values)
    values.values |= {"units": 64, "depth": 2, "bidirectional": 1, "layers": "mixed2+mixed10"}
    model = hypermodel.build(values)
    assert model.input["features"].shape[-1] == 6
    assert model.get_layer("gru_2").output.shape[-1] == 2 * 64

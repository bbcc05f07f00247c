import pytest

from dfutils.adaptation import AdaptSettings
from dfutils.errors import SettingsError


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"until": "mixed11"}, "a layer from mixed0 to mixed10"),
        ({"until": "mixed2", "frozen_until": "mixed2"}, r"a layer below mixed2 \(mixed0, mixed1\)"),
        ({"until": "mixed0", "frozen_until": "mixed1"}, "there is none"),
        ({"batch_size": 7}, "must be even"),
        ({"batch_size": 0}, "at least 2"),
        ({"frames": 0}, "at least 1"),
        ({"seed": -1}, "at least 0"),
        ({"learning_rate": 0}, "from 1e-08 to 1"),
        ({"learning_rate": float("nan")}, "from 1e-08 to 1"),
        ({"augmentation": 3}, "from 0 to 2"),
        ({"fakes": "none"}, "auto, real, pseudo, both"),
        ({"batch_norm": "off"}, "adapt, frozen"),
        ({"precision": "float16"}, "auto, float32, bfloat16"),
    ],
)
def test_settings_out_of_range_are_refused(options, message):
    with pytest.raises(SettingsError, match=message):
        AdaptSettings(**options)


def test_last_blocks_only():
    assert AdaptSettings(until="mixed7", frozen_until="mixed5").frozen_until == "mixed5"

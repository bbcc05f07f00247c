import pytest

from dfutils.errors import SettingsError
from dfutils.features import Backbone
from dfutils.features.backbone_settings import layer_widths


@pytest.mark.parametrize("layers", [(), ("mixed11",), ("mixed2", "mixed2"), ("mixed2", "top")])
def test_layers_must_be_known_and_different(layers):
    with pytest.raises(SettingsError, match=r"different names from mixed0 to mixed10\. Received"):
        Backbone(layers=layers)


def test_unknown_precision_names_the_known_ones():
    with pytest.raises(SettingsError, match=r"one of float32, bfloat16\. Received: 'float16'"):
        Backbone(precision="float16")


def test_options_are_given_by_name():
    with pytest.raises(TypeError, match="positional"):
        Backbone("random")


def test_widths_come_in_the_order_of_the_layers():
    assert list(layer_widths(("mixed10", "mixed0")).items()) == [("mixed10", 2048), ("mixed0", 256)]


def test_pooling_multiplies_the_widths():
    widths = layer_widths(("mixed0", "mixed7"), pooling=("mean", "grid", "maximum"))
    assert widths == {"mixed0": 6 * 256, "mixed7": 6 * 768}


@pytest.mark.parametrize("pooling", [(), ("median",), ("mean", "mean"), "mean"])
def test_pooling_must_be_known_and_different(pooling):
    with pytest.raises(SettingsError, match=r"different names of mean, deviation, maximum, grid\. Received"):
        Backbone(pooling=pooling)

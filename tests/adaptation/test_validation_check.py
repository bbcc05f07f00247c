import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from dfutils.adaptation import AdaptSettings
from dfutils.adaptation.scoring import Sample
from dfutils.adaptation.validation_check import ValidationCheck
from dfutils.features import View


class Crops:
    """Crops that are all of the brightness that their key names."""

    def crop(self, key, frame):
        return np.full((299, 299, 3), int(key), np.uint8)


class Network:
    """A network whose score is the brightness, or its opposite, as its only weight says."""

    def __init__(self):
        self.held, self.settings = [np.array(1.0)], SimpleNamespace(seed=7)

    def weights(self):
        return self.held

    def set_weights(self, weights):
        self.held = weights

    def score(self, pictures):
        return 0.5 + self.held[0] * (pictures.mean(axis=(1, 2, 3)) / 255 - 0.5)


def check_of(rows):
    table = pd.DataFrame(rows, columns=["clip_id", "key", "group", "label"])
    settings = AdaptSettings(view=View(crop=299, side=75))
    return ValidationCheck(Crops(), Sample(table.assign(frame=0, method="", pseudo=False)), settings)


def test_weights_are_scored_and_not_kept():
    check = check_of([(f"c{i}", str(i * 67 % 240), f"g{i // 2}", i % 2) for i in range(16)])
    network = Network()
    assert check.pictures.shape == (16, 75, 75, 3)
    auc, highest, loss = check.score(network, [np.array(-1.0)])
    assert network.held == [np.array(1.0)]
    upright = check.score(network, [np.array(1.0)])
    assert auc == pytest.approx(1 - upright[0])
    assert auc <= highest < 1
    assert upright[0] < upright[1] <= 1
    assert loss > upright[2]


def test_few_groups_have_no_interval():
    check = check_of([(f"c{i}", str(i * 15), f"g{i // 2}", i % 2) for i in range(14)])
    auc, highest, _ = check.score(Network(), [np.array(-1.0)])
    assert auc < 0.5
    assert highest == 1


def test_one_class_has_no_auc_and_one_group_no_interval():
    auc, highest, loss = check_of([("a", "10", "g", 0), ("b", "20", "h", 0)]).score(
        Network(), [np.array(1.0)]
    )
    assert math.isnan(auc)
    assert math.isnan(loss)
    assert highest == 1
    auc, highest, _ = check_of([("a", "20", "g", 0), ("b", "10", "g", 1)]).score(Network(), [np.array(1.0)])
    assert (auc, highest) == (0, 1)

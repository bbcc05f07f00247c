"""Tables of predictions, made at random."""

import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="session")
def make_predictions():
    """A function that makes predictions: `make_predictions(n, seed=…, per_group=…, decimals=…, signal=…)`.

    Few decimals give many ties; `signal` is how much higher the fakes score.
    """

    def make(n=60, seed=0, per_group=3, decimals=2, signal=0.2):
        rng = np.random.default_rng(seed)
        label = rng.integers(0, 2, n)
        label[:2] = [0, 1]
        score = np.clip(rng.random(n) * (1 - signal) + signal * label, 0, 1).round(decimals)
        ids = [f"c{i}" for i in range(n)]
        group = [f"g{i // per_group}" for i in range(n)]
        return pd.DataFrame({"clip_id": ids, "label": label, "group": group, "score": score})

    return make

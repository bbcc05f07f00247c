"""A search and the training of what it finds, as one detector."""

import numpy as np
import pytest

from dfutils.training import train_seeds
from dfutils.tuning import TunedDetector

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("tiny_space")]


def test_fit_searches_and_trains_and_returns_a_copy(search_clips, make_clips, tmp_path):
    detector = TunedDetector(directory=tmp_path, tuner="random", trials=1, epochs=1)
    fitted = detector.fit(*search_clips, seed=3)
    assert fitted.found.trials_run == 1
    assert fitted.gru.settings == fitted.found.settings
    assert fitted.gru.run.seed == 3
    assert np.isfinite(fitted.score(make_clips(6))).all()
    assert detector.gru is None
    # Without a search seed, another seed searches again.
    assert detector.fit(*search_clips, seed=4).found.trials_run == 1
    assert len(list(tmp_path.glob("random-*"))) == 2


def test_several_seeds_may_share_a_search(search_clips, make_clips, tmp_path):
    detector = TunedDetector(directory=tmp_path, tuner="random", trials=1, epochs=1, search_seed=5)
    first, second = train_seeds(detector, *search_clips, (3, 4), progress=False)
    assert (first.found.trials_run, second.found.trials_run) == (1, 0)
    assert not np.array_equal(first.score(make_clips(6)), second.score(make_clips(6)))
    assert len(list(tmp_path.glob("random-*"))) == 1

"""Clips with faults."""

import numpy as np
import pytest


@pytest.fixture
def make_faulty_clips(make_clips):
    """A function that makes clips of which one has a fault: `make_faulty_clips("no label")`."""

    def make(fault, n=8):
        clips = make_clips(n)
        if fault == "one class":
            clips.y[:] = 1
        elif fault == "no label":
            clips.y[2] = -1
        elif fault == "not finite":
            clips.X[3, 1, 0] = np.nan
        elif fault == "no frame":
            clips.mask[4] = False
        elif fault == "padding before a frame":
            clips.mask[5, 0] = False
        else:
            raise ValueError(fault)
        return clips

    return make

"""Groups are drawn as a whole, as often as there are groups."""

import numpy as np
import pytest

from dfutils.group_weights import bootstrap_weights, jackknife_weights, with_every_class


def drawn(codes, count, seed=7):
    return np.concatenate(list(bootstrap_weights(codes, count, seed)))


@pytest.mark.parametrize("groups", [5, 999, 1000, 3000])
def test_as_many_groups_are_drawn_as_there_are(groups):
    codes = np.repeat(np.arange(groups), 2)
    weights = drawn(codes, 300)
    assert weights.shape == (300, 2 * groups)
    assert (weights.sum(1) == 2 * groups).all()
    assert (weights[:, ::2] == weights[:, 1::2]).all()
    # A count of draws with replacement has mean 1 and variance 1 - 1 / groups.
    assert weights.mean() == 1
    assert weights.var() == pytest.approx(1 - 1 / groups, rel=0.05)


@pytest.mark.parametrize("groups", [50, 2000])
def test_the_seed_decides_and_blocks_do_not_matter(groups, monkeypatch):
    codes = np.arange(groups)
    first = drawn(codes, 40)
    assert (drawn(codes, 40) == first).all()
    assert (drawn(codes, 40, seed=8) != first).any()
    monkeypatch.setattr("dfutils.group_weights._BLOCK_CELLS", 7 * groups)
    assert (drawn(codes, 40) == first).all()


def test_clips_are_rows_in_memory():
    for blocks in (bootstrap_weights(np.arange(20), 10, 7), jackknife_weights(np.arange(20))):
        for weights in blocks:
            assert weights.T.flags.c_contiguous and weights.dtype == np.float32


def test_the_jackknife_leaves_out_each_group_or_part_once():
    weights = np.concatenate(list(jackknife_weights(np.repeat(np.arange(4), 3))))
    assert (weights == 1 - np.repeat(np.eye(4), 3, axis=1)).all()
    parts = np.concatenate(list(jackknife_weights(np.arange(1000))))
    assert parts.shape == (200, 1000) and ((parts == 0).sum(0) == 1).all()


def test_rows_without_a_class_are_left_out():
    weights = np.array([[1, 0, 1], [0, 2, 0], [3, 0, 0]], np.float32)
    labels = np.array([0, 0, 1])
    (kept,) = with_every_class(iter([weights, weights[1:]]), labels)
    assert kept.tolist() == [[1, 0, 1]]
    assert len(list(with_every_class(iter([weights]), np.zeros(3)))) == 1

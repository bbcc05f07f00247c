"""Every clip is in one batch; in pairs, a fake has a real clip of its group next to it."""

import numpy as np
import pytest

from dfutils.training.batches import cut_into_batches, paired_batches


def test_an_order_is_cut():
    assert [batch.tolist() for batch in cut_into_batches(np.arange(5), 2)] == [[0, 1], [2, 3], [4]]


@pytest.mark.parametrize("batch_size", [1, 2, 5, 7, 32])
@pytest.mark.parametrize("fakes", [1, 4])
def test_every_clip_is_in_one_batch_and_batches_are_about_full(batch_size, fakes):
    labels = np.tile([0] + [1] * fakes, 24)
    groups = np.repeat([f"g{i}" for i in range(24)], 1 + fakes)
    batches = paired_batches(labels, groups, np.random.default_rng(0).permutation(len(labels)), batch_size)
    assert sorted(np.concatenate(batches)) == list(range(len(labels)))
    assert max(map(len, batches)) <= batch_size
    if batch_size >= 1 + fakes:
        bundles_per_batch = batch_size // (1 + fakes)
        assert len(batches) == -(-24 // bundles_per_batch)
        for batch in batches:
            for group in set(groups[batch]):
                assert set(labels[batch][groups[batch] == group]) == {0, 1}


def test_each_real_clip_has_its_share_of_the_fakes():
    """Two originals and four forgeries in one group, as in FaceForensics++: two bundles of three."""
    labels, groups = np.array([0, 0, 1, 1, 1, 1]), np.full(6, "000-003")
    batches = paired_batches(labels, groups, np.arange(6), 3)
    assert [labels[batch].tolist() for batch in batches] == [[0, 1, 1], [0, 1, 1]]


def test_groups_of_one_class_fill_the_gaps():
    labels = np.array([0, 1, 1, 1, 0, 0])
    groups = np.array(["pair", "pair", "fakes", "fakes", "real", "other real"])
    batches = paired_batches(labels, groups, np.array([2, 0, 1, 3, 4, 5]), 3)
    assert [len(batch) for batch in batches] == [3, 3]
    assert any({0, 1} <= set(batch.tolist()) for batch in batches)


def test_the_order_decides():
    labels, groups = np.tile([0, 1], 20), np.repeat(np.arange(20).astype(str), 2)
    orders = [np.random.default_rng(seed).permutation(40) for seed in (0, 0, 1)]
    one, same, other = ([batch.tolist() for batch in paired_batches(labels, groups, o, 8)] for o in orders)
    assert one == same != other

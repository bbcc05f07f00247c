"""Divide the training clips into batches, also with each fake next to a real clip of its group."""

import numpy as np


def cut_into_batches(order: np.ndarray, batch_size: int) -> list[np.ndarray]:
    """Return the positions in `order`, cut into batches. The last one may be smaller."""
    return [order[begin : begin + batch_size] for begin in range(0, len(order), batch_size)]


def paired_batches(
    labels: np.ndarray, groups: np.ndarray, order: np.ndarray, batch_size: int
) -> list[np.ndarray]:
    """Return batches in which each fake has a real clip of its group next to it. Every clip is in one batch.

    In each group, the fakes are dealt out to the real clips. A real clip and its fakes form a bundle, and a bundle goes
    into one batch as a whole. Clips of a group with one class only, and bundles larger than a batch, are divided.

    Args:
        labels: int array [N]. 1 = fake, 0 = real.
        groups: str array [N].
        order: int array [N]. The positions of the clips in a random order, which decides about the bundles.
        batch_size: int. The largest number of clips per batch.

    Returns:
        list of int arrays. Some may be smaller than `batch_size`. If bundles are large, there are more batches than
        with `cut_into_batches`, up to twice as many.
    """
    of_group: dict[str, tuple[list[int], list[int]]] = {}
    for position in order:
        of_group.setdefault(str(groups[position]), ([], []))[int(labels[position])].append(int(position))
    bundles: list[list[int]] = []
    for real, fake in of_group.values():
        if real and fake:
            bundles += [[one, *fake[number :: len(real)]] for number, one in enumerate(real)]
        else:
            bundles += [[one] for one in real + fake]
    rank = np.empty(len(order), int)
    rank[order] = np.arange(len(order))
    bundles.sort(key=lambda bundle: rank[bundle[0]])  # as random as the order itself
    batches: list[list[int]] = []
    open_batches: list[list[int]] = []
    for bundle in bundles:
        for begin in range(0, len(bundle), batch_size):
            part = bundle[begin : begin + batch_size]
            batch = next((one for one in open_batches if len(one) + len(part) <= batch_size), None)
            if batch is None:
                batch = []
                batches.append(batch)
                open_batches.append(batch)
            batch += part
            if len(batch) == batch_size:
                open_batches.remove(batch)
    return [np.array(batch) for batch in batches]

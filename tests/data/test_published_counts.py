"""The published numbers: each has a source, and they add up where a total is published too."""

import pytest

from dfutils.data import published_counts
from dfutils.data.published_counts import Published

ALL = [known for known in vars(published_counts).values() if isinstance(known, Published)]


@pytest.mark.parametrize("known", ALL, ids=lambda known: known.version)
def test_every_data_set_has_a_source_and_each_part_once(known):
    assert known.source
    names = [part.name for part in known.parts]
    assert len(names) == len(set(names))
    assert all(part.expected > 0 for part in known.parts)


def total(known, **wanted):
    return sum(
        part.expected
        for part in known.parts
        if all(getattr(part, name) == value for name, value in wanted.items())
    )


def test_parts_add_up_to_the_published_totals():
    assert total(published_counts.FAKEAVCELEB) == 21_544
    assert total(published_counts.WILDDEEPFAKE) == 7314
    assert total(published_counts.FFIW, label=0) == total(published_counts.FFIW, label=1) == 9988
    assert total(published_counts.KODF, label=0) == 62_166 - 6654
    assert total(published_counts.KODF, label=1, split="train") == 139_951
    assert total(published_counts.KODF, label=1, split="val") == 16_894
    assert total(published_counts.DEEPERFORENSICS, label=1) == 11_000
    assert total(published_counts.DFDC) == 119_154
    assert total(published_counts.CELEBDF_1, label=0) == 408

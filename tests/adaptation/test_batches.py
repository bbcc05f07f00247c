from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dfutils.adaptation.batches import BatchMaker
from dfutils.adaptation.crops import Crops
from dfutils.errors import DataError
from dfutils.features import View
from dfutils.frames.self_blending import SelfBlend

LANDMARKS = np.array([[120, 130], [180, 130], [150, 165], [126, 195], [174, 195.0]])


@pytest.fixture
def crops(tmp_path):
    """Crops of plain colours that tell which clip they are of: the red channel is the clip's number times ten.

    Group a has one real and one fake clip, group b one real clip with many crops, group c one fake clip.
    """
    rows = []
    clips = (("a", 0, 2), ("a", 1, 2), ("b", 0, 30), ("c", 1, 1))
    for number, (group, label, frames) in enumerate(clips, 1):
        key = f"{number:032x}"
        pictures = np.zeros((frames, 299, 299, 3), np.uint8)
        pictures[..., 0] = 10 * number
        pictures[..., 1] = np.random.default_rng(number).integers(60, 200, (299, 299))
        np.save(tmp_path / f"{key}.npy", pictures)
        landmarks = np.tile(LANDMARKS, (frames, 1, 1))
        landmarks[frames // 2 :] = np.nan
        np.save(tmp_path / f"{key}.landmarks.npy", landmarks)
        rows.append(
            {"clip_id": key, "key": key, "group": group, "label": label, "method": "", "frames": frames}
        )
    return Crops(tmp_path, pd.DataFrame(rows))


@pytest.fixture
def plain(quick):
    return replace(quick, view=View(crop=299, side=299))


def clips_of(batch):
    """The number of the clip of each picture."""
    return (batch.pictures[:, 0, 0, 0] / 10).round().astype(int)


def test_half_of_a_batch_is_real(crops, plain):
    batch = BatchMaker(crops, crops.table, plain, "real").batch(0)
    assert batch.pictures.shape == (8, 299, 299, 3)
    assert batch.labels.tolist() == [0, 1] * 4
    numbers = clips_of(batch)
    assert set(numbers[::2]) <= {1, 3}
    assert set(numbers[1::2]) <= {2, 4}


def test_every_group_counts_alike_whatever_the_length_of_its_clips(crops, plain):
    maker = BatchMaker(crops, crops.table, plain, "real")
    reals = np.concatenate([clips_of(maker.batch(step))[::2] for step in range(60)])
    assert 0.4 < (reals == 1).mean() < 0.6


def test_fake_is_from_the_group_of_its_real_crop_where_there_is_one(crops, plain):
    maker = BatchMaker(crops, crops.table, plain, "real")
    numbers = np.concatenate([clips_of(maker.batch(step)) for step in range(30)])
    pairs = set(zip(numbers[::2].tolist(), numbers[1::2].tolist(), strict=True))
    assert pairs == {(1, 2), (3, 2), (3, 4)}


def test_same_step_and_seed_give_the_same_batch(crops, plain):
    settings = replace(plain, augmentation=1.0, view=View(crop=239, side=96))
    first, second = (BatchMaker(crops, crops.table, settings, "real").batch(5) for _ in range(2))
    assert (first.pictures == second.pictures).all()
    other = BatchMaker(crops, crops.table, replace(settings, seed=8), "real").batch(5)
    assert (first.pictures != other.pictures).any()
    stream = BatchMaker(crops, crops.table, settings, "real").stream(4, workers=2)
    next(stream)
    assert (next(stream).pictures == first.pictures).all()
    stream.close()


def test_pseudo_fakes_are_made_of_the_real_crop_of_their_pair(crops, plain):
    settings = replace(plain, self_blend=SelfBlend(source=1.0))  # only the pasted face is changed
    batch = BatchMaker(crops, crops.table, settings, "pseudo").batch(0)
    numbers = clips_of(batch)
    assert set(numbers) <= {1, 3}
    for real, fake in zip(batch.pictures[::2], batch.pictures[1::2], strict=True):
        changed = (real != fake).any(axis=-1)
        assert changed[100:200, 100:200].mean() > 0.2
        assert not changed[:20, :20].any()


def test_both_kinds_of_fakes_are_mixed(crops, plain):
    settings = replace(plain, self_blend=SelfBlend(source=1.0))
    maker = BatchMaker(crops, crops.table, settings, "both")
    fakes = np.concatenate([clips_of(maker.batch(step))[1::2] for step in range(40)])
    assert 0.35 < np.isin(fakes, (2, 4)).mean() < 0.65


def test_missing_crops_are_named_with_a_remedy(crops, plain):
    real, fake = (crops.table[crops.table["label"] == label] for label in (0, 1))
    with pytest.raises(DataError, match="No real training clip"):
        BatchMaker(crops, fake, plain, "real")
    with pytest.raises(DataError, match="--fakes pseudo"):
        BatchMaker(crops, real, plain, "real")
    for key in real["key"]:
        np.save(crops.folder / f"{key}.landmarks.npy", np.full((2, 5, 2), np.nan))
    with pytest.raises(DataError, match="No face was found in any real training crop"):
        BatchMaker(crops, real, plain, "pseudo")

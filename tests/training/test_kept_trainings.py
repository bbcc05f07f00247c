"""A training that was finished once is loaded, and only if everything that decides it is the same."""

import hashlib
import json
from dataclasses import replace

import numpy as np
import pytest

from dfutils.errors import StoreError
from dfutils.training import GRUDetector, GRUSettings, gru_detector, seeds_table, train_seeds
from dfutils.training.kept_trainings import fingerprint, path_of_training

FACTS = {"epochs": 1, "seed": 7}


def test_other_clips_or_facts_have_another_fingerprint(make_clips):
    train, val = make_clips(16), make_clips(8, seed=1)
    original = fingerprint(train, val, FACTS)
    assert fingerprint(train, val, dict(reversed(FACTS.items()))) == original
    fingerprints = {
        original,
        fingerprint(train, val, FACTS | {"seed": 8}),
        fingerprint(val, train, FACTS),
        fingerprint(train.select(("mixed2",)), val.select(("mixed2",)), FACTS),
        fingerprint(make_clips(16, seed=3), val, FACTS),
    }
    train.y[0] = 1 - train.y[0]
    fingerprints.add(fingerprint(train, val, FACTS))
    train.mask[1, -1] = False
    fingerprints.add(fingerprint(train, val, FACTS))
    assert len(fingerprints) == 7


def test_fingerprint_is_that_of_the_whole_arrays(make_clips, make_packed):
    """Trainings that earlier versions kept are found, also for clips that are packed now."""
    (clips, packed), val = make_packed(make_clips(300)), make_clips(8, seed=1)
    digest = hashlib.sha256(json.dumps(FACTS, sort_keys=True).encode())
    for part in (clips, val):
        digest.update(repr(part.spans).encode())
        for array in (part.X, part.mask, part.y):
            digest.update(array.tobytes())
    assert fingerprint(clips, val, FACTS) == digest.hexdigest()[:12]
    assert fingerprint(packed, val, FACTS) == digest.hexdigest()[:12]
    assert fingerprint(packed.select("mixed10"), val, FACTS) == fingerprint(
        clips.select("mixed10"), val, FACTS
    )


@pytest.mark.slow
def test_another_version_of_keras_trains_again(make_clips, monkeypatch):
    import keras

    parts = make_clips(8), make_clips(8, seed=1), FACTS
    before = path_of_training("folder", *parts)
    monkeypatch.setattr(keras, "__version__", "99")
    assert path_of_training("folder", *parts) != before


@pytest.fixture
def trainings(monkeypatch):
    """The seeds of the trainings that were run, in order."""
    seeds = []
    train = gru_detector.train_model

    def spy(*args, **options):
        seeds.append(options["seed"])
        return train(*args, **options)

    monkeypatch.setattr(gru_detector, "train_model", spy)
    return seeds


@pytest.fixture
def detector(tmp_path):
    return GRUDetector(settings=GRUSettings(units=4), epochs=2, batch_size=8, directory=tmp_path / "kept")


@pytest.mark.slow
def test_finished_training_is_loaded_and_scores_the_same(make_clips, detector, trainings):
    clips, val = make_clips(16), make_clips(8, seed=1)
    first = train_seeds(detector, clips, val, [3, 4], progress=False)
    again = train_seeds(detector, clips, val, [3, 4, 5], progress=False)
    assert trainings == [3, 4, 5]
    for one, other in zip(first, again, strict=False):
        np.testing.assert_array_equal(one.score(val), other.score(val))
        np.testing.assert_array_equal(
            one.model.predict({"features": val.X, "mask": val.mask}, verbose=0),
            other.model.predict({"features": val.X, "mask": val.mask}, verbose=0),
        )
        assert one.run == other.run
        assert one.run.history.equals(other.run.history)
    assert seeds_table(first).iloc[:2].equals(seeds_table(again).iloc[:2])


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        {"settings": GRUSettings(units=4, weight_decay=0.1)},
        {"layers": ("mixed2",)},
        {"epochs": 1},
        {"batch_size": 4},
        {"balance_classes": True},
        {"pairs": True},
    ],
    ids=lambda change: next(iter(change)),
)
def test_other_settings_are_another_training(make_clips, detector, trainings, change):
    clips, val = make_clips(16), make_clips(8, seed=1)
    detector.fit(clips, val, seed=3)
    replace(detector, **change).fit(clips, val, seed=3)
    replace(detector, name="another name").fit(clips, val, seed=3)
    assert trainings == [3, 3]


@pytest.mark.slow
def test_other_groups_are_another_training_only_if_they_decide_the_batches(make_clips, detector, trainings):
    clips, val = make_clips(16), make_clips(8, seed=1)
    regrouped = replace(clips, groups=clips.groups[::-1])
    for pairs, expected in ((False, 1), (True, 3)):
        for one in (clips, regrouped):
            replace(detector, pairs=pairs).fit(one, val, seed=3)
        assert len(trainings) == expected


@pytest.mark.slow
@pytest.mark.parametrize("damage", ["truncated", "empty", "another file", "another model", "half"])
def test_damaged_file_is_trained_again(make_clips, detector, trainings, damage):
    clips, val = make_clips(16), make_clips(8, seed=1)
    scores = detector.fit(clips, val, seed=3).score(val)
    (path,) = detector.directory.glob("*.npz")
    content = path.read_bytes()
    if damage == "another model":
        np.savez(path, weights_0=np.zeros(3), history=np.zeros((1, 1)), columns=["loss"])
    elif damage == "half":  # other weights, and nothing behind them
        with np.load(path) as kept:
            parts = {name: kept[name] for name in kept if name not in ("best_epoch", "seconds")}
        np.savez(path, **{name: part + 1 if part.dtype == "f4" else part for name, part in parts.items()})
    else:
        cuts = {"truncated": content[:-100], "empty": b"", "another file": b"not a training"}
        path.write_bytes(cuts[damage])
    np.testing.assert_allclose(detector.fit(clips, val, seed=3).score(val), scores, atol=1e-6)
    assert trainings == [3, 3]
    detector.fit(clips, val, seed=3)
    assert trainings == [3, 3]


@pytest.mark.slow
def test_without_a_folder_nothing_is_kept(make_clips, detector, trainings):
    clips = make_clips(16)
    for _ in range(2):
        replace(detector, directory=None).fit(clips, clips, seed=3)
    assert trainings == [3, 3]
    assert not detector.directory.exists()


@pytest.mark.slow
def test_folder_that_cannot_be_written_is_an_error_that_names_it(make_clips, detector):
    detector.directory.write_text("a file, not a folder")
    with pytest.raises(StoreError, match="kept"):
        detector.fit(make_clips(16), make_clips(8), seed=3)

"""The steps that take one clip into the store; no network is needed for any of them."""

from dataclasses import replace

import numpy as np
import pytest

from dfutils.errors import WeightsError
from dfutils.features import clip_job
from dfutils.features.clip_job import ClipJob
from dfutils.features.clip_keys import content_key
from dfutils.features.store import Store
from dfutils.frames import Degradation, Sampling

SMALL = "crops of 64 pixels, enlarged 4.7 times"


@pytest.fixture
def target(tmp_path, settings):
    target = Store(tmp_path / "store", settings)
    target.create()
    return target


@pytest.fixture
def job(root, target):
    job = ClipJob(root / "04.mp4")
    job.look_up(target)
    return job


def finish(job, settings):
    job.finish(np.ones((len(job.times), 256), np.float32), settings)


def test_clip_goes_from_its_file_into_the_store(job, target, settings):
    assert job.result is None
    job.decode(settings, store=target)
    assert job.track.crops.shape == (3, 299, 299, 3)
    finish(job, settings)
    assert job.track is None  # the crops are not kept in memory
    job.save(target)
    assert job.facts() == {"key": content_key(job.path), "status": "ok", "reason": SMALL, "frames": 3}
    assert job.was_extracted
    assert job.seconds > 0
    again = ClipJob(job.path)
    again.look_up(target)
    assert again.outcome.status == "ok"
    assert not again.was_extracted


def test_result_of_another_process_is_taken_over(job, target, settings):
    other = ClipJob(job.path)
    other.look_up(target)
    other.decode(settings, store=target)
    finish(other, settings)
    other.save(target)
    job.decode(settings, store=target)
    assert job.outcome.status == "ok"
    assert not job.was_extracted
    assert job.track is None


def test_damaged_features_are_replaced_with_a_reason(job, target, settings):
    target.path(job.key).write_text("damaged")
    job.look_up(target)
    assert job.result is None
    job.decode(settings, store=target)
    finish(job, settings)
    assert "damaged" in job.reason
    assert job.reason.endswith("so it was re-extracted")
    assert job.outcome.reason == SMALL


def test_unusable_file_is_stored_with_its_status(root, target, settings):
    (root / "text.mp4").write_text("no video")
    job = ClipJob(root / "text.mp4")
    job.look_up(target)
    job.decode(settings, store=target)
    job.save(target)
    stored, _ = target.read(job.key)
    assert stored.status == "unreadable"
    assert stored.features.shape == (0, 256)


def test_missing_file_is_unreadable_and_not_stored(tmp_path, target, settings):
    job = ClipJob(tmp_path / "nowhere.mp4")
    job.look_up(target)
    job.decode(settings, store=target)
    job.save(target)
    assert job.key == ""
    assert job.outcome.status == "unreadable"
    assert list(target.folder.glob("clips/*")) == []


@pytest.mark.parametrize("change", ["vanishes", "grows"])
def test_file_that_changes_while_it_is_read_is_refused(change, job, target, settings, monkeypatch):
    read = clip_job.read_clip

    def read_and_change(path, *arguments, **options):
        clip = read(path, *arguments, **options)
        if change == "vanishes":
            path.unlink()
        else:
            path.write_bytes(path.read_bytes() + b" ")
        return clip

    monkeypatch.setattr(clip_job, "read_clip", read_and_change)
    job.decode(settings, store=target)
    assert job.outcome.status == "unreadable"
    assert "while it was being read" in job.reason
    assert job.key == ""


def test_file_that_appears_while_it_is_read_is_refused(root, target, settings, monkeypatch):
    job = ClipJob(root / "late.mp4")
    job.look_up(target)
    (root / "04.mp4").rename(root / "late.mp4")
    job.decode(settings, store=target)
    assert "while it was being read" in job.reason
    assert not job.was_extracted


def test_unexpected_error_becomes_the_reason_and_is_not_stored(job, target, settings, monkeypatch):
    def fail(*_, **__):
        raise MemoryError("not enough memory")

    monkeypatch.setattr(clip_job, "read_clip", fail)
    job.decode(settings, store=target)
    assert job.reason == "could not be read (MemoryError: not enough memory)"
    assert isinstance(job.unexpected_error, MemoryError)
    assert not job.was_extracted


def test_missing_library_is_not_blamed_on_the_clip(job, settings, monkeypatch):
    def fail(*_, **__):
        raise ImportError("No module named 'mtcnn'")

    monkeypatch.setattr(clip_job, "read_clip", fail)
    with pytest.raises(ImportError, match="mtcnn"):
        job.decode(settings)


def test_degradation_is_applied_before_the_faces_are_cropped(job, settings):
    job.decode(settings)
    degraded = ClipJob(job.path)
    degraded.decode(replace(settings, degradation=Degradation("blur", 5)))
    assert degraded.track.crops.std() < 0.8 * job.track.crops.std()


def test_clip_with_too_few_frames_keeps_its_reason(root, target, settings):
    job = ClipJob(root / "00.mp4")
    job.decode(replace(settings, sampling=Sampling(frames=3, min_frames=2)))
    assert job.outcome.status == "too_short"


@pytest.mark.parametrize("value", [1e6, np.nan, np.inf])
def test_values_that_a_float16_cannot_hold_blame_the_weights(value, job, settings):
    job.decode(settings)
    features = np.ones((3, 256), np.float32)
    features[1, 2] = value
    with pytest.raises(WeightsError, match=r"weights 'random'.*04\.mp4"):
        job.finish(features, settings)

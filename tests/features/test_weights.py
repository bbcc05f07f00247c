import pytest

from dfutils.errors import WeightsError
from dfutils.features import Backbone, ExtractionSettings, resolve_weights, weights


@pytest.fixture
def no_network(tmp_path, monkeypatch, forget_weights):
    """Keras's cache is empty and the download fails at once."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(weights, "_IMAGENET_URL", "http://127.0.0.1:9/nothing.h5")


def test_random_weights_carry_their_warning():
    found = resolve_weights(Backbone(weights="random"))
    assert found.kind == "random"
    assert found.path is None
    assert "not for judging real videos" in found.note


def test_random_weights_are_identified_by_seed_and_keras(monkeypatch, forget_weights):
    identities = {resolve_weights(Backbone(weights="random", seed=seed)).identity for seed in (7, 8)}
    weights._resolve.cache_clear()
    monkeypatch.setattr(weights, "version", lambda package: "2.0")
    identities.add(resolve_weights(Backbone(weights="random")).identity)
    assert len(identities) == 3


def test_imagenet_weights_are_taken_from_the_cache_of_keras(tmp_path, no_network):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / weights._IMAGENET_FILE).write_bytes(b"weights")
    found = resolve_weights(Backbone(weights="auto"))
    assert found.kind == "imagenet"
    assert found.path == tmp_path / "models" / weights._IMAGENET_FILE
    assert found.note == ""


def test_missing_imagenet_weights_say_what_to_do(no_network):
    with pytest.raises(WeightsError, match=r"could not be downloaded.*or use weights='random'"):
        resolve_weights(Backbone(weights="imagenet"))


def test_auto_falls_back_to_random_weights_and_says_why(no_network):
    found = resolve_weights(Backbone(weights="auto"))
    assert found.kind == "random"
    assert "could not be downloaded" in found.fallback_reason


def test_damaged_download_is_not_kept(tmp_path, monkeypatch, no_network):
    damaged = tmp_path / "damaged.h5"
    damaged.write_bytes(b"half of the weights")
    monkeypatch.setattr(weights, "_IMAGENET_URL", damaged.as_uri())
    assert "the download was damaged" in resolve_weights(Backbone(weights="auto")).fallback_reason
    assert list((tmp_path / "models").iterdir()) == []


def test_missing_weights_file_is_named():
    with pytest.raises(WeightsError, match=r"There is no weights file 'nowhere\.h5'"):
        resolve_weights(Backbone(weights="nowhere.h5"))


def test_weights_file_counts_by_its_content(tmp_path, forget_weights):
    fingerprints = []
    for name, content in (("a.h5", b"one"), ("b.h5", b"one"), ("c.h5", b"two")):
        (tmp_path / name).write_bytes(content)
        backbone = Backbone(weights=str(tmp_path / name))
        assert resolve_weights(backbone).kind == "file"
        fingerprints.append(ExtractionSettings(backbone=backbone).fingerprint())
    assert fingerprints[0] == fingerprints[1] != fingerprints[2]

import json
from dataclasses import replace

import numpy as np
import pytest

from dfutils.errors import DataError, MissingArtefactError, SettingsError, WeightsError
from dfutils.features import Backbone, ExtractionSettings, extract, load, resolve_weights
from dfutils.features.backbone import build_backbone
from dfutils.features.clip_keys import content_key
from dfutils.features.random_weights import calibration_faces
from dfutils.features.store import Store
from dfutils.frames import FaceCrop, Sampling
from dfutils.lessons import explained_share, nearest_frames, project

SETTINGS = ExtractionSettings(
    sampling=Sampling(frames=3),
    face=FaceCrop(detector="none"),
    backbone=Backbone(weights="random", layers=("mixed0", "mixed2")),
)


@pytest.fixture
def videos(tmp_path, make_video, make_catalog):
    """Four clips, of which one is a text file and one is short, with their catalog."""
    table = make_catalog(groups=1)
    for i, row in enumerate(table.itertuples()):
        make_video(f"videos/{row.path}", frames=2 if i == 1 else 8)
    (tmp_path / "videos/g00/c2.mp4").write_text("no video")
    return table, tmp_path / "videos", tmp_path / "store"


def fill(videos, settings=SETTINGS):
    table, root, store = videos
    return extract(table, root, store, settings, progress=False)


def test_extract_and_load(videos):
    result = fill(videos)
    assert result.table["status"].tolist() == ["ok", "ok", "unreadable", "ok"]
    assert result.extracted == 4
    clips = load(videos[2], videos[0])
    assert clips.X.shape == (3, 3, 256 + 288)
    assert clips.X.dtype == np.float32
    assert clips.mask.tolist() == [[True] * 3, [True, True, False], [True] * 3]
    assert (clips.X[~clips.mask] == 0).all()
    assert clips.y.tolist() == [0, 1, 1]
    assert clips.coverage["status"].tolist() == result.table["status"].tolist()


def test_features_are_those_of_the_crops(videos):
    from dfutils.frames import crop_faces, read_clip

    fill(videos)
    table, root, store = videos
    clip = read_clip(root / table["path"][0], SETTINGS.sampling)
    crops = crop_faces(clip, SETTINGS.face).crops
    expected = build_backbone(SETTINGS.backbone).predict_on_batch(crops)
    np.testing.assert_allclose(load(store, table).X[0], expected, rtol=2e-3, atol=2e-3)


def test_second_run_extracts_nothing_bad_file_included(videos):
    fill(videos)
    assert fill(videos).extracted == 0


def test_replaced_file_is_extracted_again_moved_file_is_not(videos, make_video):
    fill(videos)
    table, root, _ = videos
    (root / "g00/c0.mp4").rename(root / "g00/other.mp4")
    (root / "g00/c1.mp4").rename(root / "g00/c0.mp4")
    (root / "g00/other.mp4").rename(root / "g00/c1.mp4")
    assert fill(videos).extracted == 0
    clips = load(videos[2], table)
    assert clips.mask.sum(1).tolist() == [2, 3, 3]
    make_video("videos/g00/c0.mp4", frames=5)
    assert fill(videos).extracted == 1


def test_truncated_cache_file_is_extracted_again(videos):
    fill(videos)
    _, root, store = videos
    target = Store(store, SETTINGS)
    path = target.path(content_key(root / "g00/c0.mp4"))
    path.write_bytes(path.read_bytes()[:-200])
    result = fill(videos)
    assert result.extracted == 1
    assert "damaged" in result.table["reason"][0]


def test_index_line_cut_by_a_kill_loses_one_clip_only(videos):
    fill(videos)
    target = Store(videos[2], SETTINGS)
    index = target.folder / "index.jsonl"
    index.write_text(index.read_text().rstrip()[:-20])
    with pytest.raises(MissingArtefactError, match="1 of 4 clips"):
        load(videos[2], videos[0])
    assert fill(videos).extracted == 0
    assert len(load(videos[2], videos[0])) == 3


def test_other_settings_have_another_folder():
    names = {
        SETTINGS.fingerprint(),
        replace(SETTINGS, sampling=Sampling(frames=4)).fingerprint(),
        replace(SETTINGS, face=FaceCrop()).fingerprint(),
        ExtractionSettings(
            sampling=SETTINGS.sampling,
            face=SETTINGS.face,
            backbone=Backbone(weights="random", layers=("mixed2",)),
        ).fingerprint(),
        ExtractionSettings(
            sampling=SETTINGS.sampling, face=SETTINGS.face, backbone=Backbone(weights="random", seed=8)
        ).fingerprint(),
    }
    assert len(names) == 5


def test_settings_survive_json():
    assert ExtractionSettings.from_dict(json.loads(json.dumps(SETTINGS.to_dict()))) == SETTINGS
    with pytest.raises(SettingsError):
        ExtractionSettings.from_dict({"sampling": {"speed": 3}})


def test_some_layers_or_all_side_by_side(videos):
    fill(videos)
    both = load(videos[2], videos[0])
    turned = load(videos[2], videos[0], layers=("mixed2", "mixed0"))
    np.testing.assert_array_equal(both.X[..., both.spans["mixed0"]], turned.X[..., turned.spans["mixed0"]])
    np.testing.assert_array_equal(
        both.select(("mixed2",)).X, load(videos[2], videos[0], layers=("mixed2",)).X
    )
    with pytest.raises(SettingsError, match="mixed10"):
        load(videos[2], videos[0], layers=("mixed10",))


def test_no_usable_clip_is_an_error_with_the_counts(tmp_path, make_catalog):
    table = make_catalog(groups=1)
    (tmp_path / "g00").mkdir()
    result = extract(table, tmp_path, tmp_path / "store", SETTINGS, progress=False)
    assert set(result.table["status"]) == {"unreadable"}
    with pytest.raises(DataError, match="unreadable.*4"):
        load(tmp_path / "store", table, SETTINGS)


def test_missing_store_names_the_notebook(tmp_path, make_catalog):
    with pytest.raises(MissingArtefactError, match="03_feature_caching"):
        load(tmp_path / "none", make_catalog())


def test_random_weights_are_announced_and_the_same_every_time():
    weights = resolve_weights(Backbone(weights="random"))
    assert weights.kind == "random"
    assert "not for judging real videos" in weights.note
    faces = calibration_faces()[:2]
    first = build_backbone(Backbone(weights="random", layers=("mixed2",))).predict_on_batch(faces)
    from dfutils.features.backbone import _build

    _build.cache_clear()
    again = build_backbone(Backbone(weights="random", layers=("mixed2",))).predict_on_batch(faces)
    np.testing.assert_array_equal(first, again)
    assert np.isfinite(first).all()
    assert first.std() > 0.01


def test_weights_from_a_file_are_loaded(tmp_path):
    import keras

    network = keras.applications.InceptionV3(include_top=False, weights=None, input_shape=(299, 299, 3))
    path = tmp_path / "mine.weights.h5"
    network.save_weights(path)
    faces = calibration_faces()[:1]
    pooled = build_backbone(Backbone(weights=str(path))).predict_on_batch(faces)
    expected = network(faces.astype("float32") / 127.5 - 1).numpy().mean((1, 2))
    np.testing.assert_allclose(pooled, expected, rtol=1e-3, atol=1e-4)
    assert resolve_weights(Backbone(weights=str(path))).kind == "file"


def test_weights_that_do_not_fit(tmp_path):
    path = tmp_path / "other.weights.h5"
    path.write_text("nothing of the kind")
    with pytest.raises(WeightsError, match="does not fit InceptionV3"):
        build_backbone(Backbone(weights=str(path)))


def test_missing_weights_file():
    with pytest.raises(WeightsError, match="There is no weights file"):
        resolve_weights(Backbone(weights="nowhere.h5"))


def test_keras_cached_imagenet_is_used(tmp_path, monkeypatch):
    from dfutils.features import weights

    (tmp_path / "models").mkdir()
    (tmp_path / "models" / weights._IMAGENET_FILE).write_bytes(b"weights")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    weights._resolve.cache_clear()
    try:
        assert resolve_weights(Backbone(weights="auto")).kind == "imagenet"
        assert resolve_weights(Backbone(weights="auto")).note == ""
    finally:
        weights._resolve.cache_clear()


def test_imagenet_that_cannot_be_had(tmp_path, monkeypatch):
    from dfutils.features import weights

    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(weights, "_IMAGENET_URL", "http://127.0.0.1:9/nothing.h5")
    weights._resolve.cache_clear()
    try:
        with pytest.raises(WeightsError, match="is not available"):
            resolve_weights(Backbone(weights="imagenet"))
        auto = resolve_weights(Backbone(weights="auto"))
        assert auto.kind == "random"
        assert "could not be downloaded" in auto.fallback_reason
    finally:
        weights._resolve.cache_clear()


def test_projection_of_few_clips():
    points, share = project(np.random.default_rng(0).normal(size=(5, 9)))
    assert points.shape == (5, 2)
    assert 0 < share <= 1
    assert project(np.ones((1, 9)))[0].tolist() == [[0, 0]]


def test_explained_share_tells_meaning_from_chance():
    rng = np.random.default_rng(0)
    points, groups = rng.normal(size=(400, 2)), np.repeat(np.arange(20), 20)
    share, chance = explained_share(points, groups)
    assert share == pytest.approx(chance, abs=0.03)
    assert explained_share(points + 5 * groups[:, None], groups)[0] > 0.98
    assert explained_share(np.ones((4, 2)), [0, 0, 1, 1]) == (0.0, 0.0)


def test_picture_and_folder_of_stills_end_in_features_like_videos(tmp_path):
    import cv2

    from dfutils.data import read_catalog
    from dfutils.demo import render_clip

    faces = render_clip(7, 0, frames=5).frames[..., ::-1]
    (tmp_path / "real").mkdir()
    cv2.imwrite(str(tmp_path / "real/alone.jpg"), faces[0])
    (tmp_path / "set/fake/clip").mkdir(parents=True)
    for i, face in enumerate(faces):
        cv2.imwrite(str(tmp_path / f"set/fake/clip/{i}.png"), face)
    table = tmp_path / "list.csv"
    table.write_text("path,label\nreal/alone.jpg,0\nset/fake/clip,1\n")
    catalog = read_catalog(table)
    assert catalog.table["media"].tolist() == ["image", "frames"]
    settings = ExtractionSettings(
        sampling=Sampling(frames=4), face=FaceCrop(), backbone=Backbone(weights="random", layers=("mixed0",))
    )
    result = extract(catalog, tmp_path, tmp_path / "store", settings, progress=False)
    assert result.table["status"].tolist() == ["ok", "ok"], result.table["reason"].tolist()
    clips = load(tmp_path / "store", catalog)
    assert clips.mask.tolist() == [[True, False, False, False], [True] * 4]
    assert extract(catalog, tmp_path, tmp_path / "store", settings, progress=False).extracted == 0
    # A still that changes makes the clip another one; a folder that is moved stays the same.
    key = content_key(tmp_path / "set/fake/clip")
    (tmp_path / "set/fake/clip").rename(tmp_path / "moved")
    assert content_key(tmp_path / "moved") == key
    cv2.imwrite(str(tmp_path / "moved/2.png"), faces[0])
    assert content_key(tmp_path / "moved") != key


def test_uncompressed_picture_that_changes_inside_is_another_clip(tmp_path):
    import cv2

    picture = np.zeros((400, 400, 3), np.uint8)
    cv2.imwrite(str(tmp_path / "a.bmp"), picture)
    picture[100:120] = 9
    cv2.imwrite(str(tmp_path / "b.bmp"), picture)
    assert content_key(tmp_path / "a.bmp") != content_key(tmp_path / "b.bmp")


def test_some_of_the_clips_come_with_their_coverage(videos):
    fill(videos)
    clips = load(videos[2], videos[0])
    for rows in (np.array([2, 0]), np.array([True, False, True])):
        some = clips.take(rows)
        assert some.X.shape == (2, *clips.X.shape[1:])
        assert (clips.X[rows] == some.X).all()
        assert some.coverage["clip_id"].tolist() == some.clip_ids.tolist() == clips.clip_ids[rows].tolist()
        assert set(some.coverage["status"]) == {"ok"}


def test_path_that_leaves_the_folder_is_no_permitted_file(videos, make_video):
    make_video("outside.mp4", frames=8)
    table, root, store = videos
    for path in ("../outside.mp4", str(root.parent / "outside.mp4")):
        table.loc[0, "path"] = path
        result = fill((table, root, store))
        assert result.table["status"].tolist() == ["unreadable", "ok", "unreadable", "ok"]
        assert "permitted" in result.table["reason"][0]
        assert fill((table, root, store)).extracted == 0
    assert load(store, table).coverage["status"][0] == "unreadable"


def test_nearest_frames_are_of_other_clips(make_clips):
    some = make_clips(n=6)
    some.X[4, 2] = some.X[1, 0] + 0.01
    some.X[1, 1] = some.X[1, 0]
    found = nearest_frames(some, 1, 0, count=3)
    assert found[0][:2] == (4, 2)
    assert len({clip for clip, _, _ in found} - {1}) == 3
    assert [distance for *_, distance in found] == sorted(distance for *_, distance in found)
    assert found[0][2] < 0.1


def test_shipped_calibration_is_what_the_recipe_gives():
    import keras

    from dfutils.features.random_weights import CALIBRATION, calibrate, fill_at_random

    network = keras.applications.InceptionV3(include_top=False, weights=None, input_shape=(299, 299, 3))
    fill_at_random(network, Backbone.seed)
    measured = np.concatenate(calibrate(network), axis=1)
    with np.load(CALIBRATION) as file:
        # Measured in another order, sums of floats differ, and 94 layers make more of it.
        np.testing.assert_allclose(measured, file["statistics"], rtol=0.02, atol=0.02)


def test_folded_network_gives_what_inception_gives():
    import keras

    from dfutils.features.random_weights import fill_at_random

    network = keras.applications.InceptionV3(include_top=False, weights=None, input_shape=(299, 299, 3))
    fill_at_random(network, 7)
    faces = calibration_faces()[:2]
    for layer in ("mixed2", "mixed10"):
        model = keras.Model(network.input, network.get_layer(layer).output)
        expected = model(faces.astype("float32") / 127.5 - 1, training=False).numpy().mean((1, 2))
        pooled = build_backbone(Backbone(weights="random", layers=(layer,))).predict_on_batch(faces)
        np.testing.assert_allclose(pooled, expected, rtol=1e-3, atol=1e-4)

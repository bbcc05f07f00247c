import numpy as np

from dfutils.adaptation.clip_forger import _at, _Masks


def test_landmarks_are_interpolated_in_time():
    landmarks = np.stack([np.zeros((5, 2)), np.ones((5, 2)) * 10])
    np.testing.assert_allclose(_at(0.25, np.array([0.0, 1.0]), landmarks), 2.5)
    np.testing.assert_allclose(_at(3.0, np.array([0.0, 1.0]), landmarks), 10)


def test_no_landmarks_are_interpolated_across_frames_without_the_face():
    landmarks = np.repeat([0.0, np.nan, 10.0, 20.0], 10).reshape(4, 5, 2)
    times = np.arange(4.0)
    assert np.isnan(_at(0.5, times, landmarks)).all()
    assert np.isnan(_at(1.5, times, landmarks)).all()
    np.testing.assert_allclose(_at(2.5, times, landmarks), 15)


def test_masks_are_kept_bit_by_bit_and_scaled_to_one_size(tmp_path):
    rng = np.random.default_rng(0)
    opacities = [rng.random((13, 21)).astype(np.float32) * (rng.random((13, 21)) > 0.5) for _ in range(3)]
    masks = _Masks()
    for opacity in opacities:
        masks.add(opacity)
    masks.add(np.ones((26, 42), np.float32))
    masks.save(tmp_path / "m.npz")
    with np.load(tmp_path / "m.npz") as file:
        written = file["mask"]
    assert (written.shape, written.dtype) == ((4, 13, 21), np.uint8)
    for one, opacity in zip(written, opacities, strict=False):
        assert (one == (opacity > 0)).all()
    assert written[3].all()

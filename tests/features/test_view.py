import cv2
import numpy as np
import pytest

from dfutils.errors import SettingsError
from dfutils.features import View


def test_default_view_is_the_whole_crop():
    np.testing.assert_allclose(View().matrix(), [[1, 0, 0], [0, 1, 0]])


def test_middle_of_the_crop_stays_the_middle():
    for view in (View(crop=239, side=192), View(crop=299, side=160), View(crop=75, side=299)):
        matrix = view.matrix()
        np.testing.assert_allclose(matrix @ [149, 149, 1], [(view.side - 1) / 2] * 2)
        # The edges of the square become the edges of the picture.
        np.testing.assert_allclose(
            matrix @ [149 - view.crop / 2, 149 + view.crop / 2, 1], [-0.5, view.side - 0.5]
        )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"crop": 240}, "must be odd"),
        ({"crop": 301}, "from 75 to 299"),
        ({"side": 74}, "from 75 to 299"),
        ({"side": 192.0}, "a whole number"),
        ({"crop": True}, "a whole number"),
        ({"mirror": 1}, "True or False"),
    ],
)
def test_views_out_of_range_are_refused(options, message):
    with pytest.raises(SettingsError, match=message):
        View(**options)


@pytest.mark.slow
@pytest.mark.parametrize(
    "view", [View(crop=239, side=192), View(crop=199, side=250), View(crop=299, side=224)]
)
def test_matrix_shows_what_the_layers_of_the_network_see(view):
    import keras

    picture = cv2.GaussianBlur(np.random.default_rng(0).integers(0, 256, (299, 299, 3), np.uint8), (0, 0), 2)
    seen = keras.layers.CenterCrop(view.crop, view.crop, dtype="float32")(picture[None])
    seen = keras.layers.Resizing(view.side, view.side, interpolation="bilinear", dtype="float32")(seen)
    ours = cv2.warpAffine(picture, view.matrix(), (view.side, view.side), flags=cv2.INTER_LINEAR)
    assert np.abs(np.asarray(seen)[0] - ours).max() <= 1.5

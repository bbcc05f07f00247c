import base64

import cv2
import numpy as np
import pytest

from dfutils.detection.pictures import heat_uri, jpeg_uri


def decode(uri, kind):
    head, _, coded = uri.partition(",")
    assert head == f"data:image/{kind};base64"
    return cv2.imdecode(np.frombuffer(base64.b64decode(coded), np.uint8), cv2.IMREAD_UNCHANGED)


def test_face_keeps_its_colours_and_gets_the_size():
    image = np.full((299, 299, 3), (200, 60, 10), np.uint8)
    picture = decode(jpeg_uri(image, side=64), "jpeg")
    assert picture.shape == (64, 64, 3)
    assert picture.mean((0, 1)) == pytest.approx([10, 60, 200], abs=3)  # OpenCV's order is BGR


def test_heat_is_orange_where_it_raises_the_score_and_clear_where_it_does_nothing():
    heat = np.zeros((300, 300), np.float32)
    heat[:100], heat[200:] = 2, -1
    picture = decode(heat_uri(heat, strongest=2, side=30), "png")
    assert picture.shape == (30, 30, 4)
    assert picture[2, 2].tolist() == [0x00, 0x5E, 0xD5, 204]
    assert picture[15, 15, 3] == 0
    assert picture[27, 27].tolist() == [0xB2, 0x72, 0x00, 102]
    assert not decode(heat_uri(np.zeros((9, 9), np.float32), strongest=0), "png")[..., 3].any()

"""The frames of a video, decoded from end to end, and clips of rendered people with known places."""

from dataclasses import dataclass

import av
import cv2
import numpy as np
import pytest

from dfutils.demo.clips import render_clip
from dfutils.frames import Clip
from dfutils.media.pictures import to_rgb


@pytest.fixture
def decode_all():
    """A function that decodes a whole video from end to end: {seconds from the start: picture}."""

    def decode(path):
        with av.open(str(path)) as container:
            frames = [(frame.time, to_rgb(frame, 1280)) for frame in container.decode(video=0)]
        start = min(time for time, _ in frames)
        return {round(float(time - start), 4): picture for time, picture in frames}

    return decode


FILM_SIZE = (540, 960)  # height and width of a film's frames


@dataclass(frozen=True, eq=False)
class Film:
    """A clip of rendered people, and where they are.

    Args:
        clip: Clip.
        boxes: list of {person: float64 array [4]}, one per frame: the true boxes of the people in the frame.
    """

    clip: Clip
    boxes: list[dict[int, np.ndarray]]

    def shown(self, track):
        """Return for each crop which person its box shows: overlap of more than 0.5 with the true box, or None."""
        people = []
        for position, box in zip(track.positions, track.boxes, strict=True):
            overlaps = {who: _overlap(box, true[:4]) for who, true in self.boxes[position].items()}
            best = max(overlaps, key=overlaps.__getitem__, default=None)
            people.append(best if best is not None and overlaps[best] >= 0.5 else None)
        return people


@pytest.fixture(scope="session")
def rendered_people():
    """Rendered people: for each one the frames and the true boxes of a clip."""
    return [render_clip(900 + person, person, frames=20) for person in (0, 5, 7)]


@pytest.fixture
def make_film(rendered_people):
    """A function that puts rendered people into clips: `make_film(script, count=20)`.

    `script(i)` returns the number of the shot and, for the i-th frame, {person: (x, y, side)}: the middle of the face
    and its longer side, in pixels. Later people stand in front of earlier ones.
    """

    def make(script, count=20):
        pictures, boxes = [], []
        for i in range(count):
            shot, people = script(i)
            picture, true = _wall(shot), {}
            for person, place in people.items():
                true[person] = _put(picture, rendered_people[person], i, place)
            pictures.append(picture)
            boxes.append(true)
        return Film(Clip(None, np.stack(pictures), np.arange(count) / 2), boxes)

    return make


def _wall(shot):
    """Return the background of a shot: soft colours with a little noise."""
    rng = np.random.default_rng(shot)
    colours = rng.integers(30, 220, (5, 8, 3)).astype(np.uint8)
    wall = cv2.resize(colours, FILM_SIZE[::-1], interpolation=cv2.INTER_CUBIC)
    return np.clip(wall + rng.normal(0, 4, wall.shape), 0, 255).astype(np.uint8)


def _put(picture, person, i, place):
    """Paste head and shoulders into the picture, and return the box of the face."""
    frame, box = person.frames[i], person.boxes[i]
    x, y, side = place
    scale = side / box[2:].max()
    turn = np.array(
        [
            [scale, 0, x - scale * (box[0] + box[2] / 2)],
            [0, scale, y - scale * (box[1] + box[3] / 2)],
        ]
    )
    size = picture.shape[1::-1]
    pasted = cv2.warpAffine(frame, turn, size, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    rows, columns = np.mgrid[: picture.shape[0], : picture.shape[1]]
    across, above = (columns - x) / (0.8 * box[2] * scale), np.minimum(0, rows - y) / (0.9 * box[3] * scale)
    below = (rows - y) < 1.6 * box[3] * scale
    opacity = np.clip((1.1 - across**2 - above**2) / 0.2, 0, 1)[..., None] * below[..., None]
    picture[:] = picture * (1 - opacity) + pasted * opacity
    return np.array([x - box[2] * scale / 2, y - box[3] * scale / 2, box[2] * scale, box[3] * scale])


def _overlap(first, second):
    low, high = np.maximum(first[:2], second[:2]), np.minimum(first[:2] + first[2:], second[:2] + second[2:])
    common = np.clip(high - low, 0, None).prod()
    return common / (first[2:].prod() + second[2:].prod() - common)

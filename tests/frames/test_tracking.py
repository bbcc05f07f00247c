"""The main face is followed through motion, cuts and other people, and nothing else is taken for it."""

from pathlib import Path

import numpy as np
import pytest

from dfutils.errors import ClipError
from dfutils.frames import Clip, FaceCrop, Sampling, crop_faces, detect_faces, read_clip, tracking
from dfutils.frames.tracking import follow_main_face

REAL_CLIPS = Path(__file__).resolve().parents[3] / "shared" / "real-clips"
HER, HIM, CHILD = 0, 1, 2
SETTINGS = {"look_every": 5, "look_side": 480, "min_confidence": 0.9}


def still(i):
    return 1, {HER: (480, 270, 120)}


def walking(i):
    return 1, {HER: (150 + 33 * i, 270, 110)}


def swinging(i):
    return 1, {HER: (480 + 330 * np.sin(np.pi * i / 3), 270, 110)}


def elsewhere_after_a_cut(i):
    return (1, {HER: (250, 270, 100)}) if i < 9 else (2, {HER: (700, 270, 150)})


def many_cuts(i):
    shot = (0, 0, 0, 1, 1, 1, 1, 2, 2, 0, 0, 2, 2, 2, 1, 1, 0, 0, 2, 2)[i]
    return shot, {HER: ((250, 270, 110), (700, 270, 150), (450, 300, 80))[shot]}


def nearer_and_farther(i):
    return 1, {HER: (480, 270, 90 if i // 4 % 2 else 200)}


def two_who_cross(i):
    return 1, {HIM: (760 - 29 * i, 250, 105), HER: (200 + 29 * i, 270, 120)}


def two_who_stay(i):
    return 1, {HIM: (720, 270, 90), HER: (300, 270, 130)}


def a_larger_passer_by(i):
    passing = {HIM: (700, 300, 260)} if 9 <= i <= 11 else {}
    return 1, {HER: (300, 270, 110), **passing}


def all_of_it(i):
    if i < 10:
        return 1, {HIM: (760 - 55 * i, 250, 80), HER: (200 + 55 * i, 270, 110)}
    passing = {HIM: (700, 300, 280)} if i in (14, 15) else {}
    return 2, {HER: (300, 290, 150), **passing}


@pytest.mark.slow
@pytest.mark.parametrize(
    "script",
    [
        *(still, walking, swinging, elsewhere_after_a_cut, many_cuts, nearer_and_farther),
        *(two_who_cross, two_who_stay, a_larger_passer_by, all_of_it),
    ],
)
@pytest.mark.parametrize("every", [1, 3])
def test_one_person_is_followed_through_the_whole_clip(make_film, script, every):
    film = make_film(lambda i: script(every * i), count=-(-20 // every))
    track = crop_faces(film.clip)
    shown = film.shown(track)
    assert set(shown) == {HER}
    assert len(shown) >= 0.95 * len(film.boxes)


def coming_late(i):
    return 1, {HER: (480, 270, 120)} if i >= 6 else {}


def away_for_a_while(i):
    return 1, {} if 7 <= i < 12 else {HER: (300, 270, 120)}


def walking_up(i):
    return 1, {HER: (300 + 20 * i, 270, 20 + 9 * i)} if i >= 6 else {}


@pytest.mark.slow
@pytest.mark.parametrize("script", [coming_late, away_for_a_while, walking_up])
def test_frames_without_a_face_are_left_out_and_counted(make_film, script):
    film = make_film(script)
    track = crop_faces(film.clip)
    there = [i for i, boxes in enumerate(film.boxes) if boxes]
    assert track.positions.tolist() == there
    assert film.shown(track) == [HER] * len(there)
    assert track.note.startswith(f"no face in {20 - len(there)} of 20 frames")


def shot_and_reverse_shot(i):
    return (1, {HER: (300, 270, 120)}) if i // 3 % 2 == 0 or i >= 15 else (2, {HIM: (650, 270, 110)})


def two_in_the_same_place(i):
    return (1, {HER: (480, 270, 120)}) if i < 12 else (2, {HIM: (470, 280, 120)})


@pytest.mark.slow
@pytest.mark.parametrize("script", [shot_and_reverse_shot, two_in_the_same_place])
def test_two_people_are_never_joined(make_film, script):
    film = make_film(script)
    track = crop_faces(film.clip)
    there = [i for i, boxes in enumerate(film.boxes) if HER in boxes]
    assert track.positions.tolist() == there
    assert set(film.shown(track)) == {HER}
    assert f"only another face in {20 - len(there)} of 20 frames" in track.note


@pytest.mark.slow
def test_a_clip_that_shows_the_main_face_in_few_frames_gets_no_score(make_film):
    film = make_film(lambda i: (1, {HER: (480, 270, 120)} if i in (10, 11, 12) else {}))
    with pytest.raises(ClipError, match="a face in 3 of 20 frames") as caught:
        crop_faces(film.clip)
    assert caught.value.status == "no_face"


@pytest.mark.slow
def test_a_clip_of_many_people_is_used_if_one_of_them_is_in_a_quarter_of_it(make_film):
    def script(i):
        return i // 5, {(HER, HIM, CHILD, HER)[i // 5]: (480, 270, 120)}

    film = make_film(script)
    shown = film.shown(crop_faces(film.clip))
    assert len(set(shown)) == 1
    assert len(shown) == 10


@pytest.mark.slow
@pytest.mark.skipif(not REAL_CLIPS.is_dir(), reason="there are no real clips next to the clone")
def test_real_clips_have_a_face_in_every_crop():
    for path in sorted(REAL_CLIPS.rglob("*.mp4")):
        clip = read_clip(path, Sampling(frames=8))
        track = crop_faces(clip)
        assert track.positions.tolist() == list(range(8))
        for box, faces in zip(track.boxes, detect_faces(clip.frames), strict=True):
            assert max(tracking._overlap(box, face) for face in faces) > 0.6


class World:
    """Coloured squares instead of faces, and a detector that finds them unless it is told not to.

    Args:
        people: {name: function}. `function(i)` returns the box of the person in the i-th frame, or None.
        blind: set of int. Positions of frames in which the detector finds nothing.
        false: dict of int to box. What the detector takes for a face, by the position of the frame.
    """

    def __init__(self, people, *, count=20, blind=(), false=None):
        self.people, self.blind, self.false, self.looks = people, blind, false or {}, []
        self.frames = np.full((count, 100, 200, 3), 128, np.uint8)
        for i in range(count):
            for number, box in enumerate(self.boxes(i)):
                x, y, width, height = box
                colour = ((200, 40, 40), (40, 40, 200), (40, 200, 40))[number]
                self.frames[i, max(0, y - 10) : y + 2 * height, x : x + width] = colour
            self.frames[i, 0, 0] = i  # by which the detector knows the frame

    def boxes(self, i):
        return [box for find in self.people.values() if (box := find(i)) is not None]

    def detect(self, frames, *_):
        found = []
        for i in frames[:, 0, 0, 0]:
            self.looks.append(int(i))
            boxes = [] if i in self.blind else self.boxes(i)
            boxes = boxes + ([self.false[i]] if i in self.false else [])
            found.append(np.array([self._face(box) for box in boxes]).reshape(-1, 15))
        return found

    def check(self, frames, boxes):
        rows = []
        for frame, box in zip(frames, boxes, strict=True):
            faces = [self._face(one) for one in self.boxes(frame[0, 0, 0])]
            near = [face for face in faces if tracking._overlap(box, face) > 0.4]
            rows.append(near[0] if near else np.array([*box, 0.1, *np.zeros(10)]))
        return np.array(rows)

    @staticmethod
    def _face(box):
        return np.array([*box, 0.99, *np.zeros(10)], float)

    def follow(self, monkeypatch, **settings):
        monkeypatch.setattr(tracking, "detect_with_landmarks", self.detect)
        monkeypatch.setattr(tracking, "check_faces", self.check)
        return follow_main_face(self.frames, **SETTINGS | settings)


def test_a_face_that_stays_costs_five_looks(monkeypatch):
    world = World({"her": lambda i: (50, 40, 20, 20)})
    main = world.follow(monkeypatch)
    assert world.looks == [0, 5, 10, 15, 19]
    assert main.looked.nonzero()[0].tolist() == world.looks
    assert main.present.all()
    np.testing.assert_allclose(main.faces[:, :4], [[50, 40, 20, 20]] * 20)


def test_a_face_that_is_missed_once_is_interpolated(monkeypatch):
    world = World({"her": lambda i: (50 + i, 40, 20, 20)}, blind={10})
    main = world.follow(monkeypatch)
    assert world.looks == [0, 5, 10, 15, 19]
    assert not main.found[10]
    assert main.present.all()
    assert main.faces[10, 0] == pytest.approx(60, abs=1)


def test_the_detector_looks_more_often_only_where_the_face_is_lost(monkeypatch):
    world = World({"her": lambda i: (20 if i < 8 else 150, 40, 20, 20)})
    main = world.follow(monkeypatch)
    assert sorted(world.looks) == [0, 5, 6, 7, 8, 9, 10, 15, 19]
    assert main.faces[:, 0].round().tolist() == [20] * 8 + [150] * 12


def test_a_box_next_to_the_face_is_measured_again(monkeypatch):
    world = World({"her": lambda i: (57 if i in (2, 3) else 50, 40, 20, 20)})
    main = world.follow(monkeypatch)
    assert world.looks == [0, 5, 10, 15, 19]
    assert main.faces[:6, 0].tolist() == [50, 50, 57, 57, 50, 50]


def test_presence_counts_before_size(monkeypatch):
    face = (50, 40, 20, 20)
    hands = {0: (120, 30, 60, 60), 10: (125, 30, 60, 60)}
    main = World({"her": lambda i: face}, false=hands).follow(monkeypatch)
    np.testing.assert_allclose(main.faces[:, :4], [face] * 20)
    assert not main.others.any()


@pytest.mark.parametrize(("seen", "which"), [(20, "large"), (16, "large"), (14, "small")])
def test_of_faces_that_are_there_for_about_as_long_the_largest_is_the_main_one(monkeypatch, seen, which):
    people = {
        "small": lambda i: (30, 40, 20, 20),
        "large": lambda i: (120, 30, 40, 40) if i < seen else None,
    }
    main = World(people).follow(monkeypatch, look_every=1)
    assert main.faces[0, 2] == (40 if which == "large" else 20)


def test_in_a_crowd_the_largest_face_is_followed(monkeypatch):
    crowd = [(8 * (i % 20), 30 * (i // 20), 6, 6) for i in range(60)]
    world = World({"her": lambda i: (170, 60, 25, 25)})
    monkeypatch.setattr(world, "boxes", lambda i: [*crowd, (170, 60, 25, 25)])
    main = world.follow(monkeypatch)
    np.testing.assert_allclose(main.faces[:, :4], [[170, 60, 25, 25]] * 20)


def test_no_face_is_looked_for_in_every_frame(monkeypatch):
    world = World({})
    main = world.follow(monkeypatch)
    assert sorted(world.looks) == list(range(20))
    assert not (main.present | main.found | main.others).any()


def test_one_frame_is_looked_at_once(monkeypatch):
    world = World({"her": lambda i: (50, 40, 20, 20)}, count=1)
    assert world.follow(monkeypatch).present.tolist() == [True]
    assert world.looks == [0]


def test_a_moving_face_is_smoothed_but_a_jumping_one_is_not(monkeypatch):
    world = World({"her": lambda i: (50 + 2 * (i % 2), 40, 20, 20)})
    main = world.follow(monkeypatch, look_every=1)
    np.testing.assert_allclose(main.faces[1:-1, 0], 51)
    world = World({"her": lambda i: (50 + 40 * (i % 2), 40, 20, 20)})
    main = world.follow(monkeypatch, look_every=1)
    assert main.faces[:, 0].tolist() == [50, 90] * 10


def test_a_clip_without_a_face_keeps_its_note():
    clip = Clip(None, np.zeros((4, 60, 60, 3), np.uint8), np.arange(4.0), note="the clip breaks off")
    with pytest.raises(ClipError, match="a face in 0 of 4 frames; the clip breaks off"):
        crop_faces(clip, FaceCrop(look_side=20))

import numpy as np
import pandas as pd

from dfutils import plots

LIMITS = {"fake_from": 0.7, "real_below": 0.3}


def test_alternative_text_says_when_the_score_is_highest_and_which_place_speaks_for_a_fake(make):
    figure = plots.evidence(make.detection((0.2, 0.9, 0.4), hottest=(280, 20)), **LIMITS)
    assert "The scores of 3 frames over time: 0.20 to 0.90, the highest at 0.5 s" in figure.alt
    assert "speaks most for a fake is on the left of the lower third of the crop" in figure.alt
    assert figure.caption.startswith("a $5 clip.mp4: the score of the frames around each frame")
    middle = plots.evidence(make.detection(hottest=(150, 150)), **LIMITS)
    assert "in the middle of the middle third" in middle.alt


def test_places_that_speak_for_a_fake_are_orange_and_for_a_real_face_blue(make):
    found = make.detection()
    found.crops[:] = 128
    found.heat[:] = 0
    found.heat[:, 10, 10], found.heat[:, 20, 20] = 1, -1
    figure = plots.evidence(found, **LIMITS)
    (picture,) = (
        axis.images[0].get_array() for axis in figure.axes if axis.get_title("left") == "where it comes from"
    )
    red, blue = (np.asarray(picture, int)[place] for place in ((10, 10), (20, 20)))
    assert red[0] > red[2]
    assert blue[2] > blue[0]
    assert set(np.asarray(picture)[100, 100]) == {128}


def test_at_most_so_many_crops_are_drawn(make):
    figure = plots.evidence(make.detection(tuple(np.linspace(0, 1, 30))), most=4, **LIMITS)
    assert "Below them are 4 face crops" in figure.alt
    assert len(figure.axes) == 2 + 4


def test_every_verdict_is_counted_by_class():
    table = pd.DataFrame({"label": [0, 0, 0, 1, 1, 1, 1], "score": [0.1, 0.2, 0.5, 0.9, 0.7, 0.4, np.nan]})
    figure = plots.verdict_map(table, **LIMITS)
    assert "Of 3 real clips, 0 are called fake, 2 real, and 1 left open" in figure.alt
    assert "Of 3 fake clips, 2 are called fake, 0 real, and 1 left open" in figure.alt
    assert "no score to show" in plots.verdict_map(table.tail(1), **LIMITS).alt


def test_without_heat_maps_there_is_nothing_to_explain(make):
    assert "nothing to explain" in plots.evidence(make.detection(()), **LIMITS).alt

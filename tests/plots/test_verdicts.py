import numpy as np

from dfutils import plots

LIMITS = {"fake_from": 0.7, "real_below": 0.3}


def test_alternative_text_says_when_the_score_is_highest_and_which_place_speaks_for_a_fake(make):
    figure = plots.evidence(make.detection((0.2, 0.9, 0.4), hottest=(280, 20)), **LIMITS)
    assert "The scores of 3 frames over time: 0.20 to 0.90, the highest at 0.5 s" in figure.alt
    assert "speaks most for a fake is on the left of the lower third of the crop" in figure.alt
    assert figure.caption.startswith("clips/a $5 clip.mp4: the score of the frames around each frame")
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


def test_without_heat_maps_there_is_nothing_to_explain(make):
    assert "nothing to explain" in plots.evidence(make.detection(()), **LIMITS).alt

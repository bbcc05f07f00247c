import numpy as np

from dfutils import plots


def test_sampling_lines_say_how_many_frames_each_rule_takes_and_when(make):
    figure = plots.sampling_lines({"uniform": [0.2, 0.6, 1.0], "keyframes": make.clip(1)}, clip_id="a/b")
    assert "uniform: 3 frames at 0.2 to 1.0 s, 0.40 s apart" in figure.alt
    assert "keyframes: 1 frame at 0.0 s." in figure.alt
    assert "a/b" in figure.caption


def test_sampled_frames_say_how_much_changes_from_one_to_the_next(make):
    still = make.clip()
    still.frames[:] = still.frames[0]
    assert "a pixel changes by 0.0 of 255 levels" in plots.sampled_frames(still, rule="burst").alt
    still.frames[1::2] = 255 - still.frames[1::2]
    assert "changes by 0.0" not in plots.sampled_frames(still, rule="burst").alt


def test_sampled_frames_show_the_first_of_them_and_how_long_decoding_took(make):
    figure = plots.sampled_frames(make.clip(12), rule="uniform", most=5, seconds=0.25)
    assert figure.alt.startswith("5 frames that the rule uniform takes, at 0.00 to 2.00 s.")
    assert figure.caption == "uniform: the first 5 of 12 frames. Decoding took 0.25 s."


def test_boxes_are_solid_where_the_face_was_detected(make):
    figure = plots.frames_with_boxes(make.clip(), make.track(found=[True, False, False, False]))
    assert "solid (detected) in 1 and dotted (interpolated) in 3 of them" in figure.alt
    assert [axis.patches[0].get_linestyle() for axis in figure.axes[:4]] == ["-", ":", ":", ":"]


def test_frames_without_the_main_face_are_pale_and_have_no_box(make):
    track = make.track(found=[True, False, False, True], positions=[0, 2, 3])
    figure = plots.frames_with_boxes(make.clip(), track)
    assert "solid (detected) in 2 and dotted (interpolated) in 1 of them" in figure.alt
    assert "1 of them are pale, because they do not show the main face" in figure.alt
    assert [len(axis.patches) for axis in figure.axes[:4]] == [1, 0, 1, 1]
    assert [axis.images[0].get_alpha() for axis in figure.axes[:4]] == [None, 0.35, None, None]


def test_first_frames_may_all_be_without_the_main_face(make):
    track = make.track(found=[False] * 3 + [True], positions=[3])
    figure = plots.frames_with_boxes(make.clip(), track, most=2)
    assert "2 of them are pale" in figure.alt
    assert "solid" not in figure.alt
    track = make.track(found=[False] * 3 + [True], positions=[1, 3])
    figure = plots.frames_with_boxes(make.clip(), track, most=2)
    assert figure.axes[1].patches[0].get_linestyle() == ":"


def test_boxes_of_a_clip_in_which_no_face_was_looked_for_are_not_called_interpolated(make):
    figure = plots.frames_with_boxes(make.clip(), make.track(found=[False] * 4))
    assert "No face was looked for" in figure.caption
    assert "interpolated" not in figure.alt + figure.caption
    assert {axis.patches[0].get_linestyle() for axis in figure.axes[:4]} == {"-"}


def test_the_face_that_is_followed_is_placed_and_all_faces_are_counted():
    frame = np.zeros((100, 200, 3), np.uint8)
    boxes = np.array([[10.0, 10, 20, 30, 0.9], [150, 10, 40, 50, 0.99]])
    alt = plots.faces_found(frame, boxes, boxes[1, :4]).alt
    assert "200 x 100 pixels with 2 faces found (20 x 30 and 40 x 50 pixels)" in alt
    assert "on the right, 40 x 50 pixels" in alt
    assert "on the left" in plots.faces_found(frame, boxes[:1], boxes[0, :4]).alt


def test_pairs_of_crops_are_named(make):
    from types import SimpleNamespace

    tracks = {"r": make.track(), "f": make.track(1)}
    pairs = [SimpleNamespace(name=f"group {name}", real="r", fake="f") for name in "ab"]
    alt = plots.crop_pairs(pairs, tracks).alt
    assert "Face crops in 2 columns" in alt
    assert "group a and group b" in alt

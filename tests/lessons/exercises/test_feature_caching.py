import numpy as np

from dfutils.lessons import exercises


def test_bytes_of_the_longest_clip(check_replies, make_clips):
    clips = make_clips()
    wrong = {
        30: "more than one byte",
        120: "float32",
        480: "16 *bits*",
        12: "one frame",
        len(clips) * 60: "all clips",
    }
    check_replies(lambda answer: exercises.bytes_per_clip(answer, clips), 5 * 6 * 2, wrong)


def test_without_a_cache_each_crop_is_computed_in_every_epoch_of_every_training(check_replies, make_clips):
    clips = make_clips()
    crops = int(clips.mask.sum())
    wrong = {
        crops: "one pass",
        crops * 10: "one training",
        len(clips) * 30: "several crops",
        clips.mask.size * 30: "padding",
    }
    check_replies(
        lambda answer: exercises.crops_without_cache(answer, clips, trainings=3, epochs=10), crops * 30, wrong
    )


def test_only_other_pixels_need_another_extraction(check_replies):
    wrong = [
        ({"A", "B", "D"}, "the *content* of the video"),
        ({"B"}, "D: other crops"),
        ("B", "D: other crops"),
        ({"B", "D", "F"}, "no feature depends on the label"),
        ({"G"}, "'G' is not one of the names"),
    ]
    check_replies(exercises.needs_extraction, ["D", "B"], wrong)
    assert set(exercises.CHANGES) == set("ABCDEF")


def test_mask(check_replies):
    right = np.array([[1, 1, 1], [1, 0, 0]], bool)
    wrong = [
        (~right, "inverted"),
        ([[1, 1, 1], [0, 0, 1]], "pads at the beginning"),
        (right.T, "transposed"),
        ([[1, 1, 1], [1, 1, 0]], "one frame too many"),
        ([True, False], "has the shape 2 x 3; yours has 2"),
        (None, "Set `answer`"),
    ]
    check_replies(lambda answer: exercises.mask_of_lengths(answer, [3, 1]), right.astype(int), wrong[:-1])

import numpy as np

from dfutils.lessons import exercises


def test_passes_over_the_training_crops(check_replies):
    wrong = {0.1: "one crop per step", 1 / 2.4: "upside down", 240: "all steps take", 5: "how many crops"}
    check_replies(lambda answer: exercises.passes(answer, steps=10, batch_size=24, crops=100), 2.4, wrong)


def test_auc_is_a_share_of_pairs(check_replies):
    scores, labels = [0.1, 0.5, 0.5, 0.9], [0, 0, 1, 1]
    wrong = {
        0.125: "wrong order",
        3.5: "number of all pairs",
        0.75: "leaves out the ties",
        0.2: "A tie counts half",
    }
    check_replies(lambda answer: exercises.pairs_in_order(answer, scores, labels), 3.5 / 4, wrong)


def test_blended_picture(check_replies):
    face, pasted, mask = exercises.blend_parts()
    weight = mask[:, :, None]
    wrong = [
        (weight * face + (1 - weight) * pasted, "the other way round"),
        (weight * pasted, "black outside"),
        (weight * pasted + face, "it must be covered"),
        (np.where(weight > 0.5, pasted, face), "hard edge"),
        (mask, "has the shape 4 x 4 x 3; yours has 4 x 4"),
    ]
    right = face + weight * (pasted - face)
    check_replies(lambda answer: exercises.blended(answer, face, pasted, mask), right, wrong)
    assert mask.min() == 0
    assert mask.max() == 1

import numpy as np
import pytest

from dfutils.lessons import exercises


@pytest.mark.slow
def test_gru_has_two_gates_and_a_candidate_state(check_replies):
    from dfutils.training import GRUSettings, build_gru

    model = build_gru(6, GRUSettings(units=64))
    wrong = {
        64 * (6 + 64 + 2): "one of the three",
        4 * 64 * (6 + 64 + 2): "an LSTM",
        3 * 64 * (6 + 64 + 1): "*two* biases",
        3 * 64 * (6 + 64): "without the biases",
        model.count_params(): "whole model",
        1: "two gates and a candidate state",
    }
    check_replies(lambda answer: exercises.gru_parameters(answer, model), 3 * 64 * (6 + 64 + 2), wrong)


def test_weight_updates(check_replies):
    wrong = {
        30: "smaller batch",
        4: "one epoch",
        1000: "batches of one clip",
        32: "next epoch",
        7: "each batch",
    }
    check_replies(
        lambda answer: exercises.weight_updates(answer, clips=100, batch_size=32, epochs=10), 40, wrong
    )


def test_constant_scores(check_replies):
    train, val = np.array([1, 1, 1, 0]), np.array([1, 0])
    wrong = [
        (0.75, "one score per validation clip"),
        ([0.75] * 4, "per *training* clip"),
        ([0.5, 0.5], "among the *validation* clips"),
        ([0.25, 0.25], "P(real)"),
        ([1, 1], "A score is a probability"),
        ([0.75, 0.7], "np.full"),
    ]
    check_replies(lambda answer: exercises.constant_scores(answer, train, val), [0.75, 0.75], wrong)

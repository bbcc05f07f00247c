import math

import pytest

from dfutils.lessons.answers import Statement, check_answer, check_choice, list_statements


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (None, "Set `answer` first"),
        ("much", "Not yet: the answer is one number. Received: 'much'. Hint: count."),
        (math.nan, "Not yet: nan is not right. Hint: count."),
        (0.53, "Not yet: 0.53 is not right"),
        (0.504, "Right: 0.504."),
        (0.5, "Right: 0.5."),
    ],
)
def test_answer_gets_the_right_reply(answer, said, capsys):
    check_answer(answer, 0.5, hint="count.")
    assert capsys.readouterr().out.startswith(said)


STATEMENTS = {"A": Statement("One.", True, "it is one."), "B": Statement("Two.", False, "it is two.")}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"A"}, "Right: A."),
        ("A", "Right: A."),
        ([], "Not yet: 0 right, 0 too many, 1 missing. A: it is one. Hint: count."),
        ("AB", "Not yet: 'AB' is not one of the names"),
        (["A", "B"], "Not yet: 1 right, 1 too many, 0 missing. B: it is two."),
        (None, "Set `answer` first"),
    ],
)
def test_chosen_statements_get_the_right_reply(answer, said, capsys):
    check_choice(answer, STATEMENTS, hint="count.")
    assert capsys.readouterr().out.startswith(said)


def test_statements_are_listed_without_their_answers():
    table = list_statements(STATEMENTS)
    assert table.to_numpy().tolist() == [["A", "One."], ["B", "Two."]]

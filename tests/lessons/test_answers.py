import math

import pytest

from dfutils.lessons.answers import check_answer


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

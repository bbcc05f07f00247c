"""How the checks of exercises are tested: the right answer, the usual wrong ones, and none."""

import pytest


@pytest.fixture
def check_replies(capsys):
    """A function that calls a check with answers: `check_replies(check, right, {wrong answer: part of the reply})`.

    The wrong answers may also be a list of pairs, for answers that cannot be keys. Each wrong answer gets a hint.
    """

    def run(check, right, wrong):
        def reply(answer):
            check(answer)
            return capsys.readouterr().out

        assert reply(right).startswith("Right: ")
        assert reply(None).startswith("Set `answer` first")
        for answer, said in wrong.items() if isinstance(wrong, dict) else wrong:
            text = reply(answer)
            assert text.startswith("Not yet")
            assert said in text
            assert "int: " in text  # a hint

    return run

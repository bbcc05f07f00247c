from types import SimpleNamespace

from dfutils.training import Decision
from dfutils.training.model_card import describe_decision


def words(**options):
    return describe_decision(SimpleNamespace(decision=Decision(**options)))


def test_verdicts_are_described_with_their_promise_or_without():
    text = words(real_below=0.25, fake_from=0.75, promised=0.15, groups=9)
    assert text.startswith(
        "The verdict is fake from a score of 0.750 on, real below 0.250, and unsure in between."
    )
    assert (
        "at most 15% are expected to be wrong. This rests on clips of 9 groups, none of them test clips."
        in text
    )
    assert words().endswith("Nothing is promised about how many verdicts are wrong.")
    never = words(real_below=0.0, fake_from=2.0, promised=0.1, remark="Why.")
    assert never == "The verdict is always unsure. Why."
    assert "The verdict is never fake, real below 0.200, and unsure" in words(real_below=0.2, fake_from=2.0)

"""What belongs together by pairs gets one name."""

from dfutils.data.layouts.components import Components


def test_pairs_that_share_a_member_are_one_component():
    components = Components()
    for pair in (("b", "a"), ("c", "d"), ("d", "b"), ("x", "x")):
        components.join(*pair)
    assert components.names() == {"a": "a+3", "b": "a+3", "c": "a+3", "d": "a+3", "x": "x"}


def test_the_order_of_the_pairs_does_not_matter():
    pairs = [("003", "000"), ("010", "011"), ("000", "005")]
    names = []
    for order in (pairs, pairs[::-1]):
        components = Components()
        for pair in order:
            components.join(*pair)
        names.append(components.names())
    assert names[0] == names[1]
    assert names[0]["005"] == "000-003-005"

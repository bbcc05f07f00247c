"""The shape of a finding."""

import dataclasses

import pytest

from dfutils.audit.finding import Finding, crosses_splits, findings_table, make_finding


def test_findings_are_a_table_with_the_leaks_first(make_table):
    clips = make_table(("a", "g", "train"), ("b", "g", "test"))
    findings = [
        make_finding("shortcut: codec", "warning", clips, detail="d", remedy="r"),
        make_finding("near duplicate", "leak", clips, detail="d", remedy="r"),
    ]
    table = findings_table(findings)
    assert table.columns.tolist() == [field.name for field in dataclasses.fields(Finding)]
    assert table["finding"].tolist() == ["near duplicate", "shortcut: codec"]
    assert table["splits"].tolist() == ["train, test", "train, test"]


def test_no_findings_are_an_empty_table_with_the_same_columns():
    assert findings_table([]).columns.tolist() == [field.name for field in dataclasses.fields(Finding)]


def test_some_clips_of_every_split_are_named(make_table):
    rows = [(f"train{i}", "g", "train") for i in range(8)]
    clips = make_table(*rows, ("test0", "g", "test"), ("none", "g", ""))
    finding = make_finding("near duplicate", "leak", clips, detail="d", remedy="r")
    assert finding.clips == "none, test0, train0, train1, train2, train3 and 4 more"


def test_the_examples_are_named_instead(make_table):
    clips = make_table(*[(f"c{i}", "g", "train") for i in range(8)])
    finding = make_finding("near duplicate", "leak", clips, detail="d", remedy="r", examples=("c7", "c1"))
    assert finding.clips == "c7, c1"


@pytest.mark.parametrize(
    ("splits", "crosses"), [(("train", "test"), True), (("train", "train"), False), (("test", ""), False)]
)
def test_clips_without_a_split_cross_nothing(make_table, splits, crosses):
    clips = make_table(*[(f"c{i}", "g", split) for i, split in enumerate(splits)])
    assert crosses_splits(clips) is crosses

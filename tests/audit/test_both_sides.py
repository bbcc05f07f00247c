"""Groups, people, recordings and donors on two sides of the split."""

import pandas as pd
import pytest

from dfutils.audit import audit_catalog
from dfutils.audit.both_sides import people_on_both_sides, same_person_in_two_groups
from dfutils.data import assign_splits, read_catalog
from dfutils.data.people import SamePerson

PAIR = SamePerson(first="g", second="h", distance=0.262, first_clip="a", second_clip="b")


def kinds(clips):
    return [(finding.finding, finding.severity) for finding in people_on_both_sides(clips)]


def test_a_group_that_a_published_split_cuts_is_a_leak(make_table):
    assert kinds(make_table(("a", "g", "train"), ("b", "g", "test"))) == [("group on both sides", "leak")]


def test_a_person_in_two_groups_is_a_leak_only_across_splits(make_table):
    assert kinds(make_table(("a", "g", "train"), ("b", "h", "test"), identity="ann")) == [
        ("identity on both sides", "leak")
    ]
    assert kinds(make_table(("a", "g", "train"), ("b", "h", "train"), identity="ann")) == []


def test_a_recording_counts_where_nobody_is_named(make_table):
    clips = make_table(("a", "g", "train"), ("b", "h", "test"), source="007")
    (finding,) = people_on_both_sides(clips)
    assert (finding.finding, finding.severity) == ("source on both sides", "leak")
    assert "recording 007" in finding.detail
    assert kinds(clips.assign(identity="ann")) == [("identity on both sides", "leak")]


@pytest.mark.parametrize("column", ["identity", "source"])
def test_a_donor_is_compared_with_the_people_and_recordings_seen(make_table, column):
    clips = make_table(("real", "g", "train"), ("fake", "h", "test"), donor=["", "007"])
    clips[column] = ["007", "008"]
    (finding,) = people_on_both_sides(clips)
    assert finding.finding == "donor on both sides"
    assert "The face of 007, inserted into 1 fake, is seen" in finding.detail


def test_a_whole_group_is_one_finding(make_table):
    clips = make_table(("a", "g", "train"), ("b", "g", "test"), identity="ann", source="007")
    assert kinds(clips) == [("group on both sides", "leak")]


@pytest.mark.parametrize(
    ("splits", "severity"),
    [(("train", "test"), "leak"), (("train", "train"), "warning"), (("", ""), "warning")],
)
def test_one_person_in_two_groups_is_a_leak_only_across_splits(make_table, splits, severity):
    clips = make_table(("a", "g", splits[0]), ("b", "h", splits[1]), ("other", "i", "val"))
    (finding,) = same_person_in_two_groups(clips, [PAIR])
    assert finding.severity == severity
    assert finding.clips == "a, b"
    assert "val" not in finding.splits
    for word in ("groups g and h", "a and b", "0.262"):
        assert word in finding.detail


def test_the_sides_of_all_clips_of_two_groups_count(make_table):
    clips = make_table(("a", "g", "train"), ("b", "h", "train"), ("fake", "h", "test"))
    (finding,) = same_person_in_two_groups(clips, [PAIR])
    assert (finding.severity, finding.splits) == ("leak", "train, test")


@pytest.mark.slow
def test_a_planted_donor_is_found_also_after_the_catalog_was_saved(demo_copy):
    table = pd.read_csv(demo_copy / "catalog.csv", keep_default_na=False)
    chosen = table["path"].str.startswith("person_004") & (table["label"] == 1)
    table.loc[chosen, "donor"] = "person_000"
    table.to_csv(demo_copy / "catalog.csv", index=False)
    split = assign_splits(read_catalog(demo_copy)).table
    split.loc[split["group"] == "pair_000", "split"] = "train"
    split.loc[split["group"] == "pair_002", "split"] = "test"
    findings = audit_catalog(split, demo_copy, progress=False).findings
    assert findings["finding"].tolist() == ["donor on both sides"]
    assert "person_000" in findings["detail"].iloc[0]
    split.to_csv(demo_copy / "split.csv", index=False)
    again = pd.read_csv(demo_copy / "split.csv")
    findings = audit_catalog(again, demo_copy, progress=False).findings
    assert findings["finding"].tolist() == ["donor on both sides"]


def test_celebdfs_published_split_and_donors_are_reported(make_files):
    root = make_files("Celeb-real/id0_0000.mp4", "Celeb-real/id1_0000.mp4", content=b"")
    make_files("Celeb-synthesis/id0_id1_0000.mp4", "Celeb-synthesis/id2_id1_0000.mp4", content=b"")
    make_files("List_of_testing_videos.txt", content=b"1 Celeb-real/id0_0000.mp4\n")
    table = read_catalog(root).table
    table.loc[table["split"] == "", "split"] = "train"
    audit = audit_catalog(table, root, progress=False)
    assert audit.findings["finding"].tolist() == ["group on both sides"]
    assert "'id0'" in audit.findings["detail"].iloc[0]
    assert any("4 of 4 clips could not be opened" in remark for remark in audit.remarks)
    table.loc[table["clip_id"] == "Celeb-synthesis/id2_id1_0000", "split"] = "test"
    donors = audit_catalog(table, root, progress=False).findings.query("finding == 'donor on both sides'")
    assert donors["detail"].str.contains("id1").all()
    assert len(donors) == 1


def test_an_identity_in_a_table_of_ones_own_is_used(make_files):
    root = make_files("a.mp4", "b.mp4", content=b"")
    make_files(
        "list.csv", content=b"path,label,group,split,identity\na.mp4,0,g,train,ann\nb.mp4,1,h,test,ann\n"
    )
    findings = audit_catalog(read_catalog(root), progress=False).findings
    assert findings["finding"].tolist() == ["identity on both sides"]

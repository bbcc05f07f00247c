"""The audit as a whole: what it finds, what it says it did not look for, and its verdict."""

import sys

import pandas as pd
import pytest

from dfutils.audit import Audit, audit_catalog
from dfutils.audit.finding import findings_table, make_finding
from dfutils.data import assign_splits, read_catalog
from dfutils.data.embedding import is_available, load_models
from dfutils.data.people import PeopleFound
from dfutils.errors import DataError, DfutilsError, SettingsError

needs_dlib = pytest.mark.skipif(not is_available(), reason="the extra dfutils[people] is not installed")


@pytest.fixture
def faceforensics(make_files):
    """A tree in FaceForensics++'s layout, of files that cannot be opened."""
    originals, fakes = "original_sequences/youtube/c23/videos", "manipulated_sequences/Deepfakes/c23/videos"
    numbers = [("000", "003"), ("007", "009"), ("011", "012")]
    for i, (target, source) in enumerate(numbers):
        make_files(f"{originals}/{target}.mp4", content=bytes([1, i]))
        make_files(f"{originals}/{source}.mp4", content=bytes([2, i]))
        root = make_files(f"{fakes}/{target}_{source}.mp4", content=bytes([3, i]))
    return root


def make_audit(findings=(), shortcuts=("codec",), people=None, people_known=False):
    return Audit(
        findings=findings_table(findings),
        shortcuts=pd.DataFrame({"feature": shortcuts}),
        facts=pd.DataFrame(),
        telling=0.65,
        remarks=(),
        people=people,
        people_known=people_known,
    )


def found_nobody(groups):
    return PeopleFound(pairs=(), compared=groups, groups=groups, without_face=(), limit=0.4, remarks=())


@pytest.mark.parametrize(
    ("options", "verdict"),
    [
        ({}, "found nothing, but who is seen is not known"),
        ({"people_known": True}, "found nothing that leaks or gives the label away"),
        ({"people_known": True, "shortcuts": ()}, "found nothing that leaks"),
        (
            {"people": found_nobody(5)},
            "found nothing; nobody was recognised in two groups, which is no proof",
        ),
        ({"people": found_nobody(1)}, "found nothing, but who is seen is not known"),
    ],
)
def test_the_verdict_says_nothing_leaks_only_where_it_is_known_who_is_seen(options, verdict):
    assert make_audit(**options).verdict == verdict


@pytest.mark.parametrize(
    ("severities", "verdict"),
    [
        (["leak"], "found 1 leak"),
        (["warning", "warning"], "found 2 warnings"),
        (["leak", "leak", "warning"], "found 2 leaks and 1 warning"),
    ],
)
def test_the_verdict_counts_the_findings(make_table, severities, verdict):
    clips = make_table(("a", "g", "train"), ("b", "h", "test"))
    findings = [make_finding("near duplicate", word, clips, detail="d", remedy="r") for word in severities]
    assert make_audit(findings, people_known=True).verdict == verdict


def test_the_summary_has_one_row_per_kind(make_table):
    clips = make_table(("a", "g", "train"), ("b", "h", "test"))
    findings = [
        make_finding("near duplicate", "leak", clips, detail="d1", remedy="r"),
        make_finding("near duplicate", "leak", clips, detail="d2", remedy="r"),
        make_finding("shortcut: codec", "warning", clips, detail="d3", remedy="r3"),
    ]
    summary = make_audit(findings).summary()
    assert summary.values.tolist() == [
        ["leak", "near duplicate", 2, "a, b", "d1", "r"],
        ["warning", "shortcut: codec", 1, "a, b", "d3", "r3"],
    ]
    assert summary.columns.tolist() == [
        *("severity", "finding", "number", "example", "what it is", "what to do"),
    ]
    assert make_audit().summary().empty


@pytest.mark.slow
def test_nothing_is_found_in_the_built_in_data_set(demo_dir):
    audit = audit_catalog(assign_splits(read_catalog(demo_dir)), progress=False)
    assert audit.findings.empty
    assert audit.verdict == "found nothing that leaks or gives the label away"
    assert audit.people is None
    assert set(audit.facts["codec"]) == {"h264"}
    assert set(audit.facts["width"]) == {384}
    assert audit.facts["fps"].eq(25).all()
    assert audit.facts["seconds"].eq(2).all()
    assert set(audit.shortcuts["feature"]) == {
        *("file size", "resolution", "frame rate", "codec", "duration")
    }
    assert any("rests on 3 groups" in remark for remark in audit.remarks)
    assert not any("people" in remark for remark in audit.remarks)


@pytest.mark.slow
def test_bad_files_do_not_stop_it(demo_copy):
    (demo_copy / "person_000/take0.mp4").write_bytes(b"no video")
    (demo_copy / "person_001/take0.mp4").write_bytes(b"")
    catalog = assign_splits(read_catalog(demo_copy))
    (demo_copy / "person_002/take0.mp4").unlink()
    audit = audit_catalog(catalog, progress=False)
    assert audit.findings.empty
    trouble = audit.facts.set_index("clip_id")["trouble"]
    assert trouble[trouble != ""].index.tolist() == [
        "person_000/take0",
        "person_001/take0",
        "person_002/take0",
    ]


def test_what_cannot_be_audited_is_refused(make_table, tmp_path):
    table = make_table(("a", "g", "train"))
    with pytest.raises(DataError, match="no clips"):
        audit_catalog(table[:0], tmp_path)
    with pytest.raises(DataError, match="no folder"):
        audit_catalog(table, tmp_path / "gone")
    with pytest.raises(DataError, match="root"):
        audit_catalog(table)
    with pytest.raises(SettingsError, match="seed=-1"):
        audit_catalog(table, tmp_path, seed=-1)


def test_a_missing_extra_is_reported_before_a_clip_is_read(monkeypatch, make_files):
    monkeypatch.setitem(sys.modules, "dlib", None)
    load_models.cache_clear()
    root = make_files("real/a.mp4", "real/b.mp4", "fake/c.mp4", content=b"")
    with pytest.raises(DfutilsError, match=r'pip install "dfutils\[people\]"'):
        audit_catalog(read_catalog(root), people=True, progress=False)
    assert not any(
        "people=True" in remark for remark in audit_catalog(read_catalog(root), progress=False).remarks
    )


def test_a_plain_table_that_names_nobody_gets_a_remark(make_table, tmp_path):
    table = make_table(("a", "g", "train"), ("b", "h", "test"))
    remarks = audit_catalog(table, tmp_path, progress=False).remarks
    assert "The columns `identity` and `donor` of a CSV" in remarks[0]


@needs_dlib
def test_of_faceforensics_it_says_that_people_are_not_known(faceforensics):
    catalog = assign_splits(read_catalog(faceforensics))
    assert not catalog.people_known
    audit = audit_catalog(catalog, progress=False)
    assert audit.verdict == "found nothing, but who is seen is not known"
    assert "people=True" in audit.remarks[0]
    assert not {*catalog.remarks} & {*audit.remarks}
    assert any("who" in remark or "person" in remark for remark in catalog.remarks)


@needs_dlib
@pytest.mark.slow
def test_one_person_in_two_recordings_is_named_and_two_people_are_not(repeated_person):
    catalog = read_catalog(repeated_person)
    sides = {"004-982": "train", "900-901": "test", "515-519": "train", "634-660": "test"}
    table = catalog.table.assign(split=catalog.table["group"].map(sides))
    audit = audit_catalog(table, repeated_person, people=True, progress=False)
    found = audit.findings[audit.findings["finding"] == "same person in two groups"]
    assert found["severity"].tolist() == ["leak"]
    assert "The groups 004-982 and 900-901 probably show one person" in found["detail"].item()
    assert [(pair.first, pair.second) for pair in audit.people.pairs] == [("004-982", "900-901")]
    assert audit.people.groups == 4


@needs_dlib
@pytest.mark.slow
def test_where_nobody_is_recognised_the_verdict_says_that_this_is_no_proof(repeated_person):
    table = read_catalog(repeated_person).table
    table = table[(table["label"] == 0) & (table["group"] != "900-901")]
    audit = audit_catalog(table, repeated_person, people=True, progress=False)
    assert audit.people.pairs == ()
    assert audit.verdict == "found nothing; nobody was recognised in two groups, which is no proof"

"""Tables of scores as other programs write them."""

import numpy as np
import pytest

from dfutils.errors import DataError, SettingsError
from dfutils.evaluation import read_scores


@pytest.fixture
def write(tmp_path):
    """A function that writes a table and returns its path: `write(text, encoding=…)`."""

    def make(text, encoding="utf-8", name="scores.csv"):
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return make


def only(found):
    (table,) = found.tables.values()
    return table


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("clip_id,label,score\na,1,0.9\nb,0,0.25\nc,1,\n", "utf-8"),
        ("Video;Y_True;P_Fake\r\na;fake;0,9\r\nb;REAL;0,25\r\nc;fakes;\r\n", "utf-8-sig"),
        ("filename\ttarget\tprob\na\t1.0\t0,9\nb\t0.0\t.25\nc\tdeepfake\tnan\n", "utf-16"),
        (
            "\n".join(["prediction , is_fake , FILE", " 0.9 , True , a ", "0.25, False, b", "None,yes,c"]),
            "utf-8",
        ),
    ],
)
def test_usual_names_separators_and_encodings_are_read(write, text, encoding):
    found = read_scores(write(text, encoding))
    table = only(found)
    assert table["label"].tolist() == [1, 0, 1]
    assert table["clip_id"].tolist() == ["a", "b", "c"]
    assert table["score"].tolist()[:2] == [0.9, 0.25]
    assert np.isnan(table["score"].iloc[2])
    assert not found.grouped
    assert "add a column `group`" in " ".join(found.remarks)


def test_columns_that_were_guessed_are_named_and_others_are_kept(write):
    found = read_scores(write("video,target,prob,camera,generator,subset,group\na,1,.5,x,swap,test,g\n"))
    assert found.remarks == [
        "Columns: score from `prob`, label from `target`, clip_id from `video`, method from `generator`, split from "
        "`subset`."
    ]
    row = only(found).iloc[0]
    assert (row["camera"], row["method"], row["split"], row["group"]) == ("x", "swap", "test", "g")


def test_score_of_real_and_logits_become_probabilities_of_fake(write):
    path = write("label,score,clip_id\n0,0.9,a\n1,0.2,b\n")
    assert only(read_scores(path, positive="real"))["score"].tolist() == pytest.approx([0.1, 0.8])
    path = write("label,logit,clip_id\n0,-800,a\n1,0,b\n1,3,c\n")
    assert only(read_scores(path, logits=True))["score"].tolist() == pytest.approx(
        [0, 0.5, 1 / (1 + np.exp(-3))]
    )


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            ("-2.5", "3"),
            "2 of 2 scores in the column 'score' are outside.*-2.5 to 3. For logits, use --logits",
        ),
        (("0", "93.5"), "1 of 2 scores.*Divide percentages by 100"),
        (("0.5", "high"), r"row 2 \(line 3\) is 'high', which is not a finite number.*1 of 2"),
        (("0.5", "inf"), "'inf', which is not a finite number"),
        (("", "nan"), "no row has a score"),
        (("0,5", "1"), "more cells|cannot be read as a table|outside|not a finite"),
    ],
)
def test_scores_that_are_none_are_named_and_never_clipped(write, values, message):
    with pytest.raises(DataError, match=message):
        read_scores(write("clip_id,label,score\na,1,{}\nb,0,{}\n".format(*values)))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("label,score\n", "has no rows"),
        ("label,camera\n1,x\n", "no column with scores.*It has: label, camera.*--score-column"),
        ("clip_id,score\na,0.5\n", "no column with labels.*or give a catalog"),
        ("label,score\n1,.5\nperhaps,.5\n", r"label in row 2 \(line 3\) is 'perhaps'.*1 of 2"),
        ("label,score\n,.5\n", "label in row 1.* is empty"),
        ("Label,label,score\n1,1,.5\n", "two columns 'label'"),
    ],
)
def test_tables_that_cannot_be_used_say_why(write, text, message):
    with pytest.raises(DataError, match=message):
        read_scores(write(text))
    with pytest.raises(DataError, match="There is no file missing.csv"):
        read_scores("missing.csv")


def test_several_rows_of_a_clip_are_named_and_joined_on_request(write):
    path = write("video,label,score,group\na,1,0.2,g\na,1,0.9,g\na,1,,g\nb,0,0.5,h\nc,0,,h\n")
    with pytest.raises(DataError, match="1 of 3 clips have several rows; 'a' has 3.*--frames mean"):
        read_scores(path)
    for frames, expected in (("mean", 0.55), ("median", 0.55), ("max", 0.9)):
        table = only(read_scores(path, frames=frames))
        assert table["clip_id"].tolist() == ["a", "b", "c"]
        assert table["score"].tolist()[:2] == [expected, 0.5]
        assert np.isnan(table["score"].iloc[2])
    with pytest.raises(DataError, match="'a' have different values in the column 'label'"):
        read_scores(write("video,label,score\na,1,0.2\na,0,0.9\n"), frames="mean")
    with pytest.raises(SettingsError, match="frames='sum'"):
        read_scores(path, frames="sum")


def test_several_detectors_are_columns_or_rows(write):
    path = write("clip_id,label,xception,F3Net\na,1,.9,\nb,0,.1,.3\n")
    wide = read_scores(path, columns=("xception", "F3Net"))
    assert list(wide.tables) == ["xception", "F3Net"]
    assert wide.tables["F3Net"]["score"].isna().tolist() == [True, False]
    long = read_scores(write("clip_id,label,model,score\na,1,x,.9\nb,0,x,.1\na,1,y,.4\n"))
    assert {name: len(table) for name, table in long.tables.items()} == {"x": 2, "y": 1}
    with pytest.raises(DataError, match="no column 'other'"):
        read_scores(write("clip_id,label,score\na,1,.9\n"), columns=["other"])


def test_rows_without_names_are_numbered(write):
    found = read_scores(write("label,score\n1,.9\n0,.1\n"))
    assert only(found)["clip_id"].tolist() == ["row 1", "row 2"]
    assert not found.named
    assert "The table names no clips, so its rows are numbered." in found.remarks


def test_clips_without_a_group_and_groups_in_two_splits_are_named(write):
    text = "clip_id,label,score,group,split\na,1,.9,g,train\nb,0,.1,g,test\nc,0,.1,,test\n"
    found = read_scores(write(text))
    assert only(found)["group"].tolist() == ["g", "g", "(alone) c"]
    assert found.grouped
    assert "1 of 3 clips have no group, and count as one each." in found.remarks
    assert "1 groups are in several splits, such as 'g'." in found.remarks


def test_catalog_brings_labels_and_groups_and_the_missing_clips(write):
    rows = [
        "real/a,real/a.mp4,video,0,,g,test",
        "fake/b,fake/b.mp4,video,1,swap,g,",
        "fake/c,fake/c.mp4,video,1,swap,h,",
    ]
    path = write("\n".join(["clip_id,path,media,label,method,group,split", *rows]), name="catalog.csv")
    ids, paths, files = ("real/a", "fake/b"), ("real/a.mp4", "fake/b.mp4"), ("a.avi", "b.avi")
    for names in (ids, paths, files, ("x\\real\\a.mp4", "x\\b.mp4")):
        found = read_scores(write("file,score\n{},.1\n{},.9\n".format(*names)), catalog=path)
        table = only(found)
        assert table["clip_id"].tolist() == ["real/a", "fake/b", "fake/c"]
        assert table["label"].tolist() == [0, 1, 1]
        assert table["group"].tolist() == ["g", "g", "h"]
        assert table["score"].tolist()[:2] == [0.1, 0.9]
        assert "Clips of the catalog without a row in the scores: 1." in " ".join(found.remarks)

import pytest

from dfutils.errors import DataError
from dfutils.evaluation.score_inputs import read_detectors, thresholds_on


@pytest.fixture
def write(tmp_path):
    """A function that writes a table of scores and returns its path."""

    def make(name, header, *rows):
        path = tmp_path / name
        path.write_text("\n".join([header, *rows]))
        return path

    return make


def test_names_of_the_files_tell_detectors_apart(write):
    one = write("a.csv", "clip_id,label,score", "x,1,0.5", "y,0,0.5")
    two = write("b.csv", "clip_id,label,model,score", "x,1,m,0.5", "x,1,n,0.5")
    assert list(read_detectors([one])[0]) == ["score"]
    assert list(read_detectors([two])[0]) == ["m", "n"]
    tables, remarks = read_detectors([one, two])
    assert list(tables) == ["a.csv", "b.csv: m", "b.csv: n"]
    assert len(remarks) == len(set(remarks))


def test_only_the_clips_of_a_split_are_used(write):
    path = write("a.csv", "clip_id,label,score,split", "x,1,0.5,test", "y,0,0.5,val")
    assert read_detectors([path], split="test")[0]["score"]["clip_id"].tolist() == ["x"]
    with pytest.raises(DataError, match="No clip is of the split 'train'. Splits: test, val"):
        read_detectors([path], split="train")


def test_clips_without_names_cannot_be_compared(write):
    with pytest.raises(DataError, match="only if all tables name their clips"):
        read_detectors([write("a.csv", "label,score", "1,0.5"), write("b.csv", "label,score", "0,0.5")])


def test_each_detector_gets_the_threshold_of_its_own_validation_clips(write):
    header = "clip_id,label,m,n"
    tables, _ = read_detectors([write("t.csv", header, "x,1,0.9,0.2", "y,0,0.1,0.1")], columns=("m", "n"))
    validation = write("v.csv", header, "v,1,0.8,0.3", "w,0,0.4,0.1", "u,0,0.9,0.0")
    found = thresholds_on(validation, tables, columns=("m", "n"))
    assert found["n"].value == pytest.approx(0.2)
    assert found["m"].value == pytest.approx(0.6)
    strict = thresholds_on(validation, tables, columns=("m", "n"), false_alarms=0.0)
    assert strict["m"].value == pytest.approx(0.95)
    with pytest.raises(DataError, match="no scores of 'm'. They have: n. Each detector needs"):
        thresholds_on(validation, tables, columns=("n",))

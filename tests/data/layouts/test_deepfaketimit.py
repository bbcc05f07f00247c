"""DeepfakeTIMIT with VidTIMIT: people, pairs and real clips."""

import pytest

from dfutils.data import read_catalog


@pytest.mark.parametrize("above", ["", "DeepfakeTIMIT/"])
@pytest.mark.parametrize("real", ["fadg0/sa1.avi", "VidTIMIT/fadg0/video/sa1/001.jpg"])
def test_people_that_exchange_faces_are_a_group(make_files, above, real, read_rows, read_left_out):
    root = make_files(
        f"{above}higher_quality/fadg0/sa1-video-fram1.avi", f"{above}lower_quality/fram1/sx10-video-fadg0.avi"
    )
    make_files(real, "mccs0/si1010.avi", "fadg0/video/head/001.jpg", f"{above}higher_quality/fadg0/sa1.wav")
    table = read_rows(root, "deepfaketimit")
    fake = table.loc[f"{above}higher_quality/fadg0/sa1-video-fram1.avi"]
    assert fake[["label", "method", "identity", "donor", "source", "group"]].tolist() == [
        *(1, "higher_quality", "fadg0", "fram1", "fadg0/sa1", "fadg0-fram1")
    ]
    original = table.loc[real.removesuffix("/001.jpg")]
    assert original[["label", "method", "identity", "source", "group"]].tolist() == [
        *(0, "", "fadg0", "fadg0/sa1", "fadg0-fram1")
    ]
    assert table.loc["mccs0/si1010.avi", "group"] == "mccs0"
    assert "nor a sentence of VidTIMIT" in read_left_out(root)["fadg0/video/head/001.jpg"]
    catalog = read_catalog(root)
    assert catalog.people_known
    assert not any("VidTIMIT" in remark for remark in catalog.remarks)


def test_without_real_clips_a_remark_says_where_they_are(make_files):
    root = make_files("Higher_Quality/FADG0/SA1-video-FRAM1.AVI")
    catalog = read_catalog(root)
    assert catalog.table[["identity", "donor", "method"]].values.tolist() == [
        ["fadg0", "fram1", "higher_quality"]
    ]
    assert any("they are those of VidTIMIT" in remark for remark in catalog.remarks)
    assert not any("no suffix" in remark for remark in catalog.remarks)
    make_files("fadg0/video/sa1/001", "fadg0/video/sa1/002")
    assert any("Add the suffix .jpg" in remark for remark in read_catalog(root).remarks)

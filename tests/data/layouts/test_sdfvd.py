"""SDFVD: labels, pairs and what is not known about people."""

import pytest

from dfutils.data import read_catalog


@pytest.mark.parametrize("above", ["", "SDFVD/", "SDFVD/SDFVD/"])
def test_pairs_by_number(make_files, above, read_rows, read_left_out):
    root = make_files(*(f"{above}videos_real/v{i}.mp4" for i in (1, 12)), f"{above}videos_fake/vs1.mp4")
    make_files(f"{above}videos_fake/vs12.MP4", f"{above}readme.txt", f"{above}videos_real/extra.mp4")
    table = read_rows(root, "sdfvd")
    assert table.groupby("group")["label"].agg(sorted).to_dict() == {"1": [0, 1], "12": [0, 1]}
    assert set(table.loc[table["label"] == 0, "method"]) == {""}
    assert read_left_out(root)[f"{above}readme.txt"].startswith("neither a video nor a picture")
    assert "not named v<number>" in read_left_out(root)[f"{above}videos_real/extra.mp4"]


def test_people_are_not_known_and_a_remark_says_so(make_files):
    catalog = read_catalog(make_files("videos_real/v1.mp4", "videos_real/v02.mp4", "videos_fake/vs2.mp4"))
    assert "identity" not in catalog.table
    assert catalog.table["source"].tolist() == catalog.table["group"].tolist() == ["2", "2", "1"]
    assert not catalog.people_known
    (remark,) = catalog.remarks
    assert "SDFVD does not say who is seen" in remark

"""Every clip that is inspected gets a status, and pairs are of one group where there is one."""

import pytest

from dfutils.data import Catalog
from dfutils.errors import DataError
from dfutils.frames import FaceCrop, Pair, Sampling, inspect_clips, pair_up

MIDDLE = FaceCrop(detector="none")
SAMPLING = Sampling(frames=4)


def test_every_clip_gets_a_status_and_a_reason(tmp_path, make_video, make_catalog):
    make_video("g00/c0.mp4")
    (tmp_path / "g00/c1.mp4").touch()
    (tmp_path / "g00/c2.mp4").write_text("text")
    inspection = inspect_clips(
        make_catalog(groups=1), tmp_path, sampling=SAMPLING, face=MIDDLE, progress=False
    )
    report = inspection.table
    assert report["status"].tolist() == ["ok", "empty", "unreadable", "unreadable"]
    assert list(inspection.tracks) == ["g00/c0"]
    assert inspection.tracks["g00/c0"].crops.shape == (4, 299, 299, 3)
    assert (report.loc[1:, "reason"] != "").all()
    assert report.loc[0, ["frames", "width", "height", "face_side"]].tolist() == [4, 96, 64, 64]
    assert report.loc[1:, "frames"].isna().all()


@pytest.mark.slow
def test_clip_without_a_face_says_so(tmp_path, make_video, make_catalog):
    make_video("g00/c0.mp4", face=True)
    make_video("g00/c1.mp4")
    catalog = make_catalog(groups=1, per_group=2)
    inspection = inspect_clips(catalog, tmp_path, sampling=SAMPLING, progress=False)
    assert inspection.table["status"].tolist() == ["ok", "no_face"]
    assert inspection.table["frames"].tolist() == [4, 4]
    assert "a face in 0 of 4 frames" in inspection.table["reason"][1]


def test_catalog_knows_its_root(tmp_path, make_video, make_catalog):
    make_video("g00/c0.mp4")
    table = make_catalog(groups=1, per_group=1)
    catalog = Catalog(table, root=tmp_path)
    assert inspect_clips(catalog, face=MIDDLE, progress=False).table["status"].tolist() == ["ok"]
    with pytest.raises(DataError, match="root"):
        inspect_clips(table, face=MIDDLE, progress=False)


def test_table_without_paths_is_refused(tmp_path, make_catalog):
    with pytest.raises(DataError, match="no column path"):
        inspect_clips(make_catalog(groups=1).drop(columns="path"), tmp_path)


def test_pairs_are_of_one_group(make_catalog):
    table = make_catalog(groups=3, per_group=2)
    pairs = pair_up(table, ["g00/c0", "g01/c0", "g01/c1", "g02/c1"])
    assert pairs == [Pair("group g01", "g01/c0", "g01/c1")]
    assert pair_up(Catalog(table), table["clip_id"], most=2) == [
        Pair("group g00", "g00/c0", "g00/c1"),
        Pair("group g01", "g01/c0", "g01/c1"),
    ]


def test_clips_without_a_partner_in_their_group_are_paired_in_order(make_catalog):
    table = make_catalog(groups=3, per_group=2)
    alone = table.assign(group=table["clip_id"])
    assert pair_up(alone, table["clip_id"], most=2) == [
        Pair("1", "g00/c0", "g00/c1"),
        Pair("2", "g01/c0", "g01/c1"),
    ]


def test_without_one_of_the_classes_there_is_no_pair(make_catalog):
    table = make_catalog(groups=3, per_group=2)
    assert pair_up(table.query("label == 1"), table["clip_id"]) == []

"""UADFV: pairs, and folders named real and fake that are not UADFV."""

import pytest

from dfutils.data import read_catalog


@pytest.mark.parametrize("above", ["", "UADFV/"])
def test_pairs_by_number(make_files, above, read_rows, read_left_out):
    root = make_files(*(f"{above}real/{number:04d}.mp4" for number in range(2)))
    make_files(f"{above}fake/0000_fake.mp4", f"{above}fake/0001_FAKE.MP4", f"{above}real/other.mp4")
    table = read_rows(root, "uadfv")
    assert table.groupby("group")["label"].agg(sorted).to_dict() == {"0000": [0, 1], "0001": [0, 1]}
    assert table["source"].equals(table["group"])
    assert set(table["method"]) == {"", "FakeApp"}
    assert "not named <4 digits>" in read_left_out(root)[f"{above}real/other.mp4"]
    catalog = read_catalog(root)
    assert not catalog.people_known
    assert any("UADFV does not say who is seen" in remark for remark in catalog.remarks)


def test_frames_are_clips_unless_their_video_is_there(make_files, read_rows, read_left_out):
    root = make_files("real/frames/0000/000.png", "fake/frames/0000_fake/000.png", "fake/0000_fake.mp4")
    assert read_rows(root, "uadfv")["media"].to_dict() == {
        "fake/0000_fake.mp4": "video",
        "real/frames/0000": "frames",
    }
    assert read_left_out(root)["fake/frames/0000_fake"] == "the frames of fake/0000_fake.mp4"


@pytest.mark.parametrize(
    "names",
    [
        ("real/0000.mp4", "fake/0000.mp4"),
        ("real/a.mp4", "fake/a_fake.mp4"),
        ("real/0000.mp4", "fake/0000_fake.mp4", "fake/new.mp4"),
        ("real/0000.mp4",),
    ],
)
def test_other_folders_named_real_and_fake_are_not_uadfv(make_files, names):
    assert read_catalog(make_files(*names)).layout == "folders"

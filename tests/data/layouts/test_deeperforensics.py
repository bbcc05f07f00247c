"""DeeperForensics-1.0: labels, donors and where its real clips come from."""

from dfutils.data import read_catalog


def test_the_real_clips_are_those_of_faceforensics(make_files, read_rows, read_left_out):
    root = make_files(
        "manipulated_videos/end_to_end/000_W101.mp4", "manipulated_videos/end_to_end_level_1/000_W101.mp4"
    )
    make_files(
        "manipulated_videos/end_to_end/003_W101.mp4", "source_videos/W101/light_up/happy/camera_up/W101.mp4"
    )
    make_files(
        "original_sequences/youtube/c23/videos/000.mp4", "original_sequences/youtube/raw/videos/000.mp4"
    )
    make_files("lists/splits/train.txt", content=b"000_W101.mp4\n")
    make_files("lists/splits/test.txt", content=b"003_W101.mp4\n")
    table = read_rows(root, "deeperforensics")
    assert table["group"].tolist() == ["000", "003", "000", "000"]
    assert table["label"].tolist() == [1, 1, 1, 0]
    assert table["split"].tolist() == ["train", "test", "train", "train"]
    assert set(table["method"]) == {"end_to_end", "end_to_end_level_1", ""}
    assert set(table.loc[table["label"] == 1, "donor"]) == {"W101"}
    assert "not the real part" in read_left_out(root)["source_videos/W101/light_up/happy/camera_up/W101.mp4"]
    assert "at c23" in read_left_out(root)["original_sequences/youtube/raw/videos/000.mp4"]


def test_without_originals_a_remark_says_what_is_missing(make_files):
    root = make_files("manipulated_videos/end_to_end/000_W101.mp4", "source_videos/W101/a.mp4")
    assert any("original_sequences/youtube/c23" in remark for remark in read_catalog(root).remarks)


def test_donors_are_named_and_targets_are_not(make_files):
    root = make_files(
        "manipulated_videos/end_to_end/000_W101.mp4", "original_sequences/youtube/c23/videos/000.mp4"
    )
    catalog = read_catalog(root)
    assert "identity" not in catalog.table
    assert catalog.table[["donor", "source"]].values.tolist() == [["W101", "000"], ["", "000"]]
    assert not catalog.people_known
    assert any("does not say who is seen in its targets" in remark for remark in catalog.remarks)

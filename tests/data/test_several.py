"""Several data sets become one catalog, in which no two clips, groups or people share a name."""

import os

import pytest

from dfutils.data import assign_splits, read_catalog
from dfutils.data.several import join_catalogs, names_of_roots
from dfutils.errors import DataError
from dfutils.tables import read_table, write_table


@pytest.fixture
def roots(tmp_path):
    """SDFVD and Celeb-DF next to each other; both have a group 1, and one has people."""
    paths = [
        "SDFVD/videos_real/v1.mp4",
        "SDFVD/videos_fake/vs1.mp4",
        "SDFVD/notes.mp4",
        "more/Celeb-DF/Celeb-real/id1_0000.mp4",
        "more/Celeb-DF/Celeb-synthesis/id1_id2_0000.mp4",
    ]
    for path in paths:
        file = tmp_path / "videos" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x")
    return [tmp_path / "videos" / "SDFVD", tmp_path / "videos" / "more" / "Celeb-DF"]


def test_clips_of_both_are_in_one_catalog_with_names_of_their_own(roots):
    catalog = read_catalog(roots)
    table = catalog.table
    assert table["dataset"].tolist() == ["Celeb-DF", "Celeb-DF", "SDFVD", "SDFVD"]
    assert table["clip_id"].tolist() == [
        "Celeb-DF/Celeb-real/id1_0000",
        "Celeb-DF/Celeb-synthesis/id1_id2_0000",
        "SDFVD/videos_fake/vs1",
        "SDFVD/videos_real/v1",
    ]
    assert table["group"].tolist() == ["celebdf/id1", "celebdf/id1", "sdfvd/1", "sdfvd/1"]
    assert table["identity"].tolist() == ["celebdf/id1", "celebdf/id1", "", ""]
    assert table["donor"].tolist() == ["", "celebdf/id2", "", ""]
    assert table["label"].tolist() == [0, 1, 1, 0]
    assert catalog.root == roots[0].parent
    assert all((catalog.root / path).is_file() for path in table["path"])


def test_what_was_left_out_counted_and_said_is_kept(roots):
    catalog = read_catalog(roots)
    assert catalog.left_out["path"].tolist() == ["SDFVD/notes.mp4"]
    assert catalog.files["found"] == 5 and catalog.files["clips"] == 4
    assert catalog.layout == "sdfvd + celebdf"
    assert any(remark.startswith("SDFVD: ") for remark in catalog.remarks)


def test_a_text_names_them_as_in_path(roots):
    text = os.pathsep.join(map(str, roots))
    assert read_catalog(text).table.equals(read_catalog(roots).table)
    assert read_catalog([roots[0]]).table.equals(read_catalog(roots[0]).table)
    assert "dataset" not in read_catalog(roots[0]).table


def test_a_folder_with_the_separator_in_its_name_is_one_data_set(roots, tmp_path):
    renamed = tmp_path / f"a{os.pathsep}b"
    roots[0].rename(renamed)
    assert len(read_catalog(str(renamed))) == 2


def test_the_catalog_can_be_split_written_and_read(roots, tmp_path):
    for number in range(2, 9):
        for kind, name in (("real", "v"), ("fake", "vs")):
            (roots[0] / f"videos_{kind}" / f"{name}{number}.mp4").write_bytes(b"x")
    joined = assign_splits(read_catalog(roots)).table
    write_table(joined, tmp_path / "catalog.csv")
    again = read_table(tmp_path / "catalog.csv")
    assert again["dataset"].tolist() == joined["dataset"].tolist()
    assert joined.groupby("group")["split"].nunique().max() == 1
    assert set(joined["split"]) == {"train", "val", "test"}


def test_names_that_are_not_unique_and_folders_in_folders_are_refused(roots, tmp_path):
    twin = tmp_path / "other" / "SDFVD"
    twin.mkdir(parents=True)
    with pytest.raises(DataError, match="Two of the data sets are named 'SDFVD'"):
        names_of_roots([roots[0], twin])
    with pytest.raises(DataError, match="is inside the data set"):
        names_of_roots([roots[1], roots[1] / "Celeb-real"])
    with pytest.raises(DataError, match="There is no"):
        read_catalog([roots[0], tmp_path / "nowhere"])


def test_data_sets_on_two_drives_are_refused(roots, monkeypatch):
    def fail(paths):
        raise ValueError("Paths don't have the same drive")

    catalogs = {root.name: read_catalog(root) for root in roots}
    monkeypatch.setattr(os.path, "commonpath", fail)
    with pytest.raises(DataError, match="not on one drive"):
        join_catalogs(catalogs)


def write(folder, *paths):
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(b"x")
    return folder


def test_two_copies_of_one_data_set_share_their_groups(tmp_path):
    """One recording at two compressions, a forgery that connects two groups, and DeeperForensics on one target."""
    ffpp = "original_sequences/youtube/{0}/videos/{1}.mp4"
    fake = "manipulated_sequences/Deepfakes/{0}/videos/{1}.mp4"
    first = write(
        tmp_path / "one",
        *(ffpp.format("c23", n) for n in ("000", "003", "005", "007")),
        fake.format("c23", "000_003"),
    )
    second = write(tmp_path / "two", ffpp.format("c40", "000"), fake.format("c40", "005_007"))
    deeper = write(
        tmp_path / "three", "manipulated_videos/end_to_end/003_W101.mp4", ffpp.format("c23", "003")
    )
    catalog = read_catalog([first, second, deeper])
    groups = catalog.table.groupby("group")["clip_id"].apply(
        lambda ids: sorted(i.rsplit("/")[-1] for i in ids)
    )
    assert sorted(groups.tolist()) == [
        ["000", "000", "000_003", "003", "003", "003_W101"],
        ["005", "005_007", "007"],
    ]
    assert any("2 groups have clips of several data sets" in remark for remark in catalog.remarks)


def test_folders_named_real_and_fake_share_nothing(tmp_path):
    roots = [write(tmp_path / name, "real/a.mp4", "fake/b.mp4") for name in ("one", "two")]
    catalog = read_catalog(roots)
    assert catalog.table["group"].nunique() == 4
    assert not any("several data sets" in remark for remark in catalog.remarks)


def test_a_published_test_clip_is_tested_in_every_copy(tmp_path):
    clips = [f"Celeb-real/id{i}_0000.mp4" for i in range(9)]
    clips += [f"Celeb-synthesis/id{i}_id{(i + 1) % 9}_0000.mp4" for i in range(9)]
    roots = [write(tmp_path / name, *clips) for name in ("v1", "v2")]
    for root, number in zip(roots, (0, 1), strict=True):
        listed = [
            f"1 Celeb-real/id{number}_0000.mp4",
            f"0 Celeb-synthesis/id{number}_id{number + 1}_0000.mp4",
        ]
        (root / "List_of_testing_videos.txt").write_text("\n".join(listed))
    table = assign_splits(read_catalog(roots)).table
    names = table["clip_id"].str.split("/", n=1).str[1]
    assert (table.groupby(names)["split"].nunique() == 1).all()
    assert sorted(set(names[table["split"] == "test"])) == [
        "Celeb-real/id0_0000", "Celeb-real/id1_0000", "Celeb-synthesis/id0_id1_0000", "Celeb-synthesis/id1_id2_0000",
    ]  # fmt: skip


def test_a_data_set_that_is_not_tested_is_named(tmp_path):
    celeb = [f"Celeb-real/id{i}_0000.mp4" for i in range(9)]
    celeb += [f"Celeb-synthesis/id{i}_id{(i + 1) % 9}_0000.mp4" for i in range(9)]
    other = [f"real/{i}.mp4" for i in range(6)] + [f"fake/{i}.mp4" for i in range(6)]
    roots = [write(tmp_path / "celeb", *celeb), write(tmp_path / "mine", *other)]
    (roots[0] / "List_of_testing_videos.txt").write_text(
        "1 Celeb-real/id0_0000.mp4\n0 Celeb-synthesis/id0_id1_0000.mp4"
    )
    remarks = assign_splits(read_catalog(roots)).remarks
    assert any(
        remark.startswith("No test clips: mine. Only the test clips of celeb are tested on.")
        for remark in remarks
    )


def test_a_clip_in_two_of_the_data_sets_is_refused(tmp_path):
    root = write(tmp_path / "videos", "real/a.mp4", "fake/b.mp4")
    table = tmp_path / "list.csv"
    table.write_text("path,label\nvideos/real/a.mp4,0\n")
    with pytest.raises(DataError, match="1 clips are in two of the data sets, such as 'videos/real/a.mp4'"):
        read_catalog([root, table])

import pytest

from dfutils.data import read_catalog


def test_unknown_layout_is_refused(run_cli, tmp_path):
    (tmp_path / "notes.txt").write_text("x")
    result = run_cli("catalog", tmp_path)
    assert result.exit_code == 2
    assert "not recognised" in result.output


def test_output_path_of_a_folder_is_refused(run_cli, tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real/a.mp4").write_bytes(b"x")
    result = run_cli("catalog", tmp_path, "-o", tmp_path / "real")
    assert result.exit_code == 2
    assert "is a folder. Give the name of a CSV file" in result.output
    assert run_cli("catalog", "/dev/null").exit_code == 2


def test_catalog_file_keeps_identity_and_donor(run_cli, tmp_path):
    for name in ("Celeb-real/id0_0000.mp4", "Celeb-synthesis/id0_id1_0000.mp4"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).touch()
    done = run_cli("catalog", tmp_path, "-o", tmp_path / "groups.csv")
    assert done.exit_code == 0, done.stderr
    again = read_catalog(tmp_path / "groups.csv").table
    assert again[["identity", "donor"]].values.tolist() == [["id0", ""], ["id0", "id1"]]


def test_files_that_are_not_clips_are_listed_with_the_reason(run_cli, tmp_path):
    for name in ("real/a.mp4", "fake/b.mp4", "fake/c/0.png", "fake/c/1.png", "x.mp4", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    done = run_cli("catalog", tmp_path)
    assert (
        "Files     6: 2 clips, 2 in folders of stills, 0 lists that were read, 1 left out, 1 of other kinds"
        in done.stdout
    )
    assert "left out, in no folder named real or fake: x.mp4" in done.stdout
    assert "leaks" in done.stderr


@pytest.mark.parametrize(("count", "status", "last"), [(53, 0, "is complete"), (52, 3, "is not complete")])
def test_check_says_whether_a_copy_is_complete(run_cli, tmp_path, count, status, last):
    for kind in ("videos_real/v", "videos_fake/vs"):
        (tmp_path / kind).parent.mkdir()
        for number in range(1, count + 1):
            (tmp_path / f"{kind}{number}.mp4").touch()
    done = run_cli("catalog", tmp_path, "--check", "-o", tmp_path.parent / "catalog.csv")
    assert done.exit_code == status, done.stderr
    assert "Compared with SDFVD" in done.stdout
    assert f"videos_fake        53     {count}" in done.stdout
    assert done.stdout.strip().endswith(f"The copy {last}.")
    assert (tmp_path.parent / "catalog.csv").is_file()
    assert run_cli("catalog", tmp_path).exit_code == 0


def test_check_names_the_clips_of_a_list_and_says_if_nothing_is_published(run_cli, tmp_path):
    for name in ("Celeb-real/id0_0000.mp4", "Celeb-synthesis/id0_id1_0000.mp4"):
        (tmp_path / "a" / name).parent.mkdir(parents=True)
        (tmp_path / "a" / name).touch()
    lines = [f"1 YouTube-real/{number:05d}.mp4" for number in range(5)]
    (tmp_path / "a/List_of_testing_videos.txt").write_text("\n".join(lines))
    done = run_cli("catalog", tmp_path / "a", "--check")
    assert done.exit_code == 3
    assert "but not on disk: YouTube-real/00000.mp4" in done.stdout
    assert "and 2 more" in done.stdout
    (tmp_path / "b/real").mkdir(parents=True)
    (tmp_path / "b/real/a.mp4").touch()
    done = run_cli("catalog", tmp_path / "b", "--check")
    assert done.exit_code == 3
    assert "Nothing is published for the layout 'folders'" in done.stdout
    assert "is not complete" not in done.stdout

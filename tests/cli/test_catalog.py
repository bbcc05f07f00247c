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

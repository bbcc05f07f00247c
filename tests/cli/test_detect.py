"""Files are judged from the command line."""

import json
from pathlib import Path

import pandas as pd
import pytest

pytestmark = pytest.mark.slow


def test_files_are_judged_and_the_exit_status_says_whether_all_were(run_cli, trained, tmp_path):
    root, _ = trained
    (tmp_path / "new\nline <b>.mp4").write_text("no video")
    table = tmp_path / "verdicts.csv"
    words = ("detect", root / "clips", "--model", root / "models/linear")
    result = run_cli(*words)
    assert result.exit_code == 0, result.output
    assert "Detector: logistic regression on temporal statistics, from" in result.output
    assert "The verdict is fake from a score of" in result.output
    assert result.output.count(".mp4") == 32
    result = run_cli(*words, tmp_path, "--csv", table)
    assert result.exit_code == 1, result.output
    assert r"new\nline <b>.mp4: unreadable" in result.output
    rows = pd.read_csv(table, keep_default_na=False)
    assert len(rows) == 33
    assert rows["status"].value_counts().to_dict() == {"ok": 32, "unreadable": 1}
    assert rows.loc[rows["status"] != "ok", "score"].tolist() == [""]


def test_pictures_are_written_for_judged_files(run_cli, trained, tmp_path):
    root, _ = trained
    (tmp_path / "text.mp4").write_text("no video")
    files = (root / "clips/g00_fake.mp4", tmp_path / "text.mp4")
    options = ("--model", root / "models/linear", "--pictures", tmp_path / "pictures")
    assert run_cli("detect", *files, *options).exit_code == 1
    (picture,) = (tmp_path / "pictures").iterdir()
    assert picture.name == "001_g00_fake.png"
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_pages_and_their_index_are_written_for_every_file(run_cli, trained, tmp_path):
    root, _ = trained
    (tmp_path / "text.mp4").write_text("no video")
    files = (root / "clips/g00_fake.mp4", tmp_path / "text.mp4")
    result = run_cli("detect", *files, "--model", root / "models/linear", "--html", tmp_path / "pages")
    assert result.exit_code == 1
    assert f"Written: {tmp_path / 'pages/index.html'}" in result.output
    index = (tmp_path / "pages/index.html").read_text()
    assert index.count('<a href="') == 2
    assert len(list((tmp_path / "pages").glob("*.html"))) == 3


def test_clips_of_a_catalog_keep_label_and_group_in_the_table(run_cli, trained, tmp_path):
    root, _ = trained
    rows = ["path,label,group", "g09_fake.mp4,1,a", "gone.mp4,0,b"]
    (root / "clips/some.csv").write_text("\n".join(rows) + "\n")
    table = tmp_path / "scores.csv"
    words = (
        "detect",
        root / "clips/some.csv",
        root / "clips/g08_real.mp4",
        "--model",
        root / "models/linear",
    )
    assert run_cli(*words, "--csv", table).exit_code == 1
    (root / "clips/some.csv").unlink()
    found = pd.read_csv(table, keep_default_na=False).set_index("file")
    names = [Path(path).name for path in found.index]
    assert names == ["g09_fake.mp4", "gone.mp4", "g08_real.mp4"]
    assert found["label"].tolist() == ["1", "", ""]
    assert found["group"].tolist() == ["a", "", ""]
    assert found["status"].tolist() == ["ok", "unreadable", "ok"]
    assert {"clip_id", "method", "split", "score", "verdict", "reason"} <= set(found.columns)


def test_with_all_faces_the_table_has_a_row_for_each_person(run_cli, trained, tmp_path):
    root, _ = trained
    table = tmp_path / "people.csv"
    words = ("detect", root / "clips/g00_fake.mp4", "--model", root / "models/linear", "--faces", "all")
    assert run_cli(*words, "--csv", table).exit_code == 0
    assert pd.read_csv(table)["person"].tolist() == [1]  # the clips are cropped already: one person


def test_json_is_the_only_output_on_stdout(run_cli, trained):
    root, _ = trained
    result = run_cli("detect", root / "clips/g00_fake.mp4", "--model", root / "models/gru", "--json")
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    (one,) = found["files"]
    assert len(one["frame_scores"]) == len(one["times"]) == 6
    assert 0 <= one["score"] <= 1


def test_without_a_model_the_newest_best_one_is_used_and_named(run_cli, trained, home):
    import shutil

    root, _ = trained
    result = run_cli("detect", root / "clips/g00_fake.mp4")
    assert result.exit_code == 2
    assert "There is no detector in" in result.output
    shutil.copytree(root / "models/linear", home / "data/mine/models/best")
    result = run_cli("detect", root / "clips/g00_fake.mp4")
    assert result.exit_code == 0
    assert f"from {home / 'data/mine/models/best'}" in result.output


def test_nothing_to_judge_and_wrong_models_end_with_status_two(run_cli, trained, tmp_path):
    root, _ = trained
    (tmp_path / "empty").mkdir()
    result = run_cli("detect", tmp_path / "empty", "--model", root / "models/linear")
    assert result.exit_code == 2
    assert "There is no video or picture in" in result.output
    result = run_cli("detect", root / "clips", "--model", tmp_path / "nowhere")
    assert result.exit_code == 2
    assert "no detector in" in result.output
    assert run_cli("detect").exit_code == 2

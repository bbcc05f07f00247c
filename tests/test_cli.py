import subprocess
import sys

import pytest
from click.testing import CliRunner

from dfutils.cli import main
from dfutils.data import read_catalog


def dfutils(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


def test_help_of_every_command_has_an_example():
    for name, command in main.commands.items():
        result = dfutils(name, "--help")
        assert result.exit_code == 0
        assert "Example" in result.output
        assert f"dfutils {name}" in result.output
        assert command.help


def test_help_loads_no_tensorflow():
    code = "import sys; from dfutils.cli import main; main(['--help'], standalone_mode=False); " \
        "sys.exit('tensorflow' in sys.modules)"  # fmt: skip
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0


def test_module_is_the_same_program():
    run = subprocess.run(
        [sys.executable, "-m", "dfutils", "--version"], capture_output=True, text=True, check=True
    )
    assert run.stdout.startswith("dfutils")


@pytest.mark.parametrize("command", ["catalog", "report"])
def test_root_that_is_not_there(command, tmp_path, home):
    words = ("--data", tmp_path / "nowhere") if command == "report" else (tmp_path / "nowhere",)
    result = dfutils(command, *words)
    assert result.exit_code == 2
    assert "There is no" in result.output
    assert "Traceback" not in result.output


def test_layout_that_is_not_recognised(tmp_path):
    (tmp_path / "notes.txt").write_text("x")
    result = dfutils("catalog", tmp_path)
    assert result.exit_code == 2
    assert "not recognised" in result.output


def test_output_that_is_a_folder(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real/a.mp4").write_bytes(b"x")
    result = dfutils("catalog", tmp_path, "-o", tmp_path / "real")
    assert result.exit_code == 2
    assert "is a folder. Give the name of a CSV file" in result.output
    assert dfutils("catalog", "/dev/null").exit_code == 2


def test_demo_writes_a_contact_sheet(tmp_path, demo_dir):
    sheet = tmp_path / "people.jpg"
    result = dfutils("demo", demo_dir, "--identities", 6, "--sheet", sheet)
    assert result.exit_code == 0, result.output
    assert sheet.read_bytes().startswith(b"\xff\xd8")
    assert "0 rendered now" in result.output
    assert dfutils("demo", demo_dir, "--identities", 6, "--sheet", tmp_path / "people.txt").exit_code == 2


def test_one_class_is_indexed_but_no_report_is_made(tmp_path, home):
    (tmp_path / "videos/fake").mkdir(parents=True)
    for i in range(5):
        (tmp_path / f"videos/fake/{i}.mp4").write_bytes(b"x")
    assert dfutils("catalog", tmp_path / "videos").exit_code == 0
    result = dfutils("report", "--data", tmp_path / "videos")
    assert result.exit_code == 2
    assert "No clip is real" in result.output
    assert not (home / "reports").exists()


def test_unknown_profile_parameter_and_name(home):
    for words, message in (
        (("--profile", "huge"), "Unknown profile"),
        (("-p", "speed=3"), "No notebook has a parameter 'speed'"),
        (("-p", "epochs"), "KEY=VALUE"),
        (("--name", "other"), "There is no workspace"),
    ):
        result = dfutils("report", *words)
        assert result.exit_code == 2, words
        assert message in result.output


def test_catalog_then_extract(tmp_path, demo_dir, demo_catalog):
    (tmp_path / "videos/real").mkdir(parents=True)
    (tmp_path / "videos/fake").mkdir()
    (tmp_path / "videos/real/a.mp4").write_bytes((demo_dir / "person_000/take0.mp4").read_bytes())
    (tmp_path / "videos/fake/b.mp4").write_text("no video")
    result = dfutils("catalog", tmp_path / "videos", "-o", tmp_path / "catalog.csv")
    assert result.exit_code == 0
    assert "1 real, 1 fake" in result.output
    words = (
        "extract",
        tmp_path / "catalog.csv",
        "--root",
        tmp_path / "videos",
        "--store",
        tmp_path / "store",
    )
    options = ("--frames", 2, "--weights", "random", "--layers", "mixed0")
    result = dfutils(*words, *options)
    assert result.exit_code == 0, result.output
    assert "2 of 2 clips extracted now" in result.output
    assert "fake/b: unreadable" in result.output
    assert "0 of 2 clips extracted now" in dfutils(*words, *options).output


def test_extract_without_a_catalog(tmp_path):
    result = dfutils("extract", tmp_path / "no.csv", "--root", tmp_path, "--store", tmp_path / "s")
    assert result.exit_code == 2
    assert "There is no catalog" in result.output


def test_demo_refuses_an_odd_number(tmp_path):
    result = dfutils("demo", tmp_path / "d", "--identities", 3)
    assert result.exit_code == 2
    assert "even number" in result.output


def test_audit_prints_its_findings_and_writes_them(tmp_path, demo_dir):
    import shutil

    root = tmp_path / "demo"
    shutil.copytree(demo_dir, root)
    shutil.copy(root / "person_000/take0.mp4", root / "person_000/again.mp4")
    with (root / "catalog.csv").open("a") as file:
        file.write("person_000/again.mp4,1,swap,pair_000,,\n")
    done = dfutils("audit", root, "-o", tmp_path / "findings.csv")
    assert done.exit_code == 0, done.stderr
    assert "leak     exact duplicate (1)" in done.stdout
    assert "person_000/again, person_000/take0: 2 files of the same content are labelled both" in done.stdout
    assert "What to do: Find out which label is right" in done.stdout
    assert "boxes.csv" in done.stdout
    assert "file size: AUC 0." in done.stdout
    assert "exact duplicate" in (tmp_path / "findings.csv").read_text()


def test_audit_of_a_published_split_that_leaves_no_val(tmp_path, demo_dir):
    import shutil

    for part, person in (("train", 0), ("test", 2)):
        for kind, name in (("real", "take0"), ("fake", "take0_swap")):
            (tmp_path / part / kind).mkdir(parents=True)
            shutil.copy(demo_dir / f"person_{person:03d}/{name}.mp4", tmp_path / part / kind)
    shutil.copy(tmp_path / "train/real/take0.mp4", tmp_path / "test/real/copy.mp4")
    done = dfutils("audit", tmp_path)
    assert done.exit_code == 0, done.stderr
    assert "audited without drawing a split. Too few groups" in done.stderr
    assert "leak     exact duplicate (1)" in done.stdout


def test_catalog_file_keeps_who_lent_the_face(tmp_path):
    for name in ("Celeb-real/id0_0000.mp4", "Celeb-synthesis/id0_id1_0000.mp4"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).touch()
    done = dfutils("catalog", tmp_path, "-o", tmp_path / "groups.csv")
    assert done.exit_code == 0, done.stderr
    again = read_catalog(tmp_path / "groups.csv").table
    assert again[["identity", "donor"]].values.tolist() == [["id0", ""], ["id0", "id1"]]


def test_catalog_says_what_was_left_out_and_why(tmp_path):
    for name in ("real/a.mp4", "fake/b.mp4", "fake/c/0.png", "fake/c/1.png", "x.mp4", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    done = dfutils("catalog", tmp_path)
    assert (
        "Files     6: 2 clips, 2 in folders of stills, 0 lists that were read, 1 left out, 1 of other kinds"
        in done.stdout
    )
    assert "left out, in no folder named real or fake: x.mp4" in done.stdout
    assert "leaks" in done.stderr


def test_fetch_of_what_is_no_name(home):
    done = dfutils("fetch", "nonsense")
    assert done.exit_code == 2
    assert "owner/name" in done.stderr

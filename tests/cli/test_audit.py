import shutil
import sys

import pytest

from dfutils.data.embedding import is_available, load_models


def test_audit_prints_its_findings_and_writes_them(run_cli, tmp_path, demo_dir):
    root = tmp_path / "demo"
    shutil.copytree(demo_dir, root)
    shutil.copy(root / "person_000/take0.mp4", root / "person_000/again.mp4")
    with (root / "catalog.csv").open("a") as file:
        file.write("person_000/again.mp4,1,swap,pair_000,,\n")
    done = run_cli("audit", root, "-o", tmp_path / "findings.csv")
    assert done.exit_code == 0, done.stderr
    assert "leak     exact duplicate (1)" in done.stdout
    assert "person_000/again, person_000/take0: 2 files of the same content are labelled both" in done.stdout
    assert "What to do: Find out which label is right" in done.stdout
    assert "boxes.csv" in done.stdout
    assert "file size: AUC 0." in done.stdout
    assert "exact duplicate" in (tmp_path / "findings.csv").read_text()


def test_audit_of_a_published_split_that_leaves_no_val(run_cli, tmp_path, demo_dir):
    for part, person in (("train", 0), ("test", 2)):
        for kind, name in (("real", "take0"), ("fake", "take0_swap")):
            (tmp_path / part / kind).mkdir(parents=True)
            shutil.copy(demo_dir / f"person_{person:03d}/{name}.mp4", tmp_path / part / kind)
    shutil.copy(tmp_path / "train/real/take0.mp4", tmp_path / "test/real/copy.mp4")
    done = run_cli("audit", tmp_path)
    assert done.exit_code == 0, done.stderr
    assert "audited without drawing a split. Too few groups" in done.stderr
    assert "leak     exact duplicate (1)" in done.stdout


def test_audit_of_people_without_the_extra_says_how_to_install_it(run_cli, make_files, monkeypatch):
    monkeypatch.setitem(sys.modules, "dlib", None)
    load_models.cache_clear()
    done = run_cli("audit", make_files("real/a.mp4", "real/b.mp4", "fake/c.mp4"), "--people")
    assert done.exit_code == 2
    assert 'pip install "dfutils[people]"' in done.stderr
    assert "Traceback" not in done.output


@pytest.mark.slow
@pytest.mark.skipif(not is_available(), reason="the extra dfutils[people] is not installed")
def test_audit_of_people_names_the_pairs_with_their_distance(run_cli, repeated_person):
    done = run_cli("audit", repeated_person, "--people")
    assert done.exit_code == 0, done.stderr
    assert "same person in two groups (1)" in done.stdout
    assert "The groups 004-982 and 900-901 probably show one person" in done.stdout
    assert "have a distance of 0." in done.stdout
    assert "4 real clips of 4 groups compared, 1 pair of groups within 0.40" in done.stdout

"""The real series through papermill, on six rendered people."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dfutils.reporting import write_report

pytestmark = pytest.mark.slow
NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


@pytest.fixture(scope="module")
def smoke(tmp_path_factory, demo_dir):
    """The smoke profile, run once; the clips are rendered already."""
    home = tmp_path_factory.mktemp("smoke")
    shutil.copytree(demo_dir, home / "data" / "demo" / "raw")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DFUTILS_HOME", str(home))
        yield write_report(profile="smoke", parameters={"identities": 6, "examined": 4, "weights": "random"})


def test_all_notebooks_run(smoke):
    assert smoke.ok, smoke.results["status"]
    assert len(smoke.results["status"]) == 9
    assert len(list(smoke.directory.glob("0*.html"))) == 9


def test_results_hold_what_readers_rely_on(smoke):
    found = smoke.results["notebooks"]
    assert found["01_data_loading"]["clips"] == 24
    assert found["01_data_loading"]["groups"] == 3
    assert found["01_data_loading"]["findings"] == {}
    assert found["01_data_loading"]["leak"] == {}  # three groups are too few to show it
    assert found["01_data_loading"]["files"]["clips"] == 24
    assert found["03_feature_caching"]["clips_extracted"] == 24
    assert found["03_feature_caching"]["statuses"] == {"ok": 24}
    assert found["04_gru_training"]["epochs"] == 2
    for detector in ("GRU", "constant", "mean-pooled logistic regression"):
        assert set(found["05_evaluation"]["metrics"][detector]["auc"]) == {"value", "low", "high"}
    assert found["05_evaluation"]["metrics"]["constant"]["auc"]["value"] == 0.5
    assert found["07_tuner_search"]["trials"] == found["07_tuner_search"]["trials_run"] == 2
    assert found["06_generalization"]["elsewhere"][-1]["test"] == "after noise:10"
    assert found["06_generalization"]["elsewhere"][-1]["clips"] == 8
    assert found["08_adapted_backbone"]["left_out"]["method"] == "swap"
    assert set(found["08_adapted_backbone"]["adapted_minus_frozen_auc"]) == {"value", "low", "high"}
    judged = found["09_detect_a_video"]
    assert judged["status"] == "ok"
    assert judged["verdict"] in ("fake", "real", "unsure")
    assert sum(judged["verdicts"].values()) == judged["clips_judged"] > 0
    assert 0 < judged["heat_map"]["face_in_mask"] < 1
    assert smoke.results["provenance"]["weights"] == "random"
    assert smoke.results["provenance"]["versions"]["keras"]


def test_audit_is_on_the_index(smoke):
    text = (smoke.directory / "index.html").read_text()
    assert "found nothing that leaks or gives the label away" in text
    assert 'id="The-audit"' in (smoke.directory / "01_data_loading.html").read_text()


def test_index_shows_one_verdict_with_its_picture(smoke):
    text = (smoke.directory / "index.html").read_text()
    judged = smoke.results["notebooks"]["09_detect_a_video"]
    assert f"<code>{judged['file']}</code>" in text
    assert "The scores of 6 frames over time" in text
    assert 'href="09_detect_a_video.html"><img alt="The scores of' in text


def test_weights_banner_is_on_the_index_and_on_every_page_that_used_them(smoke):
    for page in (
        "index",
        "03_feature_caching",
        "04_gru_training",
        "05_evaluation",
        "06_generalization",
        "07_tuner_search",
        "08_adapted_backbone",
        "09_detect_a_video",
    ):
        text = (smoke.directory / f"{page}.html").read_text()
        assert text.count("not for judging real videos") >= 1, page
    assert (smoke.directory / "index.html").read_text().count("not for judging real videos") == 1


def test_solutions_are_right_and_empty_exercises_say_so(smoke):
    for page in smoke.directory.glob("0*.html"):
        text = page.read_text()
        assert "Set `answer` first" in text, page.name
        assert "Right: " in text, page.name
        assert "Not yet" not in text, page.name


def test_every_figure_has_alternative_text(smoke):
    import re

    for page in smoke.directory.glob("*.html"):
        for tag in re.findall(r"<img[^>]*>", page.read_text()):
            assert re.search(r'alt="[^"]{10,}"', tag), tag[:80]
            assert 'src="data:' in tag


@pytest.mark.parametrize("page", ["index", "09_detect_a_video"])
def test_pages_can_be_read_on_every_screen(smoke, check_page, page):
    check_page((smoke.directory / f"{page}.html").as_uri())


@pytest.fixture
def series_with_results(tmp_path):
    """The notebooks whose results are compared after a second run, and a profile without the others' parameters."""
    folder = tmp_path / "series"
    shutil.copytree(NOTEBOOKS, folder, ignore=shutil.ignore_patterns("02_*", "08_*", "09_*", "images"))
    profile = folder / "profiles/smoke.yml"
    others = ("minutes:", "steps:", "until:", "view_side:")
    lines = [line for line in profile.read_text().splitlines() if not line.startswith(others)]
    profile.write_text("\n".join(lines))
    return folder


def test_rerun_does_nothing_again_and_finds_the_same_also_on_another_data_set(smoke, series_with_results):
    # A copy of the workspace stands for another data set: the detector must find there what it finds here.
    data = smoke.directory.parents[1] / "data"
    shutil.copytree(data / "demo", data / "second", ignore=shutil.ignore_patterns("raw", "search", "models"))
    parameters = {"identities": 6, "weights": "random", "other_datasets": "second"}
    trainings = {path.name: path.stat().st_mtime_ns for path in (data / "demo/trainings").iterdir()}
    again = write_report(profile="smoke", parameters=parameters, notebooks=series_with_results)
    assert again.ok
    assert trainings == {path.name: path.stat().st_mtime_ns for path in (data / "demo/trainings").iterdir()}
    assert len(trainings) >= 4
    found, before = again.results["notebooks"], smoke.results["notebooks"]
    assert found["01_data_loading"]["clips_rendered"] == 0
    assert found["03_feature_caching"]["clips_extracted"] == 0
    assert found["07_tuner_search"]["trials_run"] == 0
    first, second = (run["05_evaluation"]["metrics"]["GRU"] for run in (before, found))
    for metric in ("accuracy", "auc", "log_loss"):
        assert first[metric]["value"] == pytest.approx(second[metric]["value"], abs=1e-4)
    assert list(before["06_generalization"]["by_dataset"]) == ["demo"]
    by_dataset = found["06_generalization"]["by_dataset"]
    assert list(by_dataset) == ["demo", "second"]
    assert by_dataset["demo"]["auc"] == by_dataset["second"]["auc"] == second["auc"]


def test_a_video_that_cannot_be_judged_does_not_stop_notebook_09(smoke, tmp_path):
    """It runs on the saved detectors of the series, and says why there is no verdict."""
    series, broken = tmp_path / "series", tmp_path / "broken.mp4"
    shutil.copytree(NOTEBOOKS, series, ignore=shutil.ignore_patterns("0[1-8]_*", "images"))
    (series / "profiles/smoke.yml").write_text("judged_clips: 4\n")
    broken.write_text("no video")
    report = write_report(profile="smoke", parameters={"video": str(broken)}, notebooks=series)
    assert report.ok, report.results["status"]
    found = report.results["notebooks"]["09_detect_a_video"]
    assert (found["status"], found["verdict"]) == ("unreadable", "")
    assert found["reason"] in (report.directory / "09_detect_a_video.html").read_text()


def test_folders_without_groups_and_with_bad_clips_first(tmp_path, home, demo_dir):
    """Real and fake folders, each clip its own group, and the first clips unusable."""
    videos, series = tmp_path / "my videos", tmp_path / "series"
    series.mkdir()
    for name in ("01_data_loading", "02_frame_extraction"):
        shutil.copy(NOTEBOOKS / f"{name}.ipynb", series)
    (series / "profiles").mkdir()
    (series / "profiles" / "smoke.yml").write_text("frames_per_clip: 6\n")
    for label, suffix in (("real", ""), ("fake", "_swap")):
        (videos / label).mkdir(parents=True)
        (videos / label / "0 broken.mp4").write_text("no video")
        for person in range(0, 6, 2):
            source = demo_dir / f"person_{person:03d}/take0{suffix}.mp4"
            shutil.copy(source, videos / label / f"cost $5 {person} $6.mp4")
    report = write_report(
        name="folders", data_root=str(videos), profile="smoke", parameters={"examined": 6}, notebooks=series
    )
    assert report.ok, report.results["status"]
    found = report.results["notebooks"]["02_frame_extraction"]
    assert found["statuses"] == {"ok": 4, "unreadable": 2}
    assert "Face crops in 2 columns" in (report.directory / "02_frame_extraction.html").read_text()


def test_notebook_in_a_fresh_workspace_says_what_to_run_first(tmp_path, home):
    run = subprocess.run(
        [
            *(sys.executable, "-m", "papermill", str(NOTEBOOKS / "04_gru_training.ipynb")),
            *(str(tmp_path / "out.ipynb"), "-k", "python3", "-p", "workspace", "fresh"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode != 0
    assert "Run notebook 01_data_loading first" in run.stderr

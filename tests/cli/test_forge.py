import cv2
import numpy as np
import pytest


@pytest.mark.slow
def test_pseudo_fakes_are_written_with_a_sheet(run_cli, tmp_path, demo_dir):
    (tmp_path / "data/real").mkdir(parents=True)
    (tmp_path / "data/real/a.mp4").write_bytes((demo_dir / "person_000/take0.mp4").read_bytes())
    (tmp_path / "data/real/broken.mp4").write_text("no video")
    words = ("forge", tmp_path / "data", tmp_path / "out", "--sheet", tmp_path / "sheet.png")
    result = run_cli(*words)
    assert result.exit_code == 0, result.output
    assert "1 of 2 real clips have pseudo-fakes" in result.output
    assert "(1 forged now)" in result.output
    assert "real/broken: unreadable" in result.output
    assert cv2.imread(str(tmp_path / "sheet.png")).shape == (192, 576, 3)
    assert "(0 forged now)" in run_cli(*words).output


def test_bad_options_are_refused(run_cli, tmp_path):
    (tmp_path / "data/fake").mkdir(parents=True)
    cv2.imwrite(str(tmp_path / "data/fake/a.png"), np.zeros((9, 9, 3), np.uint8))
    for words, message in (
        (("--sheet", "a.gif"), "A contact sheet is a .jpg or .png file"),
        (("--strength", 9), "SelfBlend.strength must be from 0 to 3"),
        ((), "None of the 1 clips is real"),
    ):
        result = run_cli("forge", tmp_path / "data", tmp_path / "out", *words)
        assert result.exit_code == 2
        assert message in result.output

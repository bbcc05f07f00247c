"""The page of a judged file says what was found, and can be kept as a record."""

import re
from dataclasses import replace

import numpy as np
import pytest

from dfutils.detection import Detection, Detector
from dfutils.detection.file_hash import sha256_of_clip
from dfutils.detection.file_pages import PageFolder, render_file
from dfutils.hashing import sha256_of_file

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def judged(trained):
    root, _ = trained
    detector = Detector.load(root / "models/linear")
    return detector.saved, detector.detect(root / "clips/g09_fake.mp4", explain=True)


def test_page_shows_verdict_scores_faces_and_record(judged, trained):
    saved, found = judged
    page = render_file(found, saved)
    heading = {"fake": "Fake", "real": "Real", "unsure": "Cannot tell"}[found.verdict]
    assert f'<span class="tag {found.verdict}">{heading}</span>' in page
    assert f"Its score is <strong>{found.score:.2f}</strong>" in page
    assert page.count('alt="Face at') == len(found.times) == 6
    for time, score in zip(found.times, found.frame_scores, strict=True):
        assert f"<td>{time:.2f}</td><td>{score:.3f}</td>" in page
    path = trained[0] / "clips/g09_fake.mp4"
    for fact in (
        f"{path.stat().st_size:,} bytes",
        sha256_of_clip(path),
        sha256_of_file(saved.folder / "detector.json"),
        found.judged,
        "What it must not be used for",
    ):
        assert fact in page
    assert len(page) < 4e6


def test_page_loads_nothing_and_runs_no_script(judged):
    saved, found = judged
    page = render_file(replace(found, path='a"><script>alert(1)</script>\n.mp4'), saved)
    assert "<script" not in page
    assert "default-src 'none'" in page
    assert not re.search(r"\b(?:src|href)=(?!\"data:)", page)


def test_long_clip_shows_some_frames_and_all_numbers(judged):
    saved, found = judged
    longer = {
        name: np.concatenate([getattr(found, name)] * 20)
        for name in ("frame_scores", "influence", "boxes", "crops", "heat")
    }
    page = render_file(replace(found, times=np.arange(120.0), **longer), saved)
    assert page.count('alt="Face at') == 24
    assert "24 of 120 frames are shown" in page
    assert page.count("<tr><td>") == 120
    assert len(page) < 4e6


def test_file_that_was_not_judged_has_a_reason_and_no_score(judged, tmp_path):
    saved, _ = judged
    found = Detection(path="talk & <b>.mp4", status="no_face", reason="shows no face")
    page = render_file(found, saved)
    assert "<strong>no_face</strong>: shows no face" in page
    assert "talk &amp; &lt;b&gt;.mp4" in page
    assert "Its score" not in page
    assert "not known: the file could not be read" in page


def test_single_frame_and_remarks_are_shown(judged):
    saved, found = judged
    names = ("times", "frame_scores", "influence", "boxes", "crops", "heat")
    one = {name: getattr(found, name)[:1] for name in names} | {"influence": np.array([np.nan])}
    page = render_file(replace(found, remarks=("its face is much smaller",), **one), saved)
    assert "Do not rely on this verdict" in page
    assert "its face is much smaller" in page
    assert 'style="left:50.0%;bottom:' in page
    assert "moves it by +" not in page


def test_every_person_is_shown_and_the_page_is_about_the_most_fake_one(judged):
    saved, found = judged
    page = render_file(Detection.of_people([replace(found, score=0.1, verdict="real"), found]), saved)
    assert "<h2>2 people</h2>" in page
    assert "person 1, score 0.10</li>" in page
    assert f"person 2, score {found.score:.2f}<br><b>shown below</b>" in page
    assert "no other face" not in page


def test_index_links_every_page_and_pages_of_other_files_stay(judged, tmp_path):
    saved, found = judged
    pages = PageFolder(tmp_path, saved)
    first = pages.add(found)
    second = pages.add(replace(found, path="elsewhere/g09_fake.mp4"))
    third = pages.add(Detection(path="x/<i>.mp4", status="unreadable", reason="is a text"))
    assert first.name != second.name
    assert re.fullmatch(r"i-[0-9a-f]{8}\.html", third.name)
    index = pages.write_index().read_text()
    links = re.findall(r'<a href="([^"]+)">', index)
    assert links == [first.name, second.name, third.name]
    assert "x/&lt;i&gt;.mp4" in index
    assert "unreadable: is a text" in index
    assert "<h1>3 files</h1>" in index
    PageFolder(tmp_path, saved).write_index()
    assert first.is_file()


def test_pages_can_be_read_on_every_screen(judged, check_page, tmp_path):
    saved, found = judged
    pages = PageFolder(tmp_path, saved)
    named = replace(found, path="/a/very/long/path/" + "without_a_space_" * 12 + ".mp4")
    made = [
        pages.add(replace(named, remarks=("its face is much smaller",))),
        pages.add(Detection(path="x.mp4", status="unreadable", reason="is a text")),
        pages.write_index(),
    ]
    for page in made:
        check_page(page.as_uri())


def test_page_prints_on_two_sheets(judged, browser, tmp_path):
    saved, found = judged
    page = browser.new_page()
    page.set_content(render_file(found, saved))
    printed = page.pdf(format="A4")
    page.close()
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) <= 2


def test_heat_maps_can_be_switched_off(judged, browser):
    saved, found = judged
    page = browser.new_page()
    page.set_content(render_file(found, saved))
    heat = page.locator(".faces .heat").first
    assert heat.is_visible()
    page.get_by_label("Show the heat maps").uncheck()
    assert not heat.is_visible()
    page.close()

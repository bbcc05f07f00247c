"""Write the result of judging a file as an HTML page that can be kept as a record."""

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from dfutils import pages
from dfutils.detection.detection import Detection
from dfutils.detection.explanation import frames_around
from dfutils.detection.pictures import heat_uri, jpeg_uri
from dfutils.hashing import sha256_of_file
from dfutils.plots import words
from dfutils.training import SavedDetector, card_sections
from dfutils.versions import package_versions

_TEMPLATES = Path(__file__).with_name("templates")
_MOST_FRAMES = 24
_MOST_THUMBNAILS = 500
_HEADINGS = {"fake": "Fake", "real": "Real", "unsure": "Cannot tell", "": "Not judged"}


@dataclass(eq=False)
class PageFolder:
    """A folder of pages, one per judged file, and their index.

    The name of a page depends on the file, its content and the detector. So pages of other files or other detectors
    stay in the folder.

    Args:
        directory: Path. The folder. It is created with the first page.
        saved: SavedDetector. The detector that judges the files.
    """

    directory: Path
    saved: SavedDetector
    _rows: list[dict[str, Any]] = field(default_factory=list, init=False, repr=False)

    def add(self, found: Detection) -> Path:
        """Write the page of a judged file.

        Args:
            found: Detection. From `Detector.detect(path, explain=True)`.

        Returns:
            Path. The page.
        """
        path = self.directory / _page_name(found, self.saved)
        pages.write_page(path, render_file(found, self.saved))
        thumbnail = ""
        if len(found.crops) and len(self._rows) < _MOST_THUMBNAILS:
            thumbnail = jpeg_uri(found.crops[len(found.crops) // 2], side=72)
        self._rows.append({"found": found.without_pictures(), "page": path.name, "thumbnail": thumbnail})
        return path

    def write_index(self) -> Path:
        """Write the index of all pages that were added, and return its path."""
        path = self.directory / "index.html"
        verdicts = [row["found"].verdict for row in self._rows]
        counts = {name: verdicts.count(verdict) for verdict, name in _HEADINGS.items()}
        page = pages.render(
            _TEMPLATES / "index.html.j2",
            rows=self._rows,
            counts={name: number for name, number in counts.items() if number},
            headings=_HEADINGS,
            **_detector_facts(self.saved),
        )
        pages.write_page(path, page)
        return path


def render_file(found: Detection, saved: SavedDetector) -> str:
    """Return the page of a judged file: verdict, scores over time, faces with heat maps, and what it was made with.

    The page loads no other files and runs no scripts. At most 24 frames are shown.

    Args:
        found: Detection. From `Detector.detect(path, explain=True)`.
        saved: SavedDetector. The detector that judged the file.
    """
    limits = saved.decision
    return pages.render(
        _TEMPLATES / "file.html.j2",
        found=found,
        heading=_HEADINGS[found.verdict],
        name=Path(found.path).name or found.path,
        real_below=max(0.0, min(1.0, limits.real_below)),
        fake_from=max(0.0, min(1.0, limits.fake_from)),
        can_be_fake=limits.fake_from <= 1,
        can_be_real=limits.real_below > 0,
        whole=_whole(found),
        frames=_frames(found),
        people=[_person(person, person.score == found.score) for person in found.people],
        analysed=_analysed(found),
        versions=package_versions(),
        **_detector_facts(saved),
    )


def _detector_facts(saved: SavedDetector) -> dict[str, Any]:
    folder = saved.folder
    return {
        "detector": saved.name,
        "folder": "" if folder is None else str(folder),
        "checksum": "" if folder is None else sha256_of_file(folder / "detector.json"),
        "card": card_sections(saved),
        "notes": saved.notes,
    }


def _page_name(found: Detection, saved: SavedDetector) -> str:
    """Return the name of a file's page: the file's name in safe characters, and a hash."""
    detector = _detector_facts(saved)["checksum"] or saved.name
    facts = "\0".join((found.path, found.sha256, detector)).encode("utf-8", "surrogateescape")
    safe = re.sub(r"[^A-Za-z0-9_-]+", "_", Path(found.path).stem)[:60].strip("_-") or "file"
    return f"{safe}-{hashlib.sha256(facts).hexdigest()[:8]}.html"


def _analysed(found: Detection) -> str:
    """Return in words which part of the file was looked at."""
    if not len(found.times):
        return ""
    first, last, side = found.times[0], found.times[-1], float(np.median(found.boxes[:, 2:]))
    when = f"between {first:.1f} and {last:.1f} seconds" if last > first else f"at {first:.1f} seconds"
    whose = "the face above" if found.people else "the main face"
    return (
        f"{words.count(len(found.times), 'frame')} of {whose}, {when}. The face is about {side:.0f} pixels wide. "
        f"Nothing between these frames was looked at{'' if found.people else ', and no other face'}."
    )


def _person(found: Detection, shown: bool) -> dict[str, Any]:
    """Return what the page says about one of several people; `shown` if the page is about this person."""
    crop = found.crops[len(found.crops) // 2] if len(found.crops) else None
    return {
        "found": found,
        "heading": _HEADINGS[found.verdict],
        "face": "" if crop is None else jpeg_uri(crop, side=96),
        "shown": shown,
    }


def _whole(found: Detection) -> dict[str, str]:
    """Return the mean face and the mean heat map as pictures; empty without heat maps."""
    if not len(found.heat):
        return {}
    heat = found.heat.mean(axis=0)
    mean = found.crops.mean(axis=0).round().astype(np.uint8)
    return {
        "face": jpeg_uri(mean, side=299),
        "heat": heat_uri(heat, strongest=float(np.abs(heat).max()), side=150),
    }


def _frames(found: Detection) -> list[dict[str, Any]]:
    """Return the numbers of each frame, where its dot is in the plot (in percent), and the pictures of some frames."""
    count = len(found.times)
    if not count:
        return []
    span = found.times[-1] - found.times[0]
    across = (found.times - found.times[0]) / span if span > 0 else np.full(count, 0.5)
    frames: list[dict[str, Any]] = [
        {
            "time": float(time),
            "score": float(score),
            "influence": None if np.isnan(influence) else float(influence),
            "box": [round(float(value)) for value in box],
            "x": round(float(100 * x), 2),
            "y": round(float(100 * score), 2),
        }
        for time, score, influence, box, x in zip(
            found.times, found.frame_scores, found.influence, found.boxes, across, strict=True
        )
    ]
    if not len(found.crops):
        return frames
    shown = np.unique(np.linspace(0, count - 1, _MOST_FRAMES).round().astype(int))
    around = frames_around(count)
    heat = {frame: found.heat[around[frame]].mean(axis=0) for frame in shown}
    strongest = max(float(np.abs(places).max()) for places in heat.values())
    for frame in shown:
        frames[frame]["face"] = jpeg_uri(found.crops[frame], side=224)
        frames[frame]["heat"] = heat_uri(heat[frame], strongest=strongest)
    return frames

"""Check the answers to the exercises of notebook 02."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
from PIL import Image

from dfutils.frames import FaceCrop, Sampling, inspect_clips, read_clip
from dfutils.lessons.answers import check_answer, check_array, check_names
from dfutils.tables import STATUSES


def first_sample(answer: float | None, *, count: int, rate: float, frames: int) -> None:
    """Check the exercise of notebook 02: the time of the first frame that is sampled from a clip.

    Args:
        answer: float or None. The reader's answer, in seconds.
        count: int. Number of frames in the clip.
        rate: float. Frames per second.
        frames: int. Number of frames that are sampled.
    """
    check_answer(
        answer,
        int(0.5 * count / frames) / rate,
        usual={
            0.0: "That is the first frame of the clip. The rule takes the *middle* of each part.",
            count / frames / rate: "That is the end of the first part. The rule takes its *middle*.",
            float(
                int(0.5 * count / frames)
            ): "That is the number of the frame. Divide it by the frames per second.",
        },
        hint="the clip is cut into equal parts, and the middle frame of each part is sampled. How many frames long is "
        "a part, and how many seconds is half of it?",
        absolute_tolerance=0.5 / rate,
    )


def crop_side(answer: float | None, *, width: float, height: float, margin: float) -> None:
    """Check the exercise of notebook 02: the side of the square that is cut out around a face, before it is resized.

    Args:
        answer: float or None. The reader's answer, in pixels.
        width, height: float. The face's box, in pixels.
        margin: float. Side of the square divided by the longer side of the box.
    """
    check_answer(
        answer,
        max(width, height) * margin,
        usual={
            min(width, height) * margin: "That has room for the shorter side only.",
            float(max(width, height)): "That is without the margin.",
            max(width, height) + margin: "The margin is a factor, not a number of pixels.",
        },
        hint="the square has room for the longer side of the box, times the margin.",
        absolute_tolerance=0.5,
    )


def two_frames(answer: Sequence[float] | None, path: str | Path) -> None:
    """Check the exercise of notebook 02: the times of two frames that the rule `uniform` takes.

    Args:
        answer: sequence of float or None. The reader's answer: two times in seconds.
        path: str or Path. The video.
    """
    times = read_clip(path, Sampling(frames=2)).times
    first, *_, last = read_clip(path, Sampling(frames=1000)).times
    check_array(
        answer,
        times,
        usual=[
            (
                (first, last),
                "Those are the first and the last frame. Each frame stands for one *half* of the clip.",
            ),
            (times * 1000, "Those are milliseconds."),
        ],
        absolute_tolerance=0.05,
        hint="with two frames, the clip has two parts. Call `frames.read_clip` with `frames.Sampling(frames=2)`, and "
        "look at `.times`.",
    )


def predicted_statuses(answer: Mapping[str, str] | None, *, face: FaceCrop) -> None:
    """Check the exercise of notebook 02: the status of four files, which are made and opened here.

    Args:
        answer: dict or None. {file: status}, as the reader predicts.
        face: FaceCrop. How the face is found.
    """
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "empty.mp4").touch()
        Path(folder, "error page.mp4").write_text("<html>404 Not Found</html>")
        Image.new("RGB", (320, 240), "gray").save(Path(folder, "grey.png"))
        files = ("empty.mp4", "error page.mp4", "grey.png", "deleted.mp4")
        table = pd.DataFrame({"clip_id": files, "path": files, "media": ["video", "video", "image", "video"]})
        found = inspect_clips(table, folder, face=face, progress=False).table
    right = dict(zip(found["clip_id"], found["status"], strict=True))
    if answer is not None and (not isinstance(answer, Mapping) or set(answer) != set(right)):
        print(f"Not yet: give each of these files a status: {', '.join(right)}.")
        return
    reasons = zip(found["clip_id"], found["reason"], strict=True)
    check_names(
        None if answer is None or not any(answer.values()) else {f"{name}: {answer[name]}" for name in right},
        {f"{name}: {status}" for name, status in right.items()},
        known={f"{name}: {status}" for name in right for status in (*STATUSES, answer and answer[name])},
        why={
            f"{name}: {answer[name]}": f"Look at {name!r} again. dfutils says: {reason}."
            for name, reason in reasons
            if answer
        },
        hint="the table of statuses above says when a clip gets which status.",
    )

"""How fast is extraction? A plain loop and `extract` on the same clips, in one run.

    python benchmarks/extraction.py ROOT             # a data set of your own
    python benchmarks/extraction.py                  # 12 clips of the built-in one
    python benchmarks/extraction.py ROOT --clips 30 --markdown

The plain loop is what the well-known Keras example for video classification does: OpenCV decodes every frame, the
middle square is cut out of the sampled frames, and Keras's own InceptionV3 computes one frame at a time (with random
weights: other weights are not faster). It finds no faces and stores nothing. `extract` does both. It is measured cold
(an empty store) and warm (nothing left to do), in both precisions.

The steps of `extract` are measured alone as well. The last of them, the network on full batches of the same face crops
in memory, is the limit of the machine: `extract` cannot be faster. The last lines say which share of it is reached.

Each way runs in a process of its own, so that it has a peak memory of its own. Loading TensorFlow and building the
network do not count, in any of them.
"""

import argparse
import contextlib
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, get_args

import cv2
import numpy as np
import pandas as pd

from dfutils.data import Catalog, read_catalog
from dfutils.errors import ClipError
from dfutils.features import Backbone, ExtractionSettings, build_backbone, extract
from dfutils.features.backbone_settings import Precision
from dfutils.frames import Clip, FaceTrack, Sampling, crop_faces, read_clip
from dfutils.keras_runtime import load_keras

_BATCH = 32
_NOISE = np.random.default_rng(0).integers(0, 256, (_BATCH, 299, 299, 3), np.uint8)

_Way = Callable[[Catalog, Path, ExtractionSettings], float]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("root", nargs="?", help="a data set's folder or CSV; default: the built-in data set")
    parser.add_argument("--clips", type=int, default=12, help="the largest number of clips (default: 12)")
    parser.add_argument("--frames", type=int, default=20, help="frames sampled from each clip (default: 20)")
    parser.add_argument("--weights", default="random", help="as for `dfutils extract` (default: random)")
    parser.add_argument("--markdown", action="store_true", help="print the table for a README")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        catalog = read_catalog(options.root or _demo(Path(folder) / "demo"))
        videos = catalog.table[catalog.table["media"] == "video"].head(options.clips).reset_index(drop=True)
        catalog = replace(catalog, table=videos)
        settings = ExtractionSettings(
            sampling=Sampling(frames=options.frames), backbone=Backbone(weights=options.weights)
        )
        table = measure(catalog, Path(folder) / "store", settings)
    print(
        f"\n{len(catalog)} clips, up to {options.frames} frames each, {multiprocessing.cpu_count()} cores\n"
    )
    if options.markdown:
        print("| " + " | ".join(table) + " |\n" + "|---" * len(table.columns) + "|")
        for row in table.itertuples(index=False):
            print("| " + " | ".join(f"{v:.3g}" if isinstance(v, float) else str(v) for v in row) + " |")
    else:
        print(table.to_string(index=False, float_format="%.3g"))
    print()
    for precision, rows in table.groupby("precision", sort=False):
        seconds = rows.set_index("way")["s/clip"]
        limit, reached = options.frames / seconds[LIMIT], options.frames / seconds[COLD]
        print(
            f"{precision}: the network alone computes {limit:.1f} frames/s on these crops, and extract reaches "
            f"{reached:.1f} frames/s with an empty store: {reached / limit:.0%} of the machine's limit."
        )


def measure(catalog: Catalog, store: Path, settings: ExtractionSettings) -> pd.DataFrame:
    """Measure all ways: way, precision, and what each takes per clip."""
    runs: list[tuple[str, _Way, Precision]] = [("plain loop", plain_loop, "float32")]
    for precision in get_args(Precision):
        runs += [(name, way, precision) for name, way in STEPS.items()]
    rows = []
    for name, way, precision in runs:
        changed = replace(settings, backbone=replace(settings.backbone, precision=precision))
        seconds, memory = _in_own_process(way, catalog, store, changed)
        rows.append((name, precision, seconds / len(catalog), memory))
        print(f"{name.strip()}, {precision}: {rows[-1][2]:.2f} s per clip", flush=True)
    table = pd.DataFrame(rows, columns=["way", "precision", "s/clip", "peak MB"])
    table.insert(3, "clips/s", 1 / table["s/clip"])
    table.insert(4, "frames/s", settings.sampling.frames / table["s/clip"])
    table.insert(5, "times the plain loop", table["s/clip"][0] / table["s/clip"])
    return table


def plain_loop(catalog: Catalog, store: Path, settings: ExtractionSettings) -> float:
    keras = load_keras()
    model = keras.applications.InceptionV3(weights=None, include_top=False, pooling="avg")
    model.predict(_scale(_NOISE[:1]), verbose=0)
    return _seconds(
        lambda: [_plain_features(path, settings.sampling.frames, model) for path in _paths(catalog)]
    )


def cold(catalog: Catalog, store: Path, settings: ExtractionSettings) -> float:
    build_backbone(settings.backbone).predict_on_batch(_NOISE)
    _crop([read_clip(_paths(catalog)[0], settings.sampling)], settings)
    return _seconds(lambda: extract(catalog, None, store, settings, progress=False))


def warm(catalog: Catalog, store: Path, settings: ExtractionSettings) -> float:
    return _seconds(lambda: extract(catalog, None, store, settings, progress=False))


def decoding(catalog: Catalog, store: Path, settings: ExtractionSettings) -> float:
    return _seconds(lambda: [read_clip(path, settings.sampling) for path in _paths(catalog)])


def faces(catalog: Catalog, store: Path, settings: ExtractionSettings) -> float:
    clips = [read_clip(path, settings.sampling) for path in _paths(catalog)]
    _crop(clips[:1], settings)
    return _seconds(lambda: _crop(clips, settings))


def network(catalog: Catalog, store: Path, settings: ExtractionSettings) -> float:
    clips = [read_clip(path, settings.sampling) for path in _paths(catalog)]
    crops = np.concatenate([track.crops for track in _crop(clips, settings)])
    model = build_backbone(settings.backbone)
    whole = len(crops) // _BATCH * _BATCH or len(crops)
    for size in {min(_BATCH, whole), len(crops) - whole} - {0}:  # each size is compiled once
        model.predict_on_batch(_NOISE[:size])
    return _seconds(
        lambda: [model.predict_on_batch(crops[i : i + _BATCH]) for i in range(0, len(crops), _BATCH)]
    )


COLD, LIMIT = "extract, cold", "  network alone"
STEPS: dict[str, _Way] = {
    COLD: cold,
    LIMIT: network,
    "  decoding alone": decoding,
    "  faces alone": faces,
    "extract, warm": warm,
}


def _crop(clips: list[Clip], settings: ExtractionSettings) -> list[FaceTrack]:
    """Return the faces of all clips that show one."""
    tracks = []
    for clip in clips:
        with contextlib.suppress(ClipError):
            tracks.append(crop_faces(clip, settings.face))
    return tracks


def _paths(catalog: Catalog) -> list[Path]:
    assert catalog.root is not None
    return [catalog.root / path for path in catalog.table["path"]]


def _seconds(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _in_own_process(
    way: _Way, catalog: Catalog, store: Path, settings: ExtractionSettings
) -> tuple[float, int]:
    """Return the seconds that a way takes in a process of its own, and the peak memory of that process in MB."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe()
    process = context.Process(target=_report, args=(sender, way, catalog, store, settings))
    process.start()
    sender.close()
    seconds, memory = receiver.recv()
    process.join()
    return seconds, memory


def _report(
    sender: Connection, way: _Way, catalog: Catalog, store: Path, settings: ExtractionSettings
) -> None:
    seconds = way(catalog, store, settings)
    sender.send((seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024))


def _plain_features(path: Path, frames: int, model: Any) -> np.ndarray:
    video, pictures = cv2.VideoCapture(str(path)), []
    while (read := video.read())[0]:
        pictures.append(read[1])
    video.release()
    features = []
    for position in np.linspace(0, len(pictures) - 1, frames).astype(int):
        height, width = pictures[position].shape[:2]
        side = min(height, width)
        top, left = (height - side) // 2, (width - side) // 2
        square = cv2.resize(pictures[position][top : top + side, left : left + side], (299, 299))
        features.append(model.predict(_scale(square[None, ..., ::-1]), verbose=0)[0])
    return np.stack(features)


def _scale(pictures: np.ndarray) -> np.ndarray:
    return pictures.astype(np.float32) / 127.5 - 1.0


def _demo(folder: Path) -> Path:
    from dfutils.demo import write_dataset

    write_dataset(folder, identities=4)
    return folder


if __name__ == "__main__":
    main()

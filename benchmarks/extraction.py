"""How fast is extraction? The plain loop and ours on the same clips, side by side in one run.

    python benchmarks/extraction.py ROOT             # a data set of yours, face by face
    python benchmarks/extraction.py                  # 12 clips of the built-in one
    python benchmarks/extraction.py ROOT --clips 30 --markdown

The plain loop is what the well-known Keras example for video classification does: OpenCV decodes every frame, the
middle square is cut out of the sampled ones, and Keras's own InceptionV3 is asked frame by frame (with random weights:
others are no faster). It looks for no face and keeps nothing. Ours does both: cold (an empty store) and warm (nothing
left to do), in either precision, and step by step.
The bare call is the network on full batches that lie in memory: what the features step can at best reach.

Each way runs in a process of its own, so that its peak memory is its own; loading TensorFlow and building the network
are not counted, in any of them.
"""

import argparse
import multiprocessing
import resource
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from dfutils.data import read_catalog
from dfutils.features import Backbone, ExtractionSettings, extract
from dfutils.features.backbone import build_backbone
from dfutils.frames import Sampling, crop_faces, read_clip
from dfutils.keras_runtime import load_keras

_BATCH = 32
_NOISE = np.random.default_rng(0).integers(0, 256, (_BATCH, 299, 299, 3), np.uint8)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("root", nargs="?", help="a data set's folder or CSV; default: the built-in data set")
    parser.add_argument("--clips", type=int, default=12, help="so many clips at the most (default: 12)")
    parser.add_argument("--frames", type=int, default=20, help="sampled from each clip (default: 20)")
    parser.add_argument("--weights", default="random", help="as for `dfutils extract` (default: random)")
    parser.add_argument("--markdown", action="store_true", help="print the table for a README")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = options.root or _demo(Path(folder) / "demo")
        indexed = read_catalog(root)
        root, catalog = indexed.root, indexed.table
        catalog = catalog[catalog["media"] == "video"].head(options.clips).reset_index(drop=True)
        ways = [
            ("plain loop", plain_loop, "float32"),
            *((name, way, precision) for precision in ("float32", "bfloat16") for name, way in OURS.items()),
        ]
        rows = []
        for name, way, precision in ways:
            settings = ExtractionSettings(
                sampling=Sampling(frames=options.frames),
                backbone=Backbone(weights=options.weights, precision=precision),
            )
            seconds, memory = _alone(way, catalog, root, Path(folder) / "store", settings)
            rows.append((name, precision, seconds / len(catalog), memory))
            print(f"{name.strip()}, {precision}: {rows[-1][2]:.2f} s a clip", flush=True)
    table = pd.DataFrame(rows, columns=["way", "precision", "s/clip", "peak MB"])
    table.insert(3, "clips/s", 1 / table["s/clip"])
    table.insert(4, "frames/s", options.frames / table["s/clip"])
    table.insert(5, "times the plain loop", table["s/clip"][0] / table["s/clip"])
    print(f"\n{len(catalog)} clips, {options.frames} frames each, {multiprocessing.cpu_count()} cores\n")
    if options.markdown:
        print("| " + " | ".join(table) + " |\n" + "|---" * len(table.columns) + "|")
        for row in table.itertuples(index=False):
            print("| " + " | ".join(f"{v:.3g}" if isinstance(v, float) else str(v) for v in row) + " |")
    else:
        print(table.to_string(index=False, float_format="%.3g"))


def plain_loop(catalog: pd.DataFrame, root: Path, store: Path, settings: ExtractionSettings) -> float:
    keras = load_keras()
    model = keras.applications.InceptionV3(weights=None, include_top=False, pooling="avg")
    model.predict(_scaled(_NOISE[:1]), verbose=0)
    return _seconds(
        lambda: [_plain(root / path, settings.sampling.frames, model) for path in catalog["path"]]
    )


def cold(catalog: pd.DataFrame, root: Path, store: Path, settings: ExtractionSettings) -> float:
    build_backbone(settings.backbone).predict_on_batch(_NOISE)
    crop_faces(read_clip(root / catalog["path"][0], settings.sampling), settings.face)
    return _seconds(lambda: extract(catalog, root, store, settings, progress=False))


def warm(catalog: pd.DataFrame, root: Path, store: Path, settings: ExtractionSettings) -> float:
    return _seconds(lambda: extract(catalog, root, store, settings, progress=False))


def decoding(catalog: pd.DataFrame, root: Path, store: Path, settings: ExtractionSettings) -> float:
    return _seconds(lambda: [read_clip(root / path, settings.sampling) for path in catalog["path"]])


def faces(catalog: pd.DataFrame, root: Path, store: Path, settings: ExtractionSettings) -> float:
    clips = [read_clip(root / path, settings.sampling) for path in catalog["path"]]
    crop_faces(clips[0], settings.face)
    return _seconds(lambda: [crop_faces(clip, settings.face) for clip in clips])


def bare_call(catalog: pd.DataFrame, root: Path, store: Path, settings: ExtractionSettings) -> float:
    model = build_backbone(settings.backbone)
    model.predict_on_batch(_NOISE)
    batches = 6
    spent = _seconds(lambda: [model.predict_on_batch(_NOISE) for _ in range(batches)])
    return spent / (batches * _BATCH) * settings.sampling.frames * len(catalog)


OURS = {
    "ours, cold": cold,
    "ours, warm": warm,
    "  decoding": decoding,
    "  faces": faces,
    "  bare call": bare_call,
}


def _seconds(work) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _alone(way, *arguments) -> tuple[float, int]:
    """Return the seconds that a way takes in a process of its own, and that process's peak memory in MB."""
    context = multiprocessing.get_context("spawn")
    mine, theirs = context.Pipe()
    process = context.Process(target=_report, args=(theirs, way, *arguments))
    process.start()
    theirs.close()
    seconds, memory = mine.recv()
    process.join()
    return seconds, memory


def _report(pipe, way, *arguments) -> None:
    seconds = way(*arguments)
    pipe.send((seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024))


def _plain(path: Path, frames: int, model) -> np.ndarray:
    video, pictures = cv2.VideoCapture(str(path)), []
    while (found := video.read())[0]:
        pictures.append(found[1])
    video.release()
    features = []
    for at in np.linspace(0, len(pictures) - 1, frames).astype(int):
        height, width = pictures[at].shape[:2]
        side = min(height, width)
        top, left = (height - side) // 2, (width - side) // 2
        square = cv2.resize(pictures[at][top : top + side, left : left + side], (299, 299))
        features.append(model.predict(_scaled(square[None, ..., ::-1]), verbose=0)[0])
    return np.stack(features)


def _scaled(pictures: np.ndarray) -> np.ndarray:
    return pictures.astype(np.float32) / 127.5 - 1.0


def _demo(folder: Path) -> Path:
    from dfutils.demo import write_dataset

    write_dataset(folder, identities=4)
    return folder


if __name__ == "__main__":
    main()

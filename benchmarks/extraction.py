"""How fast is extraction? The plain loop and ours on the same clips, side by side in one run.

    python benchmarks/extraction.py ROOT             # a data set of yours, face by face
    python benchmarks/extraction.py                  # 12 clips of the built-in one
    python benchmarks/extraction.py ROOT --clips 30

The plain loop is what the well-known Keras example for video classification does: OpenCV decodes every frame, the
middle square is cut out of the sampled ones, and the network is asked frame by frame. It looks for no face and keeps
nothing. Ours does both, cold (an empty store) and warm (nothing left to do).
"""

import argparse
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


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("root", nargs="?", help="a data set's folder or CSV; default: the built-in data set")
    parser.add_argument("--clips", type=int, default=12, help="so many clips at the most (default: 12)")
    parser.add_argument("--frames", type=int, default=20, help="sampled from each clip (default: 20)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = options.root or _demo(Path(folder) / "demo")
        catalog = read_catalog(root)
        catalog = catalog[catalog["media"] == "video"].head(options.clips).reset_index(drop=True)
        table = measure(catalog, Path(catalog.attrs["root"]), Path(folder) / "store", options.frames)
    print(f"\n{len(catalog)} clips, {options.frames} frames each\n")
    print(table.to_string(index=False, float_format="%.2f"))


def measure(catalog: pd.DataFrame, root: Path, store: Path, frames: int) -> pd.DataFrame:
    """Return seconds a clip of every way and step, and how many times as fast as the plain loop each is."""
    settings = ExtractionSettings(sampling=Sampling(frames=frames), backbone=Backbone(weights="random"))
    paths = [root / path for path in catalog["path"]]
    model = build_backbone(settings.backbone)
    model.predict_on_batch(np.zeros((32, 299, 299, 3), np.uint8))  # the first call compiles
    model.predict(np.zeros((1, 299, 299, 3), np.uint8), verbose=0)
    crop_faces(read_clip(paths[0], settings.sampling), settings.face)
    clips = [read_clip(path, settings.sampling) for path in paths]
    crops = [crop_faces(clip, settings.face).crops for clip in clips]
    ways = {
        "plain loop": lambda: [_plain(path, frames, model) for path in paths],
        "ours, cold": lambda: extract(catalog, root, store, settings, progress=False),
        "ours, warm": lambda: extract(catalog, root, store, settings, progress=False),
        "  decoding": lambda: [read_clip(path, settings.sampling) for path in paths],
        "  faces": lambda: [crop_faces(clip, settings.face) for clip in clips],
        "  features": lambda: [model.predict_on_batch(crop) for crop in crops],
    }
    rows = []
    for name, way in ways.items():
        began = time.perf_counter()
        way()
        rows.append((name, (time.perf_counter() - began) / len(paths)))
    plain = rows[0][1]
    return pd.DataFrame(
        [(name, seconds, frames / seconds, plain / seconds) for name, seconds in rows],
        columns=["way", "seconds a clip", "frames/s", "times the plain loop"],
    )


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
        features.append(model.predict(square[None, ..., ::-1], verbose=0)[0])
    return np.stack(features)


def _demo(folder: Path) -> Path:
    from dfutils.demo import write_dataset

    write_dataset(folder, identities=4)
    return folder


if __name__ == "__main__":
    main()

"""Small face crops, real and fake, that a small network can tell apart."""

import cv2
import numpy as np
import pandas as pd
import pytest

from dfutils.adaptation import AdaptSettings, adapt
from dfutils.features import View
from dfutils.frames import FaceCrop

NO_FACES = FaceCrop(detector="none")


@pytest.fixture
def quick():
    """Settings of a small, quick network. Without pseudo-fakes, no landmarks are looked for."""
    return AdaptSettings(
        view=View(crop=299, side=75, mirror=True),
        until="mixed0",
        batch_size=8,
        frames=2,
        augmentation=0.0,
        fakes="real",
    )


@pytest.fixture
def write_pictures(tmp_path):
    """A function that writes pictures of people: real ones, and fakes with a bright grid. It returns a catalog.

    `write_pictures(groups=8, split={...})` writes two real and two fake pictures of each group into `tmp_path/data`.
    """

    def write(groups=8, fakes=True, splits=None):
        rng = np.random.default_rng(0)
        rows = []
        for group in range(groups):
            face = cv2.resize(
                rng.integers(60, 190, (9, 9, 3), np.uint8), (160, 160), interpolation=cv2.INTER_CUBIC
            )
            for take in range(2):
                for label in (0, 1) if fakes else (0,):
                    picture = np.clip(face + rng.normal(0, 6, face.shape), 0, 255).astype(np.uint8)
                    if label:
                        picture[::8] = 255
                    name = f"{'fake' if label else 'real'}/p{group}_{take}"
                    path = tmp_path / "data" / f"{name}.png"
                    path.parent.mkdir(parents=True, exist_ok=True)
                    cv2.imwrite(str(path), picture)
                    rows.append(
                        {
                            "clip_id": name,
                            "path": f"{name}.png",
                            "media": "image",
                            "label": label,
                            "method": "grid" if label else "",
                            "group": f"person_{group}",
                            "split": (splits or {}).get(group, ""),
                        }
                    )
        return pd.DataFrame(rows), tmp_path / "data"

    return write


@pytest.fixture(autouse=True)
def cache_of_its_own(tmp_path, monkeypatch):
    """No plan of an earlier run is remembered."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def run(write_pictures, tmp_path, quick):
    """A function that adapts random weights to pictures with and without a grid: `run(steps=…, …)`."""
    table, root = write_pictures(splits={6: "test", 7: "test"})

    def adapted(catalog=table, *, settings=quick, name="adapted", **options):
        options = {"minutes": 5, "steps": 12, "weights": "random", "progress": False, **options}
        options.setdefault("face", NO_FACES)
        return adapt(catalog, root, tmp_path / f"{name}.weights.h5", settings=settings, **options)

    adapted.table, adapted.root = table, root
    return adapted

"""Small face crops, real and fake, that a small network can tell apart."""

import cv2
import numpy as np
import pandas as pd
import pytest

from dfutils.adaptation import AdaptSettings
from dfutils.features import View
from dfutils.frames import FaceCrop

NO_FACES = FaceCrop(detector="none")


@pytest.fixture
def quick():
    """Settings of a small, quick network."""
    return AdaptSettings(
        view=View(crop=299, side=75), until="mixed0", batch_size=8, frames=2, augmentation=0.0
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

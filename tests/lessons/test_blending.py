import numpy as np
import pandas as pd
import pytest

from dfutils.frames import FaceCrop
from dfutils.lessons import blend_examples


@pytest.mark.slow
def test_examples_are_pseudo_fakes_of_real_clips_of_different_groups(demo_dir, demo_catalog):
    examples = blend_examples(demo_catalog, demo_dir, count=2)
    assert len(examples.originals) == len(examples.fakes) == len(examples.masks) == len(examples.methods) == 2
    for original, fake, mask in zip(examples.originals, examples.fakes, examples.masks, strict=True):
        changed = (original != fake).any(axis=-1)
        assert changed.any()
        assert not changed[mask == 0].any()
    again = blend_examples(demo_catalog, demo_dir, count=2)
    assert (again.fakes[1] == examples.fakes[1]).all()


def test_clips_without_a_face_give_no_example(tmp_path, monkeypatch):
    monkeypatch.setattr(
        "dfutils.lessons.blending.find_landmarks", lambda pictures: np.full((1, 5, 2), np.nan)
    )
    import cv2

    cv2.imwrite(str(tmp_path / "a.png"), np.zeros((50, 50, 3), np.uint8))
    rows = [{"clip_id": name, "path": name, "label": 0, "group": name} for name in ("a.png", "lost.png")]
    examples = blend_examples(pd.DataFrame(rows), tmp_path, face=FaceCrop(detector="none"))
    assert examples.originals == []

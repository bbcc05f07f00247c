import cv2
import numpy as np
import pandas as pd
import pytest

from dfutils.adaptation.forging_sheet import contact_sheet
from dfutils.errors import MissingArtefactError


def test_sheet_shows_real_face_pseudo_fake_and_mask(tmp_path):
    for name, value in (("real/a", 60), ("fake/self_blend/a", 180)):
        path = tmp_path / f"{name}.png"
        path.parent.mkdir(parents=True)
        cv2.imwrite(str(path), np.full((100, 120, 3), value, np.uint8))
    mask = np.zeros((1, 100, 120), np.uint8)
    mask[0, 30:70, 40:80] = 1
    (tmp_path / "masks/fake/self_blend").mkdir(parents=True)
    np.savez(tmp_path / "masks/fake/self_blend/a.npz", mask=mask)
    rows = [
        {"clip_id": name, "path": f"{name}.png", "media": "image", "label": label, "source": "a"}
        for name, label in (("real/a", 0), ("fake/self_blend/a", 1))
    ]
    pd.DataFrame(rows).to_csv(tmp_path / "catalog.csv", index=False)
    sheet = contact_sheet(tmp_path, side=60)
    assert sheet.shape == (60, 180, 3)
    assert (sheet[:, :60] == 60).all()
    assert (sheet[:, 60:120] == 180).all()
    assert sheet[30, 150, 0] > sheet[2, 122, 0] + 100


def test_missing_pseudo_fakes_say_how_to_make_them(tmp_path):
    with pytest.raises(MissingArtefactError, match="dfutils forge"):
        contact_sheet(tmp_path)

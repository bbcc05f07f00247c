"""FaceForensics++ clips beside the clone, where someone has put them."""

from pathlib import Path

import pytest

from dfutils.data import assign_splits, read_catalog

ROOT = Path(__file__).resolve().parents[3] / "shared" / "real-clips"


@pytest.mark.skipif(not ROOT.is_dir(), reason="no real clips beside the clone")
def test_each_fake_stands_beside_its_original():
    catalog = assign_splits(read_catalog(ROOT))
    assert catalog.layout == "faceforensics"
    assert catalog.table["label"].tolist().count(1) == catalog.table["label"].tolist().count(0) == 3
    assert (catalog.table.groupby("group")["label"].nunique() == 2).all()
    assert (catalog.table.groupby("group")["split"].nunique() == 1).all()

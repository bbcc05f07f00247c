"""Labels that a file gives away."""

import numpy as np
import pandas as pd
import pytest

from dfutils.audit import audit_catalog
from dfutils.audit.shortcuts import measure_shortcuts, shortcut_findings
from dfutils.data import read_catalog
from dfutils.demo import encode


@pytest.mark.slow
@pytest.mark.parametrize("shortcut", ["file size", "resolution", "frame rate", "duration", "codec"])
def test_a_planted_shortcut_is_found_and_only_that(tmp_path, shortcut):
    rng = np.random.default_rng(0)
    for i in range(12):
        label = i % 2
        path = tmp_path / f"{'fake' if label else 'real'}/{i}.mp4"
        path.parent.mkdir(exist_ok=True)
        size = (48, 64) if shortcut == "resolution" and label else (64, 96)
        rate = 30 if shortcut == "frame rate" and label else 25
        count = (24 if label else 12) if shortcut == "duration" else rate // 2
        pictures = rng.integers(0, 256, (6, 8, 3), np.uint8).repeat(8, 0).repeat(12, 1)[: size[0], : size[1]]
        encode(path, np.stack([pictures] * count), rate=rate)
        if shortcut == "file size" and label:
            with path.open("ab") as file:
                file.write(bytes(50_000))
        if shortcut == "codec" and label:
            import cv2

            path.unlink()
            cv2.imwrite(str(path.with_suffix(".png")), pictures)
    findings = audit_catalog(read_catalog(tmp_path), progress=False).findings
    found = set(findings["finding"])
    assert f"shortcut: {shortcut}" in found
    assert findings["detail"].str.contains(r"AUC 1.00 \[0.8\d, 1.00\]").any()  # 12 clips
    expected = {
        "file size": {"file size"},
        "resolution": {"resolution", "file size"},
        "frame rate": {"frame rate", "file size", "duration"},
        "duration": {"duration", "file size"},
        "codec": {"codec", "file size", "duration", "resolution", "frame rate"},
    }[shortcut]
    assert found <= {f"shortcut: {name}" for name in expected}


@pytest.mark.parametrize("sign", [1, -1])
def test_a_size_that_gives_the_label_away_only_within_groups_is_found(tmp_path, sign):
    """Files of different people differ far more than a fake from its original."""
    rng = np.random.default_rng(0)
    rows = []
    for i in range(8):
        size = int(rng.integers(20_000, 90_000))
        for label in (0, 1):
            path = f"{i}_{label}.png"
            (tmp_path / path).write_bytes(bytes(size + 500 * sign * label))
            rows.append((path, path, "image", label, "", f"g{i}", "train"))
    table = pd.DataFrame(rows, columns=["clip_id", "path", "media", "label", "method", "group", "split"])
    findings = audit_catalog(table, tmp_path, progress=False).findings
    assert findings["finding"].tolist() == ["shortcut: file size within groups"]
    assert findings["detail"].item().startswith("The file size within groups separates real from fake")
    assert "AUC 1.00 [1.00, 1.00]" in findings["detail"].item()


@pytest.fixture
def make_facts():
    """A function that makes facts in which only the file size varies: `make_facts(table, bytes)`."""

    def make(table, sizes):
        constant = {"width": 9.0, "height": 9.0, "fps": 25.0, "codec": "h264", "seconds": 1.0, "frames": 25.0}
        return pd.DataFrame({"clip_id": table["clip_id"], "bytes": sizes, **constant, "hdr": 0.0})

    return make


def test_a_remark_says_that_too_few_groups_measure_nothing(make_table, make_facts):
    table = make_table(("a", "g", ""), ("b", "h", ""), label=[0, 1])
    shortcuts, remarks = measure_shortcuts(table, make_facts(table, [1, 2]), seed=7)
    assert shortcuts.empty
    assert "at least two groups each" in remarks[0]
    assert not list(shortcut_findings(shortcuts, table))


def test_a_remark_says_that_few_groups_are_a_hint_only(make_table, make_facts):
    table = make_table(*[(f"c{i}", f"g{i}", "") for i in range(8)], label=[0, 1] * 4)
    shortcuts, remarks = measure_shortcuts(table, make_facts(table, range(8)), seed=7)
    assert shortcuts["feature"].tolist() == ["file size", "resolution", "frame rate", "codec", "duration"]
    assert "rests on 8 groups" in remarks[0]


def test_an_unknown_fact_is_left_out(make_table, make_facts):
    table = make_table(*[(f"c{i}", f"g{i}", "") for i in range(8)], label=[0, 1] * 4)
    facts = make_facts(table, range(8)).assign(fps=np.nan)
    assert "frame rate" not in measure_shortcuts(table, facts, seed=7)[0]["feature"].tolist()


def test_hdr_reals_and_sdr_fakes_are_found(tmp_path, make_encoding):
    for i in range(12):
        (tmp_path / ("fake" if i % 2 else "real")).mkdir(exist_ok=True)
        params = "ref=1" if i % 2 else "transfer=arib-std-b67:colorprim=bt2020:colormatrix=bt2020nc"
        options = {"preset": "veryfast", "x264-params": params}
        make_encoding(f"{'fake' if i % 2 else 'real'}/{i}.mp4", options=options, count=10)
    audit = audit_catalog(read_catalog(tmp_path), progress=False)
    assert "shortcut: dynamic range" in set(audit.findings["finding"])
    assert audit.shortcuts.set_index("feature").loc["dynamic range", "auc"] == 1


def test_dynamic_range_is_not_measured_without_hdr(tmp_path, make_encoding):
    for i in range(8):
        (tmp_path / ("fake" if i % 2 else "real")).mkdir(exist_ok=True)
        make_encoding(f"{'fake' if i % 2 else 'real'}/{i}.mp4", count=5)
    shortcuts = audit_catalog(read_catalog(tmp_path), progress=False).shortcuts
    assert "dynamic range" not in set(shortcuts["feature"])
    assert "codec" in set(shortcuts["feature"])

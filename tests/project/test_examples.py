"""The examples in docstrings run, in a folder that holds the demo and its features."""

import doctest
import importlib
import shutil

import pytest

# What people call first; each carries an example.
FUNCTIONS = (
    "dfutils.data.read_catalog",
    "dfutils.data.assign_splits",
    "dfutils.data.folds",
    "dfutils.audit.audit_catalog",
    "dfutils.demo.write_dataset",
    "dfutils.frames.read_clip",
    "dfutils.frames.crop_faces",
    "dfutils.features.extract",
    "dfutils.features.load",
    "dfutils.training.build_gru",
    "dfutils.training.GRUDetector",
    "dfutils.evaluation.score",
    "dfutils.evaluation.evaluate",
    "dfutils.evaluation.compare",
    "dfutils.evaluation.choose_threshold",
    "dfutils.tuning.search",
    "dfutils.detection.Detector",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, demo_dir):
    """A folder with `faces/`, the demo with six people, `features/`, features of one small layer, and a detector."""
    from dfutils.data import assign_splits, read_catalog
    from dfutils.detection import calibrate_and_save
    from dfutils.features import Backbone, ExtractionSettings, extract, load
    from dfutils.frames import FaceCrop, Sampling
    from dfutils.training import TemporalBaseline

    folder = tmp_path_factory.mktemp("examples")
    shutil.copytree(demo_dir, folder / "faces")
    settings = ExtractionSettings(
        sampling=Sampling(frames=4),
        face=FaceCrop(detector="none"),
        backbone=Backbone(weights="random", layers=("mixed0",)),
    )
    catalog = assign_splits(read_catalog(folder / "faces"))
    extract(catalog, folder / "faces", folder / "features", settings, progress=False)
    clips = load(folder / "features", catalog)
    parts = clips.part("train"), clips.part("val")
    calibrate_and_save(folder / "models/best", TemporalBaseline().fit(*parts), *parts, settings=settings)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("name", FUNCTIONS)
def test_example_runs(name, folder, monkeypatch):
    monkeypatch.chdir(folder)
    monkeypatch.setenv("DFUTILS_HOME", str(folder / "home"))
    room, _, function = name.rpartition(".")
    documented = getattr(importlib.import_module(room), function)
    (example,) = doctest.DocTestFinder(recurse=False).find(documented, function, globs={})
    assert example.examples, f"{name} has no example"
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    report: list[str] = []
    result = runner.run(example, out=report.append)
    assert result.failed == 0, "".join(report)

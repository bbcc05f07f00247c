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
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, demo_dir):
    """A folder with `faces/`, the demo with six people, and `features/`, its features of one small layer."""
    from dfutils.data import read_catalog
    from dfutils.features import Backbone, ExtractionSettings, extract
    from dfutils.frames import FaceCrop, Sampling

    folder = tmp_path_factory.mktemp("examples")
    shutil.copytree(demo_dir, folder / "faces")
    settings = ExtractionSettings(
        sampling=Sampling(frames=4),
        face=FaceCrop(detector="none"),
        backbone=Backbone(weights="random", layers=("mixed0",)),
    )
    extract(read_catalog(folder / "faces"), folder / "faces", folder / "features", settings, progress=False)
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

"""Small real data for every room, made by the project itself."""

import hashlib
import shutil
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pandas as pd
import pytest

from dfutils.tables import CATALOG_COLUMNS

# What renders the demo, or needs its clips.
_RENDERING = {"demo_dir", "demo_catalog"}


# The tests of one file run in one process. Rooms with long files start first, so that no process ends long before the
# other.
_LONG = ("notebooks", "tuning", "adaptation", "features", "training", "detection", "reporting", "project")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Mark every test that needs the rendered demo as slow, and start with the rooms that take longest."""
    for item in items:
        if _RENDERING & set(item.fixturenames):
            item.add_marker(pytest.mark.slow)

    def place(item):
        room = item.nodeid.split("/")[1]
        return _LONG.index(room) if room in _LONG else len(_LONG)

    items.sort(key=place)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A project root of the test's own, so that nothing is written into the clone."""
    monkeypatch.setenv("DFUTILS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture(scope="session")
def demo_dir(pytestconfig):
    """The built-in data set with six people: 24 clips in 3 groups. Tests must not change it.

    It is kept between test runs, under a name that changes with the code that renders it.
    """
    from filelock import FileLock

    from dfutils import demo

    code = hashlib.sha256()
    for path in sorted(Path(demo.__file__).parent.glob("*.py")):
        code.update(path.read_bytes())
    directory = pytestconfig.cache.mkdir("demo") / code.hexdigest()[:12]
    with FileLock(f"{directory}.lock"):
        demo.write_dataset(directory, identities=6, progress=False)
    return directory


@pytest.fixture(scope="session")
def demo_catalog(demo_dir):
    from dfutils.data import assign_splits, read_catalog

    return assign_splits(read_catalog(demo_dir)).table


@pytest.fixture(scope="session")
def repeated_person(tmp_path_factory):
    """A FaceForensics++ tree of four pairs, where the recordings 004 and 900 show one real person at other moments.

    The fakes are files that cannot be opened. Tests must not change it.
    """
    from dfutils.demo import encode
    from dfutils.frames import Sampling, read_clip

    shared = (
        Path(__file__).resolve().parents[2] / "shared" / "real-clips/original_sequences/youtube/c23/videos"
    )
    if not shared.is_dir():
        pytest.skip("there are no real clips next to the clone")
    root = tmp_path_factory.mktemp("faceforensics")
    real = root / "original_sequences/youtube/c23/videos"
    fake = root / "manipulated_sequences/Deepfakes/c23/videos"
    real.mkdir(parents=True)
    fake.mkdir(parents=True)
    for name, recording, half in (("004", "004", 0), ("900", "004", 1), ("519", "519", 0), ("634", "634", 0)):
        frames = read_clip(shared / f"{recording}.mp4", Sampling(frames=40)).frames
        encode(real / f"{name}.mp4", frames[20 * half :][:20])
    for name in ("004_982", "900_901", "519_515", "634_660"):
        (fake / f"{name}.mp4").write_text(f"not a video: {name}")
    return root


@pytest.fixture
def make_video(tmp_path):
    """A function that writes a video: `make_video(name, frames=…, face=…)`; returns its path."""
    from dfutils.demo import encode, render_clip

    rng = np.random.default_rng(0)
    faces = {}

    def write(name, frames=12, face=False, **options):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if face:
            if frames not in faces:
                faces[frames] = render_clip(7, 0, frames=frames).frames
            pictures = faces[frames]
        else:
            pictures = rng.integers(0, 256, (frames, 64, 96, 3), np.uint8)
        encode(path, pictures, **options)
        return path

    return write


@pytest.fixture
def make_encoding(tmp_path):
    """A function that writes a moving picture: `make_encoding(name, codec=…, options=…, count=…)`; returns its path.

    No two frames are alike. With `uneven=True`, each frame is shown for a different time.
    """

    def make(
        name,
        codec="libx264",
        options=None,
        pixels="yuv420p",
        count=240,
        uneven=False,
        container=None,
    ):
        rng = np.random.default_rng(1)
        ground = np.kron(rng.integers(0, 256, (50, 50, 3)), np.ones((8, 8, 1))).astype(np.uint8)
        options = {"preset": "veryfast"} if options is None and codec == "libx264" else options or {}
        options = {"threads": "1", **options}  # with several, x264 does not always write the same file
        with av.open(str(tmp_path / name), "w", options=container or {}) as file:
            stream = file.add_stream(codec, rate=25, options=options)
            stream.width, stream.height, stream.pix_fmt = 96, 64, pixels
            if uneven:
                stream.codec_context.time_base = Fraction(1, 1000)
            milliseconds = 0
            for i in range(count):
                picture = np.ascontiguousarray(ground[i % 251 : i % 251 + 64, i % 277 : i % 277 + 96])
                frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
                if uneven:
                    frame.pts, frame.time_base = milliseconds, Fraction(1, 1000)
                    milliseconds += int(rng.integers(10, 90))
                file.mux(stream.encode(frame))
            file.mux(stream.encode())
        return tmp_path / name

    return make


@pytest.fixture
def make_files(tmp_path):
    """A function that makes files below the test's own folder: `make_files("real/a.mp4", …)`; returns the folder."""

    def make(*names, content=b"x"):
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return tmp_path

    return make


@pytest.fixture(scope="session")
def make_clips():
    """A function that makes a FeatureSet a GRU can learn: `make_clips(n, seed=…, length=…, width=…)`."""

    from dfutils.features import FeatureSet

    def make(n=24, seed=0, length=5, width=6, signal=1.5):
        rng = np.random.default_rng(seed)
        y = np.arange(n) % 2
        X = rng.normal(0, 1, (n, length, width)).astype("float32")
        X[y == 1, :, 0] += signal
        mask = np.ones((n, length), bool)
        mask[0, length - 2 :] = False
        X[~mask] = 0
        ids = np.array([f"clip{i:03d}" for i in range(n)])
        groups = np.array([f"g{i // 2}" for i in range(n)])
        splits = np.array(["train"] * n)
        coverage = pd.DataFrame(
            {
                "clip_id": ids,
                "label": y,
                "group": groups,
                "method": "",
                "split": splits,
                "status": "ok",
                "reason": "",
            }
        )
        spans = {"mixed2": slice(0, width // 2), "mixed10": slice(width // 2, width)}
        return FeatureSet(X, mask, y.astype("int8"), groups, ids, splits, spans, coverage)

    return make


@pytest.fixture
def make_packed(tmp_path):
    """A function that returns clips twice, in memory and packed on the disk: `clips, packed = make_packed(clips)`.

    Their features are rounded to float16 first.
    """
    from dataclasses import replace

    from dfutils.features.packed_features import PackedFeatures, RowsInFile

    def make(clips):
        path = tmp_path / f"{len(list(tmp_path.glob('*.f16')))}.f16"
        rounded = clips.X.astype(np.float16)
        frames = clips.mask.sum(1)
        path.write_bytes(rounded[clips.mask].tobytes())
        width = clips.X.shape[2]
        packed = PackedFeatures(
            [RowsInFile(path, width)],
            [np.arange(width)],
            table=np.zeros(len(clips), int),
            starts=np.cumsum(frames) - frames,
            frames=frames,
            length=clips.X.shape[1],
        )
        X = np.where(clips.mask[..., None], rounded, 0).astype(np.float32)
        return replace(clips, X=X), replace(clips, X=packed)

    return make


def _write_flicker(path, seed, *, fake, frames=8):
    """Write a clip of soft colours. A fake has a grid that flickers."""
    import cv2

    from dfutils.demo import encode

    rng = np.random.default_rng(seed)
    ground = cv2.resize(rng.integers(60, 190, (6, 6, 3), np.uint8), (96, 96), interpolation=cv2.INTER_CUBIC)
    pictures = np.repeat(ground[None], frames, 0).astype(float) + rng.normal(0, 3, (frames, 96, 96, 3))
    if fake:
        pictures[::2, ::6] += 60
    path.parent.mkdir(parents=True, exist_ok=True)
    encode(path, np.clip(pictures, 0, 255).astype(np.uint8))
    return path


@pytest.fixture
def write_flicker():
    """A function that writes a clip as those of `trained`: `write_flicker(path, seed, fake=True)`."""
    return _write_flicker


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """A folder with clips of 16 groups and two saved detectors, and the features of the clips. Not to be changed.

    The clips are in `clips/`, the detectors in `models/linear` and `models/gru`.
    """
    from dfutils.detection import calibrate_and_save
    from dfutils.features import Backbone, ExtractionSettings, extract, load
    from dfutils.frames import FaceCrop, Sampling
    from dfutils.training import GRUDetector, GRUSettings, TemporalBaseline

    settings = ExtractionSettings(
        sampling=Sampling(frames=6),
        face=FaceCrop(detector="none"),
        backbone=Backbone(weights="random", layers=("mixed0",)),
    )
    root = tmp_path_factory.mktemp("trained")
    rows = []
    for group in range(16):
        for label in (0, 1):
            name = f"g{group:02d}_{'fake' if label else 'real'}"
            _write_flicker(root / "clips" / f"{name}.mp4", group, fake=label)
            split = "train" if group < 8 else "val"
            rows.append((name, f"{name}.mp4", "video", label, "grid" * label, f"g{group}", split))
    table = pd.DataFrame(rows, columns=list(CATALOG_COLUMNS))
    extract(table, root / "clips", root / "store", settings, progress=False)
    clips = load(root / "store", table, settings)
    parts = clips.part("train"), clips.part("val")
    small = GRUDetector(settings=GRUSettings(units=4, differences=True), epochs=3, batch_size=8)
    for name, detector in {"linear": TemporalBaseline(), "gru": small}.items():
        options = {"settings": settings, "data": "grids", "n_bootstrap": 0}
        calibrate_and_save(root / "models" / name, detector.fit(*parts, seed=7), *parts, **options)
    return root, clips


@pytest.fixture
def deterministic_ops():
    """TensorFlow's deterministic operations are on during the test, so that results can be compared bit for bit."""
    from tensorflow.python.framework import config

    before = config.is_op_determinism_enabled()
    config.enable_op_determinism()
    yield
    if not before:
        config.disable_op_determinism()


@pytest.fixture
def check_global_state():
    """A function that runs `call()` and checks that it leaves every global random generator, and determinism, alone."""
    import random

    import keras
    import tensorflow as tf
    from tensorflow.python.framework import config

    def draw():
        unseeded = tf.random.uniform(()), keras.random.uniform(())
        return [random.random(), np.random.rand(), *map(float, unseeded)]

    before, python_state, numpy_state = (
        config.is_op_determinism_enabled(),
        random.getstate(),
        np.random.get_state(),
    )
    config.disable_op_determinism()

    def check(call):
        keras.utils.set_random_seed(5)
        expected = draw() + draw()
        keras.utils.set_random_seed(5)
        drawn = draw()
        result = call()
        assert drawn + draw() == expected
        assert not config.is_op_determinism_enabled()
        return result

    yield check
    random.setstate(python_state)
    np.random.set_state(numpy_state)
    if before:
        config.enable_op_determinism()


@pytest.fixture
def make_catalog():
    """A function that makes a catalog: `make_catalog(groups=…, per_group=…)`, half of each group fake."""

    def make(groups=10, per_group=4):
        rows = [
            (f"g{g:02d}/c{c}", f"g{g:02d}/c{c}.mp4", "video", c % 2, "swap" if c % 2 else "", f"g{g:02d}", "")
            for g in range(groups)
            for c in range(per_group)
        ]
        return pd.DataFrame(rows, columns=list(CATALOG_COLUMNS)).astype({"label": "Int64"})

    return make


@pytest.fixture
def displayed():
    """A function that runs `call()` as a notebook would and returns its rich outputs."""
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    InteractiveShell.instance()

    def run(call):
        with capture_output() as captured:
            call()
        return captured.outputs

    yield run
    InteractiveShell.clear_instance()


@pytest.fixture(autouse=True, scope="module")
def free_memory():
    """Free the graphs of each file's networks. A process that keeps them all gets slow, and grows to 7 GB."""
    yield
    import sys

    if "keras" in sys.modules:
        import gc

        import keras

        from dfutils.training import shared_networks

        shared_networks.clear()
        keras.backend.clear_session()
        gc.collect()
        gc.freeze()  # what is still there stays: later collections need not look at it again


@pytest.fixture(scope="session")
def browser():
    """Chromium without a window. Tests are skipped if it is not installed."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not program:
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def check_page(browser):
    """A function that opens an address on two screens, and checks that it can be read: `check_page(url)`.

    The screens are a wide light one and a narrow dark one. No request leaves the computer, nothing is wider than the
    screen, and axe-core finds nothing serious. `then(page)` is called first; by default, it opens all details.
    """
    from axe_playwright_python.sync_playwright import Axe

    def open_details(page):
        for summary in page.query_selector_all("summary"):
            if summary.is_visible():
                summary.click()

    def check(url, then=open_details):
        for width, scheme in ((1280, "light"), (390, "dark")):
            context = browser.new_context(
                viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True
            )
            page = context.new_page()
            asked = []
            page.on("request", lambda request, asked=asked: asked.append(request.url))
            page.goto(url)
            then(page)
            found = Axe().run(page).response["violations"]
            assert not [rule["id"] for rule in found if rule["impact"] in ("serious", "critical")]
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            here = ("file:", "data:", "blob:", "http://127.0.0.1:")
            assert [address for address in asked if not address.startswith(here)] == []
            context.close()

    return check

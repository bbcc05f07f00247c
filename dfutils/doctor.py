"""Check whether this machine can run the notebooks. Nothing is changed or downloaded.

Only the standard library is imported at the top, because the checks must also work where one is broken.
"""

import json
import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from dfutils.requirements import count_requirements, unmet_requirements

_NEEDED_GB = 2  # the built-in data set with features, crops, detectors and reports takes 1.1 GB
_NEEDED_MEMORY_GB = 4  # two notebooks at a time
_JUPYTER_PORT = 8888
_START_SECONDS = 300
_SLOW_START_SECONDS = 30
_SIGNS = "–×≥→"  # signs in our figures
_START = """
import json, time
began = time.perf_counter()
import keras, tensorflow
gpus = [gpu.name for gpu in tensorflow.config.list_physical_devices("GPU")]
print(json.dumps({"keras": keras.__version__, "tensorflow": tensorflow.__version__, "gpus": len(gpus),
                  "seconds": time.perf_counter() - began}))
"""


@dataclass(frozen=True)
class Check:
    """What a check found.

    Args:
        name: str. What was checked, such as `Memory`.
        status: str. `"ok"`; `"note"`: it works, but there is something to know; `"problem"`: something will not work.
        found: str. What was found, in a sentence or two.
        remedy: str. What to do. `""` if nothing needs to be done.
    """

    name: str
    status: Literal["ok", "note", "problem"]
    found: str
    remedy: str = ""


def examine() -> Iterator[Check]:
    """Run all checks, and yield each result as soon as it is known. TensorFlow is started in a process of its own."""
    checks: tuple[tuple[str, Callable[[], Check]], ...] = (
        ("Python", _python),
        ("Packages", _packages),
        ("Notebooks", _notebook_packages),
        ("TensorFlow", _tensorflow),
        ("Video", _video),
        ("Processor", _processor),
        ("Memory", _memory),
        ("Disk", _disk),
        ("Weights", _weights),
        ("Fonts", _fonts),
        ("Port", _port),
        ("Data", _data),
    )
    for name, check in checks:
        try:
            yield check()
        except Exception as error:  # a broken package must not hide the checks after it
            yield Check(name, "problem", f"The check failed: {type(error).__name__}: {error}")


def _python() -> Check:
    from importlib.metadata import metadata

    from packaging.specifiers import SpecifierSet

    needed, own = metadata("dfutils")["Requires-Python"], platform.python_version()
    if SpecifierSet(needed).contains(own, prereleases=True):
        return Check("Python", "ok", f"Python {own} at {sys.executable}.")
    return Check("Python", "problem", f"Python {own}, but {needed} is needed.", "Install a newer Python.")


def _packages() -> Check:
    wrong = unmet_requirements()
    if not wrong:
        found = f"All {count_requirements()} packages that dfutils needs are installed."
        return Check("Packages", "ok", found)
    remedy = "pip install --upgrade " + " ".join(f"'{need}'" for need in wrong)
    return Check("Packages", "problem", "Missing or too old: " + ", ".join(wrong.values()) + ".", remedy)


def _notebook_packages() -> Check:
    wrong = unmet_requirements("notebooks", "reports")
    if not wrong:
        return Check("Notebooks", "ok", "JupyterLab, papermill and what they need are installed.")
    found = "For JupyterLab or reports, there is missing or too old: " + ", ".join(wrong.values()) + "."
    return Check("Notebooks", "note", found, "pip install --upgrade 'dfutils[notebooks]'")


def _tensorflow() -> Check:
    name = "TensorFlow"
    try:
        run = subprocess.run(
            [sys.executable, "-c", _START],
            capture_output=True,
            text=True,
            check=False,
            timeout=_START_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return Check(name, "problem", f"It did not start within {_START_SECONDS} seconds.", "Try again.")
    if run.returncode == -signal.SIGILL:
        found = "This processor lacks an instruction that this TensorFlow needs, such as AVX."
        return Check(name, "problem", found, "Use another machine, or Colab or Kaggle.")
    if run.returncode:
        last = (run.stderr.strip().splitlines() or ["no message"])[-1]
        return Check(name, "problem", f"It does not start: {last}", "pip install --upgrade tensorflow keras")
    facts = json.loads(run.stdout.strip().splitlines()[-1])
    gpus = (
        f"{facts['gpus']} GPU{'s' if facts['gpus'] > 1 else ''}"
        if facts["gpus"]
        else "no GPU, none is needed"
    )
    found = f"TensorFlow {facts['tensorflow']} with Keras {facts['keras']} starts in {facts['seconds']:.0f} s; {gpus}."
    if facts["seconds"] > _SLOW_START_SECONDS:
        return Check(
            name, "note", found, "This is slow. Start it once before a workshop; the second start is faster."
        )
    return Check(name, "ok", found)


def _video() -> Check:
    """Write a short video and read it again."""
    import av
    import numpy as np

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        with av.open(path, "w") as video:
            stream = video.add_stream("libx264", rate=25)
            stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
            for level in (0, 128, 255):
                picture = av.VideoFrame.from_ndarray(np.full((64, 64, 3), level, np.uint8))
                video.mux(stream.encode(picture))
            video.mux(stream.encode())
        with av.open(path) as video:
            count = sum(1 for _ in video.decode(video=0))
    if count == 3:
        return Check("Video", "ok", "A test video was written and read.")
    return Check("Video", "problem", f"A video of 3 frames was read as {count}.", "pip install --upgrade av")


def _processor() -> Check:
    cores, kind = os.cpu_count() or 1, platform.machine()
    found = f"{cores} core{'s' if cores > 1 else ''}, {kind}."
    if cores == 1:
        return Check("Processor", "note", found, "The reports take about twice as long as with two cores.")
    return Check("Processor", "ok", found)


def _memory() -> Check:
    try:
        page = os.sysconf("SC_PAGE_SIZE") / 1e9
        total, free = page * os.sysconf("SC_PHYS_PAGES"), page * os.sysconf("SC_AVPHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return Check("Memory", "note", f"It cannot be read here. At least {_NEEDED_MEMORY_GB} GB are needed.")
    meminfo = Path("/proc/meminfo")
    if meminfo.is_file():  # counts the memory that the system can free
        lines = dict(line.split(":", 1) for line in meminfo.read_text().splitlines())
        free = int(lines["MemAvailable"].split()[0]) / 1e6 if "MemAvailable" in lines else free
    found = f"{free:.1f} of {total:.1f} GB are available."
    if free < _NEEDED_MEMORY_GB:
        return Check(
            "Memory",
            "problem",
            found,
            f"Close programs until {_NEEDED_MEMORY_GB} GB are free, or use --jobs 1.",
        )
    return Check("Memory", "ok", found)


def _disk() -> Check:
    from dfutils.workspace import project_root

    root = project_root()
    folder = next(path for path in (root, *root.parents) if path.is_dir())
    free = shutil.disk_usage(folder).free / 1e9
    found = f"{free:.1f} GB are free at {root}."
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return Check(
            "Disk",
            "problem",
            f"Nothing can be written to {folder}: {error.strerror}.",
            "Set DFUTILS_HOME to a folder of yours.",
        )
    if free < _NEEDED_GB:
        remedy = f"Free {_NEEDED_GB} GB, or set DFUTILS_HOME to a folder on another disk."
        return Check("Disk", "problem", found, remedy)
    return Check("Disk", "ok", found)


def _weights() -> Check:
    from dfutils.features.weights import imagenet_path

    path = imagenet_path()
    if path.is_file():
        return Check("Weights", "ok", f"The ImageNet weights of InceptionV3 are at {path}.")
    found = "The ImageNet weights of InceptionV3 are not here. The first run downloads them (88 MB)."
    remedy = f"Without internet, copy {path.name} to {path.parent}. Else seeded weights are used: for teaching only."
    return Check("Weights", "note", found, remedy)


def _fonts() -> Check:
    from matplotlib import ft2font, rcParams
    from matplotlib.font_manager import FontProperties, findfont

    font = findfont(FontProperties(family=rcParams["font.family"]))
    known = ft2font.FT2Font(font).get_charmap()
    missing = [sign for sign in _SIGNS if ord(sign) not in known]
    if missing:
        remedy = "Remove font settings from matplotlibrc. Matplotlib's own font has these signs."
        return Check("Fonts", "note", f"{Path(font).name} lacks {' '.join(missing)}.", remedy)
    return Check("Fonts", "ok", f"Figures use {Path(font).name}.")


def _port() -> Check:
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind(("127.0.0.1", _JUPYTER_PORT))
        except OSError:
            found = (
                f"Port {_JUPYTER_PORT} is in use. JupyterLab takes the next free one and prints its address."
            )
            return Check("Port", "note", found)
    return Check("Port", "ok", f"Port {_JUPYTER_PORT} is free for JupyterLab.")


def _data() -> Check:
    from dfutils.data.kaggle import attached
    from dfutils.workspace import Workspace, project_root

    folder = attached()
    lost: list[str] = []
    known = [f"attached at {folder}"] if folder else []
    for path in sorted((project_root() / "data").glob("*/workspace.json")):
        run = Workspace(path.parent.name)
        source = run.data_source()
        (known if source.exists() else lost).append(f"{run.name} ({source})")
    if lost:
        remedy = "Give the new place: dfutils report --name NAME --data FOLDER."
        return Check("Data", "note", f"These data sets are not where they were: {', '.join(lost)}.", remedy)
    found = "; ".join(known) or "None yet. Notebook 01 renders the built-in data set, without a download."
    return Check("Data", "ok", f"Data sets: {found}" if known else found)

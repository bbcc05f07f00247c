"""Which engine computes InceptionV3 fastest on this processor? TensorFlow, OpenVINO and ONNX Runtime, in one run.

    python benchmarks/engines.py                        # the built-in data set; about ten minutes on two cores
    python benchmarks/engines.py ROOT --weights FILE    # your videos and weights
    python benchmarks/engines.py --layers mixed10 --no-auc
    python benchmarks/engines.py --tensorflow           # settings of TensorFlow alone

All engines compute the same network on the same face crops: `build_backbone`, converted to the formats of OpenVINO and
ONNX. Each engine has processes of its own, which wait while another one computes. The engines take turns, in a new
order in each round, so that a machine whose speed changes is fair to all of them. A ratio is the median of the ratios
within the rounds, with the lowest and the highest one. Frames per core-second do not count the time in which other
programs have the cores.

First, every setting computes a few rounds. Then the fastest setting of each engine and precision computes all crops. A
linear detector is trained and tested on the features of each, in five folds by group.

The error of a crop's features is the length of their difference from the other features, divided by the length of the
other features. The tables show the largest error of all crops.

An engine that is not installed is left out. It needs: pip install openvino; pip install onnxruntime onnx tf2onnx
"""

import argparse
import contextlib
import importlib.util
import multiprocessing
import os
import platform
import re
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from importlib.metadata import version
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd

from dfutils.data import Catalog, read_catalog
from dfutils.errors import ClipError
from dfutils.evaluation import CrossValidation, cross_validate, with_interval
from dfutils.features import Backbone, FeatureSet, build_backbone
from dfutils.features.backbone_settings import Precision, layer_widths
from dfutils.features.store import StoredClip
from dfutils.frames import FaceCrop, Sampling, crop_faces, read_clip
from dfutils.keras_runtime import load_keras
from dfutils.training import MeanPooledBaseline
from dfutils.workspace import project_root

_BATCH = 32
_CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
# Instruction sets that matter to the speed of a convolution.
_INSTRUCTIONS = r"avx2|fma|avx512f|avx_vnni|avx512_vnni|avx512_bf16|avx512_fp16|amx_\w+|asimd\w*|sve\w*|bf16"
PACKAGES = {"OpenVINO": ("openvino",), "ONNX Runtime": ("onnxruntime", "onnx", "tf2onnx")}

_Compute = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Way:
    """One way to compute the features: an engine, a precision and settings.

    Args:
        engine: str.
        precision: str.
        setting: str. What the table calls the settings.
        load: function. It takes a Backbone and the folder of the converted networks, and returns a function from crops
            to features. It runs in the engine's process.
        environment: dict. Environment variables, which need a process of their own.
    """

    engine: str
    precision: Precision
    setting: str
    load: Callable[[Backbone, Path], _Compute]
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.engine}, {self.precision}, {self.setting}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("root", nargs="?", help="a data set's folder or CSV; default: the built-in data set")
    parser.add_argument("--clips", type=int, help="the largest number of clips (default: all)")
    parser.add_argument("--frames", type=int, default=4, help="frames of each clip (default: 4)")
    parser.add_argument("--layers", default="mixed2,mixed10", help="default: those of the demo's profile")
    parser.add_argument("--weights", default="random", help="as for `dfutils extract` (default: random)")
    parser.add_argument("--rounds", type=int, default=7, help="rounds for every setting (default: 7)")
    parser.add_argument("--turn", type=int, default=32, help="crops of one turn (default: 32)")
    parser.add_argument("--no-auc", action="store_true", help="measure the speed only")
    parser.add_argument("--tensorflow", action="store_true", help="compare settings of TensorFlow alone")
    parser.add_argument("--only", default="", help="a regular expression: which settings to measure")
    options = parser.parse_args()
    backbone = Backbone(weights=options.weights, layers=tuple(options.layers.split(",")))
    ways = tensorflow_ways(options.turn) if options.tensorflow else installed(engine_ways())
    ways = [way for way in ways if is_plain(way) or re.search(options.only, way.name)]
    catalog, tracks = crops_of(options)
    crops = np.concatenate(list(tracks.values()))
    print_machine(len(crops), len(tracks))
    with tempfile.TemporaryDirectory() as folder:
        convert(ways, backbone, Path(folder))
        rounds = in_turns(crops, options.turn)
        if options.tensorflow:
            own = [way for way in ways if is_plain(way)]
            for together in in_processes([way for way in ways if not is_plain(way)]):
                with running([*own, *together], backbone, Path(folder)) as engines:
                    print_speed(measure([*own, *together], engines, rounds[: options.rounds]))
            return
        with running(ways, backbone, Path(folder)) as engines:
            first = measure(ways, engines, rounds[: options.rounds])
            print_speed(first)
            if options.no_auc:
                return
            print(f"\nThe fastest setting of each engine, on all crops, {', '.join(backbone.layers)}:\n")
            everything = measure(fastest(first), engines, rounds)
    print_speed(everything)
    print_aucs(everything, catalog, tracks, backbone)


def engine_ways() -> list[Way]:
    """Return every setting of every engine. The first ones are the package's own way."""
    ways = [
        Way("TensorFlow", precision, "predict_on_batch, batch 32", load_tensorflow)
        for precision in get_args(Precision)
    ]
    for precision in get_args(Precision):
        for hint, requests, batch in (
            ("LATENCY", 1, 32),
            ("LATENCY", 1, 1),
            ("THROUGHPUT", _CORES, 16),
            ("THROUGHPUT", _CORES, 1),
            ("THROUGHPUT", 2 * _CORES, 8),
        ):
            setting = f"{hint.lower()}, {requests} request{'s'[: requests > 1]}, batch {batch}"
            load = partial(load_openvino, precision=precision, hint=hint, requests=requests, batch=batch)
            ways.append(Way("OpenVINO", precision, setting, load))
    for parallel, requests, batch in ((False, 1, 32), (False, 1, 8), (True, 1, 32), (False, _CORES, 8)):
        setting = f"{'parallel' if parallel else 'sequential'}, {requests} request{'s'[: requests > 1]}, batch {batch}"
        load = partial(load_onnx, parallel=parallel, requests=requests, batch=batch)
        ways.append(Way("ONNX Runtime", "float32", setting, load))
    return ways


def tensorflow_ways(turn: int) -> list[Way]:
    """Return settings of TensorFlow, first the package's own. A batch is not larger than a turn."""
    ways = [Way("TensorFlow", p, "predict_on_batch, batch 32", load_tensorflow) for p in get_args(Precision)]
    for precision in get_args(Precision):
        loads: dict[str, Callable[[Backbone, Path], _Compute]] = {
            f"predict_on_batch, batch {batch}": partial(load_tensorflow, batch=batch)
            for batch in (8, 16, 64, 128)
            if batch <= turn
        }
        loads |= {
            "tf.function": partial(load_tensorflow, call="function"),
            "frozen graph": partial(load_tensorflow, call="frozen"),
            "XLA": partial(load_tensorflow, call="XLA"),
        }
        ways += [Way("TensorFlow", precision, setting, load) for setting, load in loads.items()]
        one_thread = {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": str(_CORES)}
        frozen, threads = (
            partial(load_tensorflow, call="frozen"),
            partial(load_tensorflow, batch=16, requests=_CORES),
        )
        for setting, load, environment in (
            ("1 thread per operation, operations at once", load_tensorflow, one_thread),
            (f"1 thread per operation, {_CORES} requests, batch 16", threads, one_thread),
            ("1 operation at a time", load_tensorflow, {"TF_NUM_INTEROP_THREADS": "1"}),
            ("no oneDNN", load_tensorflow, {"TF_ENABLE_ONEDNN_OPTS": "0"}),
            ("frozen graph, frozen weights", frozen, {"TF_ONEDNN_ASSUME_FROZEN_WEIGHTS": "1"}),
            ("caller's thread", load_tensorflow, {"TF_ONEDNN_THREADPOOL_USE_CALLER_THREAD": "1"}),
            ("system's allocator", load_tensorflow, {"TF_ONEDNN_USE_SYSTEM_ALLOCATOR": "1"}),
            ("no remapper", partial(load_tensorflow, off="remapping"), {"OFF": "remapping"}),
            ("no layout optimizer", partial(load_tensorflow, off="layout_optimizer"), {"OFF": "layout"}),
        ):
            ways.append(Way("TensorFlow", precision, setting, load, environment))
    return ways


def is_plain(way: Way) -> bool:
    """Return whether a way is the package's own."""
    return way.load is load_tensorflow and not way.environment


def installed(ways: list[Way]) -> list[Way]:
    """Return the ways whose engine is installed. Say how to install the others."""
    missing = {e for e, names in PACKAGES.items() if not all(map(importlib.util.find_spec, names))}
    for engine in sorted(missing & {way.engine for way in ways}):
        print(f"{engine} is left out, because it is not installed: pip install {' '.join(PACKAGES[engine])}")
    return [way for way in ways if way.engine not in missing]


def crops_of(options: argparse.Namespace) -> tuple[Catalog, dict[str, np.ndarray]]:
    """Return the data set, and the face crops of each clip with a face: {clip_id: uint8 array [T, 299, 299, 3]}."""
    root = options.root or _demo()
    catalog, tracks = read_catalog(root), {}
    assert catalog.root is not None
    table = catalog.table
    if options.clips:
        table = table.head(options.clips)
    for clip_id, path in zip(table["clip_id"], table["path"], strict=True):
        with contextlib.suppress(ClipError):
            clip = read_clip(catalog.root / path, Sampling(frames=options.frames))
            tracks[clip_id] = crop_faces(clip, FaceCrop()).crops
    return catalog, tracks


def _demo() -> Path:
    from dfutils.demo import write_dataset

    folder = project_root() / "data" / "benchmarks" / "strength_1"
    write_dataset(folder)
    return folder


def in_turns(crops: np.ndarray, size: int) -> list[np.ndarray]:
    """Divide the crops into turns of one size. The last turn is filled with the first crops."""
    short = -len(crops) % size
    crops = np.concatenate([crops, np.resize(crops, (short, *crops.shape[1:]))]) if short else crops
    return np.split(crops, len(crops) // size)


def convert(ways: list[Way], backbone: Backbone, folder: Path) -> None:
    """Write the network in the formats of the other engines. A process of its own gives its memory back."""
    wanted = {way.engine for way in ways} & set(PACKAGES)
    if not wanted:
        return
    process = multiprocessing.get_context("spawn").Process(target=_convert, args=(wanted, backbone, folder))
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit("The network could not be converted.")


def _convert(engines: set[str], backbone: Backbone, folder: Path) -> None:
    model = build_backbone(backbone)
    import tensorflow as tf

    warnings.filterwarnings("ignore", message="The structure of `inputs`")
    if "OpenVINO" in engines:
        import openvino

        network = openvino.convert_model(model, input=[-1, 299, 299, 3])
        openvino.save_model(network, folder / "backbone.xml", compress_to_fp16=False)
    if "ONNX Runtime" in engines:
        import tf2onnx

        crops = tf.TensorSpec((None, 299, 299, 3), tf.uint8, name="crops")
        function = tf.function(lambda pictures: model(pictures, training=False), input_signature=[crops])
        tf2onnx.convert.from_function(function, [crops], opset=17, output_path=str(folder / "backbone.onnx"))


def load_tensorflow(
    backbone: Backbone,
    folder: Path,
    *,
    batch: int = _BATCH,
    call: str = "keras",
    requests: int = 1,
    off: str = "",
) -> _Compute:
    """Load the package's own network. `call` is one of keras, function, frozen and XLA."""
    load_keras()
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    if off:
        tf.config.optimizer.set_experimental_options({off: False})
    model = build_backbone(backbone)
    one = model.predict_on_batch
    if call != "keras":
        crops = tf.TensorSpec((batch, 299, 299, 3), tf.uint8)
        function = tf.function(lambda pictures: model(pictures, training=False), jit_compile=call == "XLA")
        concrete = function.get_concrete_function(crops)
        if call == "frozen":
            concrete = convert_variables_to_constants_v2(concrete)

        def one(pictures: np.ndarray) -> np.ndarray:
            found = concrete(tf.constant(pictures))
            return (found[0] if isinstance(found, list) else found).numpy()

    return _in_batches(one, batch, requests)


def load_onnx(backbone: Backbone, folder: Path, *, parallel: bool, requests: int, batch: int) -> _Compute:
    """Load the network with ONNX Runtime. With several requests, each of them has one thread."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1 if requests > 1 else _CORES
    if parallel:
        options.execution_mode = onnxruntime.ExecutionMode.ORT_PARALLEL
        options.inter_op_num_threads = _CORES
    # Threads that wait in a loop would slow down the engine whose turn it is next.
    options.add_session_config_entry("session.force_spinning_stop", "1")
    session = onnxruntime.InferenceSession(
        folder / "backbone.onnx", options, providers=["CPUExecutionProvider"]
    )
    name = session.get_inputs()[0].name
    return _in_batches(lambda pictures: session.run(None, {name: pictures})[0], batch, requests)


def _in_batches(one: _Compute, batch: int, requests: int) -> _Compute:
    """Return a function that computes batches, several at the same time if there are several requests."""
    pool = ThreadPoolExecutor(requests) if requests > 1 else None

    def compute(crops: np.ndarray) -> np.ndarray:
        batches = [crops[begin : begin + batch] for begin in range(0, len(crops), batch)]
        return np.concatenate(list((pool.map if pool else map)(one, batches)))

    return compute


def load_openvino(
    backbone: Backbone, folder: Path, *, precision: Precision, hint: str, requests: int, batch: int
) -> _Compute:
    """Load the network with OpenVINO."""
    import openvino

    network = openvino.Core().read_model(folder / "backbone.xml")
    network.reshape([batch, 299, 299, 3])
    settings = {
        "PERFORMANCE_HINT": hint,
        "INFERENCE_PRECISION_HINT": {"float32": "f32", "bfloat16": "bf16"}[precision],
        "PERFORMANCE_HINT_NUM_REQUESTS": requests,
    }
    compiled = openvino.compile_model(network, "CPU", settings)
    if requests == 1:
        return _in_batches(lambda pictures: compiled(pictures)[0], batch, 1)
    queue = openvino.AsyncInferQueue(compiled, requests)
    width = compiled.output(0).partial_shape[1].get_length()

    def compute(crops: np.ndarray) -> np.ndarray:
        features = np.empty((len(crops), width), np.float32)

        def keep(request: Any, begin: int) -> None:
            features[begin : begin + batch] = request.get_output_tensor(0).data

        queue.set_callback(keep)
        for begin in range(0, len(crops), batch):
            queue.start_async([crops[begin : begin + batch]], begin)
        queue.wait_all()
        return features

    return compute


def in_processes(ways: list[Way]) -> list[list[Way]]:
    """Divide the ways among processes: one for each engine and environment."""
    shared: dict[str, list[Way]] = {}
    for way in ways:
        shared.setdefault(f"{way.engine} {way.environment}", []).append(way)
    return list(shared.values())


@contextlib.contextmanager
def running(ways: list[Way], backbone: Backbone, folder: Path) -> Iterator[dict[str, Connection]]:
    """Start the engines, each in a process of its own. Yield the connection of each way: {name: Connection}."""
    context, connections, processes = multiprocessing.get_context("spawn"), {}, []
    for together in in_processes(ways):
        ours, theirs = context.Pipe()
        with _environment(together[0].environment):
            process = context.Process(target=_serve, args=(theirs, together, backbone, folder), daemon=True)
            process.start()
        theirs.close()  # so that the end of a process is noticed
        processes.append((process, ours))
        connections |= {way.name: ours for way in together}
    try:
        yield connections
    finally:
        for process, connection in processes:
            connection.send(None)
            process.join()


@contextlib.contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    kept = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)


def _serve(connection: Connection, ways: list[Way], backbone: Backbone, folder: Path) -> None:
    """Compute what is asked for: (name of the way, crops). Answer with seconds, those of busy cores, and features."""
    by_name, loaded = {way.name: way for way in ways}, {}
    while (asked := connection.recv()) is not None:
        name, crops = asked
        try:
            if name not in loaded:
                way = by_name[name]
                loaded[name] = way.load(replace(backbone, precision=way.precision), folder)
            began, busy = time.perf_counter(), time.process_time()
            features = np.asarray(loaded[name](crops), np.float32)
            connection.send((time.perf_counter() - began, time.process_time() - busy, features))
        except Exception as error:
            connection.send((0.0, 0.0, f"{type(error).__name__}: {str(error)[:200]}"))


@dataclass
class Measured:
    """What was measured of one way: frames/s and frames per second of one busy core in each round, all features."""

    way: Way
    speeds: np.ndarray
    busy_speeds: np.ndarray
    features: np.ndarray


def measure(ways: list[Way], engines: dict[str, Connection], rounds: list[np.ndarray]) -> list[Measured]:
    """Let the ways take turns on the crops of each round. A way that fails is named and left out."""

    def run(way: Way, crops: np.ndarray) -> tuple[float, float, Any]:
        engines[way.name].send((way.name, crops))
        return engines[way.name].recv()

    kept = []
    for way in ways:
        seconds, _, problem = run(way, rounds[0])
        if isinstance(problem, str):
            print(f"{way.name} is left out: {problem}", flush=True)
        else:
            kept.append(way)
    speeds: dict[str, list[float]] = {way.name: [] for way in kept}
    busy_speeds: dict[str, list[float]] = {way.name: [] for way in kept}
    features: dict[str, list[np.ndarray]] = {way.name: [] for way in kept}
    rng = np.random.default_rng(0)
    for crops in rounds:
        for number in rng.permutation(len(kept)):
            way = kept[number]
            seconds, busy, found = run(way, crops)
            speeds[way.name].append(len(crops) / seconds)
            busy_speeds[way.name].append(len(crops) / busy)
            features[way.name].append(found)
    return [
        Measured(
            way,
            np.array(speeds[way.name]),
            np.array(busy_speeds[way.name]),
            np.concatenate(features[way.name]),
        )
        for way in kept
    ]


def fastest(measured: list[Measured]) -> list[Way]:
    """Return the package's own ways, and the fastest way of each other engine and precision."""
    best: dict[tuple[str, str], Measured] = {}
    for one in measured:
        key = one.way.engine, one.way.precision
        if one.way.engine != "TensorFlow" and (
            key not in best or np.median(one.speeds) > np.median(best[key].speeds)
        ):
            best[key] = one
    return [one.way for one in measured if is_plain(one.way)] + [one.way for one in best.values()]


def error(features: np.ndarray, others: np.ndarray) -> float:
    """Return the largest relative error of a crop's features."""
    apart = np.linalg.norm(features - others, axis=1) / np.linalg.norm(others, axis=1)
    return float(apart.max())


def print_machine(crops: int, clips: int) -> None:
    described = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").is_file() else ""
    model = re.search(r"^model name\s*:\s*(.*)$", described, re.MULTILINE)
    flags = re.search(r"^(?:flags|Features)\s*:(.*)$", described, re.MULTILINE)
    sets = [flag for flag in (flags[1].split() if flags else []) if re.fullmatch(_INSTRUCTIONS, flag)]
    versions = [
        f"{name} {version(name)}"
        for name in ("tensorflow", "keras", "openvino", "onnxruntime")
        if importlib.util.find_spec(name)
    ]
    print(f"{model[1] if model else platform.processor()}, {_CORES} cores: {' '.join(sets)}")
    print(
        f"{', '.join(versions)}; {crops} crops of {clips} clips; load {os.getloadavg()[0]:.1f}\n", flush=True
    )


def print_speed(measured: list[Measured]) -> None:
    """Print the speed of each way, and its ratios to the package's own ways within the rounds."""
    own = {one.way.precision: one for one in measured if is_plain(one.way)}
    titles = ["engine", "precision", "setting", "frames/s", "frames per core-second"]
    titles += [f"times TensorFlow {precision}" for precision in own]
    titles += [f"error to TensorFlow {precision}" for precision in own]
    print("| " + " | ".join(titles) + " |\n" + "|---" * len(titles) + "|")
    for one in measured:
        cells = [one.way.engine, one.way.precision, one.way.setting]
        cells += [f"{np.median(one.speeds):.1f}", f"{np.median(one.busy_speeds):.1f}"]
        for other in own.values():
            ratios = one.speeds / other.speeds
            cells.append(f"{np.median(ratios):.2f} [{ratios.min():.2f}, {ratios.max():.2f}]")
        cells += [
            "equal bytes"
            if np.array_equal(one.features, other.features)
            else f"{error(one.features, other.features):.1e}"
            for other in own.values()
        ]
        print("| " + " | ".join(cells) + " |")
    print(f"\n{len(measured[0].speeds)} rounds, load {os.getloadavg()[0]:.1f}", flush=True)


def print_aucs(
    measured: list[Measured], catalog: Catalog, tracks: dict[str, np.ndarray], backbone: Backbone
) -> None:
    """Print the AUC of a linear detector on the features of each way, and their error, by layer and for all layers.

    Differences and errors are those to the first way: TensorFlow with float32.
    """
    choices = [(name,) for name in backbone.layers] + [backbone.layers] * (len(backbone.layers) > 1)
    names = [" and ".join(layers) for layers in choices]
    print("\n| engine | precision |" + "".join(f" error, {n} | AUC, {n} | difference |" for n in names))
    print("|---" * (2 + 3 * len(choices)) + "|")
    cells = [f"| {one.way.engine} | {one.way.precision} |" for one in measured]
    for layers in choices:
        sets = [clips_of(one.features, catalog, tracks, backbone).select(layers) for one in measured]
        result = cross_validate_alike({one.way.name: x for one, x in zip(measured, sets, strict=True)})
        aucs = result.table().table.xs("auc", level="metric")["value"]
        columns = columns_of(layers, backbone)
        for number, one in enumerate(measured):
            cells[number] += f" {error(one.features[:, columns], measured[0].features[:, columns]):.1e} |"
            apart = result.compare(one.way.name, measured[0].way.name)
            difference = with_interval(apart.value, apart.low, apart.high, digits=4) if number else "–"
            cells[number] += f" {aucs[one.way.name]:.4f} | {difference} |"
    print("\n".join(cells), flush=True)


def columns_of(layers: tuple[str, ...], backbone: Backbone) -> np.ndarray:
    """Return the positions of the features of some layers."""
    widths = layer_widths(backbone.layers)
    owner = np.repeat(list(widths), list(widths.values()))
    return np.flatnonzero(np.isin(owner, layers))


def cross_validate_alike(sets: dict[str, FeatureSet]) -> CrossValidation:
    """Cross-validate a linear detector on several sets of features of the same clips, in the same folds."""
    parts = [
        cross_validate(clips, {name: MeanPooledBaseline()}, repeats=3, calibrate=False, progress=False)
        for name, clips in sets.items()
    ]
    merged = pd.concat([part.predictions for part in parts], ignore_index=True)
    return CrossValidation(merged, parts[0].k, parts[0].repeats, parts[0].seeds)


def clips_of(
    features: np.ndarray, catalog: Catalog, tracks: dict[str, np.ndarray], backbone: Backbone
) -> FeatureSet:
    """Return the features as clips, rounded as the store rounds them."""
    ends = np.cumsum([len(crops) for crops in tracks.values()])
    stored = [
        StoredClip("ok", "", part.astype(np.float16), np.zeros(len(part)), np.zeros((len(part), 4)))
        for part in np.split(features[: ends[-1]], ends[:-1])
    ]
    unlabelled = FeatureSet.of_clips(stored, backbone.layers, pooling=backbone.pooling)
    rows = catalog.table.set_index("clip_id").loc[list(tracks)].reset_index()
    coverage = rows[["clip_id", "label", "group", "method"]].assign(split="", status="ok", reason="")
    return replace(
        unlabelled,
        y=rows["label"].to_numpy(np.int8),
        groups=rows["group"].to_numpy(str),
        clip_ids=rows["clip_id"].to_numpy(str),
        coverage=coverage,
    )


if __name__ == "__main__":
    main()

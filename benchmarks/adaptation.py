"""How fast is a training step of `dfutils adapt`? Keras's own layers, batch normalisation in one operation, bfloat16.

    python benchmarks/adaptation.py                 # InceptionV3 up to mixed7, 192 pixels, batches of 24
    python benchmarks/adaptation.py --batches 8 24

The networks take turns in one process. Each result is the fastest of the turns.
"""

import argparse
import time
from dataclasses import replace
from unittest import mock

import numpy as np

from dfutils.adaptation import AdaptSettings, network
from dfutils.features import Backbone, resolve_weights


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--batches", type=int, nargs="+", default=[24], help="batch sizes (default: 24)")
    parser.add_argument("--turns", type=int, default=8, help="steps of each network (default: 8)")
    options = parser.parse_args()
    settings, weights = AdaptSettings(precision="float32"), resolve_weights(Backbone(weights="random"))
    with mock.patch.object(network, "with_fused_batch_norm", lambda plain: plain):
        plain = network.AdaptedNetwork(weights, settings)
    fused = network.AdaptedNetwork(weights, settings)
    coarse = network.AdaptedNetwork(weights, replace(settings, precision="bfloat16"))
    networks = {"Keras's layers": plain, "one operation": fused, "one operation, bfloat16": coarse}
    rng, side = np.random.default_rng(0), settings.view.side
    print("| batch | network | crops/s | times Keras's layers |\n|---|---|---|---|")
    for size in options.batches:
        pictures = rng.integers(0, 256, (size, side, side, 3), np.uint8)
        labels = np.arange(size, dtype=np.float32) % 2
        seconds: dict[str, list[float]] = {name: [] for name in networks}
        for _ in range(options.turns):
            for name, one in networks.items():
                began = time.perf_counter()
                one.step(pictures, labels, rate=0.1)
                seconds[name].append(time.perf_counter() - began)
        first, *_ = (min(times) for times in seconds.values())
        for name, times in seconds.items():
            print(f"| {size} | {name} | {size / min(times):.1f} | {first / min(times):.2f} |", flush=True)


if __name__ == "__main__":
    main()

"""Choose the precision in which this machine computes features fastest."""

import re
from pathlib import Path

from dfutils.features.backbone_settings import Precision

# What Linux calls the instructions with which a processor multiplies numbers of 16 bits in the format bfloat16. Those
# of AVX-512 are twice as fast as float32 on an AMD EPYC (`python benchmarks/extraction.py`), and take 1.5 times as long
# on an Intel Xeon without AMX (`python benchmarks/engines.py`).
_FAST = {"": {"amx_bf16"}, "AuthenticAMD": {"avx512_bf16"}}


def fastest_precision(*, processor: Path = Path("/proc/cpuinfo")) -> Precision:
    """Return `"bfloat16"` if the processor computes faster with it, else `"float32"`.

    Args:
        processor: Path. Where Linux describes the processor. On other systems the file does not exist, and the result
            is `"float32"`.
    """
    try:
        described = processor.read_text()
    except OSError:
        return "float32"
    flags = re.search(r"^flags\s*:(.*)$", described, re.MULTILINE)
    vendor = re.search(r"^vendor_id\s*:\s*(\w+)", described, re.MULTILINE)
    fast = _FAST[""] | _FAST.get(vendor[1] if vendor else "", set())
    return "bfloat16" if flags and fast & set(flags[1].split()) else "float32"

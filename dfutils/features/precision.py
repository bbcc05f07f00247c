"""Choose the precision in which this machine computes features fastest."""

import re
from pathlib import Path

from dfutils.features.backbone_settings import Precision

# What Linux calls the instructions with which a processor multiplies numbers of 16 bits in the format bfloat16.
_INSTRUCTIONS = {"amx_bf16", "avx512_bf16"}


def fastest_precision(*, processor: Path = Path("/proc/cpuinfo")) -> Precision:
    """Return `"bfloat16"` if the processor computes with it, else `"float32"`.

    Args:
        processor: Path. Where Linux describes the processor. On other systems the file does not exist, and the result
            is `"float32"`.
    """
    try:
        described = processor.read_text()
    except OSError:
        return "float32"
    flags = re.search(r"^flags\s*:(.*)$", described, re.MULTILINE)
    return "bfloat16" if flags and _INSTRUCTIONS & set(flags[1].split()) else "float32"

"""From a folder of real and fake face videos to a detector one can trust and explain.

One room for each notebook: `data` (01), `frames` (02), `features` (03), `training` (04),
`evaluation` (05), `tuning` (06); beside them `demo` (the built-in data set), `plots`, `reporting`,
`exercises` and `workspace`.
"""

import os

__version__ = "0.1.0"

# TensorFlow reads this once, when it is first imported. What it writes to standard error about CUDA,
# CPU instructions and graph rewriting would stand in every notebook; what goes wrong is still raised
# as an exception. A value set by the user is kept.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

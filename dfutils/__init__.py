"""Deepfake detection, step by step: from a folder of real and fake face videos to an evaluated detector.

One folder per notebook: `data` and `audit` (01), `frames` (02), `features` (03), `training` (04), `evaluation`
(05 and 06), `tuning` (07). `demo` holds the built-in data set, `plots` every figure, `lessons` what only the teaching
needs, `reporting` the reports, `workspace` the results of a run and `notebook` what a notebook shows.
"""

import os

__version__ = "0.1.0"

# TensorFlow reads this once, when it is first imported. Otherwise its messages about CUDA, CPU instructions and
# graph rewriting appear in every notebook. Errors are still raised as exceptions. A value set by the user is kept.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

"""Deepfake detection, step by step: from a folder of real and fake face videos to an evaluated detector.

One folder per notebook: `data` and `audit` (01), `frames` (02), `features` (03), `training` (04), `evaluation`
(05 and 06), `tuning` (07), `adaptation` (08), `detection` (09). `demo` renders the built-in data set. `plots` draws all
figures. `lessons` holds demonstrations and exercises. `reporting` writes the reports, and `pages` styles them.
`editions` writes the notebooks for workshops, Colab and Kaggle, and `platforms` sets those up. `workspace` stores the
results of a run, `notebook` displays figures and tables, and `doctor` checks the machine.
"""

import os

__version__ = "0.1.0"

# TensorFlow reads this variable once, when TensorFlow is first imported. Without the variable, TensorFlow's messages
# about CUDA, CPU instructions and graph rewriting appear in every notebook. Errors are still raised as exceptions. A
# value set by the user is kept.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

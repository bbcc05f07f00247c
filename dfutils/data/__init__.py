"""The code of notebook 01: list the clips of a data set, with their labels, groups and split."""

from dfutils.data.catalog import read_catalog
from dfutils.data.completeness import CatalogCheck, check_catalog
from dfutils.data.kaggle import fetch, locate
from dfutils.data.layouts import LAYOUTS
from dfutils.data.layouts.faceforensics import compression_of
from dfutils.data.splits import assign_splits, check_parts, folds
from dfutils.tables import Catalog

__all__ = [
    "LAYOUTS",
    "Catalog",
    "CatalogCheck",
    "assign_splits",
    "check_catalog",
    "check_parts",
    "compression_of",
    "fetch",
    "folds",
    "locate",
    "read_catalog",
]

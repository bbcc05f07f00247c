"""Notebook 01: which clips there are, their labels, groups and split, and what could leak."""

from dfutils.data.audit import audit, by_finding
from dfutils.data.catalog import read_catalog
from dfutils.data.fetch import fetch, locate
from dfutils.data.layouts import LAYOUTS
from dfutils.data.leak import demonstrate_leak
from dfutils.data.splits import assign_splits, check_parts, folds

__all__ = [
    "LAYOUTS",
    "assign_splits",
    "audit",
    "by_finding",
    "check_parts",
    "demonstrate_leak",
    "fetch",
    "folds",
    "locate",
    "read_catalog",
]

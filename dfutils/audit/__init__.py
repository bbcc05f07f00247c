"""Notebook 01: what in a data set would make a detector look better than it is."""

from dfutils.audit.findings import audit_catalog, by_finding

__all__ = [
    "audit_catalog",
    "by_finding",
]

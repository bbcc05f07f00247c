"""Notebook 01: find what in a data set makes a detector look better than it is."""

from dfutils.audit.catalog_audit import Audit, audit_catalog

__all__ = [
    "Audit",
    "audit_catalog",
]

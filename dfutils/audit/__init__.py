"""The code of notebook 01: find problems in a data set that make test scores too good."""

from dfutils.audit.catalog_audit import Audit, audit_catalog

__all__ = [
    "Audit",
    "audit_catalog",
]

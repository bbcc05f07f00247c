"""papermill runs the series, and this room turns it into pages people want to read."""

from dfutils.reporting.runner import Report, write_report

__all__ = [
    "Report",
    "write_report",
]

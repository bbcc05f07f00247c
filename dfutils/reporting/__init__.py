"""Run the notebooks with papermill, and turn them into HTML pages."""

from dfutils.reporting.runner import Report, write_report

__all__ = [
    "Report",
    "write_report",
]

"""Run the notebooks with papermill, and convert them to HTML pages."""

from dfutils.reporting.runner import Report, write_report

__all__ = [
    "Report",
    "write_report",
]

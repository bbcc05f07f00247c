"""Run the notebooks with papermill, and convert them to HTML pages."""

from dfutils.reporting.runner import Report, write_report
from dfutils.reporting.selection import find_series

__all__ = [
    "Report",
    "find_series",
    "write_report",
]

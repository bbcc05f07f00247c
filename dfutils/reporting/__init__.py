"""Run the notebooks with papermill, convert them to HTML pages, and compare reports."""

from dfutils.reporting.comparison import ReportComparison, compare_reports
from dfutils.reporting.runner import Report, write_report
from dfutils.reporting.selection import find_series

__all__ = [
    "Report",
    "ReportComparison",
    "compare_reports",
    "find_series",
    "write_report",
]

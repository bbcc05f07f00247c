"""papermill runs the series, and this room turns it into pages people want to read."""

from dfutils.reporting.outputs import banner, record
from dfutils.reporting.runner import Report, write_report

__all__ = ["Report", "banner", "record", "write_report"]

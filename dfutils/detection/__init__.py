"""Save detectors with what their verdicts need, and judge new files with them."""

from dfutils.detection.choice import choose_best, newest_best
from dfutils.detection.detection import Detection
from dfutils.detection.detector import Detector
from dfutils.detection.file_pages import PageFolder, render_file
from dfutils.detection.saving import calibrate_and_save
from dfutils.detection.upload_button import Upload, show_upload_button

__all__ = [
    "Detection",
    "Detector",
    "PageFolder",
    "Upload",
    "calibrate_and_save",
    "choose_best",
    "newest_best",
    "render_file",
    "show_upload_button",
]

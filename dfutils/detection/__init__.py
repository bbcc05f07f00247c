"""Save detectors with what their verdicts need, and judge new files with them."""

from dfutils.detection.choice import choose_best, newest_best
from dfutils.detection.detection import Detection
from dfutils.detection.detector import Detector
from dfutils.detection.saving import calibrate_and_save

__all__ = ["Detection", "Detector", "calibrate_and_save", "choose_best", "newest_best"]

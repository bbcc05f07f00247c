"""Every figure of the series: one palette, and alternative text computed from what is drawn."""

from dfutils.plots.common import image_grid, intervals, neighbours
from dfutils.plots.data_loading import face_grid, forgeries, group_sides, media_facts, split_counts
from dfutils.plots.evaluation import (
    confusion_matrix,
    metric_intervals,
    reliability,
    roc_curves,
    score_distribution,
    threshold_costs,
)
from dfutils.plots.feature_caching import projection
from dfutils.plots.frame_extraction import crop_pairs, faces_found, frames_with_boxes, sampling_lines
from dfutils.plots.generalization import robustness
from dfutils.plots.gru_training import learning_curves, mask_picture, seed_curves, values_by_method
from dfutils.plots.style import CLASS_COLOURS, CLASS_NAMES, STYLE, new_figure, to_png
from dfutils.plots.tuner_search import parallel_coordinates, seed_pairs, trials

__all__ = [
    "CLASS_COLOURS",
    "CLASS_NAMES",
    "STYLE",
    "confusion_matrix",
    "crop_pairs",
    "face_grid",
    "faces_found",
    "forgeries",
    "frames_with_boxes",
    "group_sides",
    "image_grid",
    "intervals",
    "learning_curves",
    "mask_picture",
    "media_facts",
    "metric_intervals",
    "neighbours",
    "new_figure",
    "parallel_coordinates",
    "projection",
    "reliability",
    "robustness",
    "roc_curves",
    "sampling_lines",
    "score_distribution",
    "seed_curves",
    "seed_pairs",
    "split_counts",
    "threshold_costs",
    "to_png",
    "trials",
    "values_by_method",
]

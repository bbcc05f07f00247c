"""Draw the figures of all notebooks. Every figure has alternative text that describes what is drawn."""

from dfutils.plots.adapted_backbone import adaptation_curves
from dfutils.plots.common import image_grid, neighbours
from dfutils.plots.data_loading import face_grid, forgeries, media_facts, person_pairs
from dfutils.plots.evaluation import confusion_matrix, mistakes, roc_curves, score_distribution
from dfutils.plots.feature_caching import nearest_crops, projection
from dfutils.plots.frame_extraction import (
    crop_pairs,
    faces_found,
    frames_with_boxes,
    sampled_frames,
    sampling_lines,
)
from dfutils.plots.generalization import left_out, robustness, training_on_copies
from dfutils.plots.gru_training import learning_curves, mask_picture, seed_curves, values_by_method
from dfutils.plots.overview import pipeline
from dfutils.plots.splits import group_sides, split_counts
from dfutils.plots.style import (
    CLASS_COLOURS,
    CLASS_NAMES,
    STYLE,
    DescribedFigure,
    empty_figure,
    new_figure,
    to_png,
    to_webp,
)
from dfutils.plots.thresholds import reliability, threshold_costs
from dfutils.plots.tuner_search import parallel_coordinates, seed_pairs, trials
from dfutils.plots.uncertainty import intervals, metric_intervals
from dfutils.plots.verdicts import evidence, verdict_map

__all__ = [
    "CLASS_COLOURS",
    "CLASS_NAMES",
    "STYLE",
    "DescribedFigure",
    "adaptation_curves",
    "confusion_matrix",
    "crop_pairs",
    "empty_figure",
    "evidence",
    "face_grid",
    "faces_found",
    "forgeries",
    "frames_with_boxes",
    "group_sides",
    "image_grid",
    "intervals",
    "learning_curves",
    "left_out",
    "mask_picture",
    "media_facts",
    "metric_intervals",
    "mistakes",
    "nearest_crops",
    "neighbours",
    "new_figure",
    "parallel_coordinates",
    "person_pairs",
    "pipeline",
    "projection",
    "reliability",
    "robustness",
    "roc_curves",
    "sampled_frames",
    "sampling_lines",
    "score_distribution",
    "seed_curves",
    "seed_pairs",
    "split_counts",
    "threshold_costs",
    "to_png",
    "to_webp",
    "training_on_copies",
    "trials",
    "values_by_method",
    "verdict_map",
]

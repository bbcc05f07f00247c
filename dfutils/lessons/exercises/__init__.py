"""Check the answers to the exercises: each function prints whether an answer is right, or what helps."""

from dfutils.lessons.answers import list_statements
from dfutils.lessons.exercises.adapted_backbone import blend_parts, blended, pairs_in_order, passes
from dfutils.lessons.exercises.data_loading import find_leaks, majority_line, plant_leaks, shared_groups
from dfutils.lessons.exercises.detection import share_unsure, wrong_without_unsure
from dfutils.lessons.exercises.evaluation import balanced_accuracy, equal_error_rate, precision_at_base_rate
from dfutils.lessons.exercises.feature_caching import (
    CHANGES,
    bytes_per_clip,
    crops_without_cache,
    mask_of_lengths,
    needs_extraction,
)
from dfutils.lessons.exercises.frame_extraction import crop_side, first_sample, predicted_statuses, two_frames
from dfutils.lessons.exercises.generalization import PROTOCOLS, leaking_protocols, share_lost, times_scored
from dfutils.lessons.exercises.gru_training import constant_scores, gru_parameters, weight_updates
from dfutils.lessons.exercises.tuner_search import best_of_many, full_grid, seed_spread

__all__ = [
    "CHANGES",
    "PROTOCOLS",
    "balanced_accuracy",
    "best_of_many",
    "blend_parts",
    "blended",
    "bytes_per_clip",
    "constant_scores",
    "crop_side",
    "crops_without_cache",
    "equal_error_rate",
    "find_leaks",
    "first_sample",
    "full_grid",
    "gru_parameters",
    "leaking_protocols",
    "list_statements",
    "majority_line",
    "mask_of_lengths",
    "needs_extraction",
    "pairs_in_order",
    "passes",
    "plant_leaks",
    "precision_at_base_rate",
    "predicted_statuses",
    "seed_spread",
    "share_lost",
    "share_unsure",
    "shared_groups",
    "times_scored",
    "two_frames",
    "weight_updates",
    "wrong_without_unsure",
]

"""What only the notebooks need: demonstrations of leaks and of the cache, altered clips, and exercises."""

from dfutils.lessons import exercises
from dfutils.lessons.altered_clips import break_copies, place_side_by_side
from dfutils.lessons.blending import BlendExamples, blend_examples
from dfutils.lessons.cache import compare_cold_and_warm, demonstrate_cache, fingerprint_changes
from dfutils.lessons.leak import demonstrate_leak
from dfutils.lessons.mask_check import MaskCheck, compare_with_mask
from dfutils.lessons.projection import (
    ExplainedShare,
    Neighbour,
    Projection,
    explained_share,
    nearest_frames,
    project,
)
from dfutils.lessons.removal import Removal, compare_removals

__all__ = [
    "BlendExamples",
    "ExplainedShare",
    "MaskCheck",
    "Neighbour",
    "Projection",
    "Removal",
    "blend_examples",
    "break_copies",
    "compare_cold_and_warm",
    "compare_removals",
    "compare_with_mask",
    "demonstrate_cache",
    "demonstrate_leak",
    "exercises",
    "explained_share",
    "fingerprint_changes",
    "nearest_frames",
    "place_side_by_side",
    "project",
]

"""What only the teaching needs: demonstrations of leaks and caches, altered clips, exercises."""

from dfutils.lessons import exercises
from dfutils.lessons.altered_clips import break_copies, place_side_by_side
from dfutils.lessons.cache import demonstrate_cache
from dfutils.lessons.leak import demonstrate_leak
from dfutils.lessons.projection import explained_share, nearest_frames, project

__all__ = [
    "break_copies",
    "demonstrate_cache",
    "demonstrate_leak",
    "exercises",
    "explained_share",
    "nearest_frames",
    "place_side_by_side",
    "project",
]

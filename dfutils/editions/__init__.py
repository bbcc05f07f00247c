"""Write editions of the notebooks, such as those for a workshop."""

from dfutils.editions.workshop import write_workshop

__all__ = [
    "write_workshop",
]

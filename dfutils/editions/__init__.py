"""Write editions of the notebooks: for a workshop, and for upload to Colab or Kaggle."""

from dfutils.editions.upload import write_uploads
from dfutils.editions.wheels import build_wheel, write_wheels
from dfutils.editions.workshop import write_workshop

__all__ = [
    "build_wheel",
    "write_uploads",
    "write_wheels",
    "write_workshop",
]

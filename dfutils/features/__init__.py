"""Notebook 03: face crops to cached InceptionV3 features."""

from dfutils.features.backbone import Backbone, Weights, resolve_weights
from dfutils.features.demonstration import demonstrate_cache
from dfutils.features.extraction import extract, extract_clip, store_clip
from dfutils.features.loading import FeatureSet, load
from dfutils.features.projection import explained_share, nearest_frames, project
from dfutils.features.settings import ExtractionSettings

__all__ = [
    "Backbone",
    "ExtractionSettings",
    "FeatureSet",
    "Weights",
    "demonstrate_cache",
    "explained_share",
    "extract",
    "extract_clip",
    "load",
    "nearest_frames",
    "project",
    "resolve_weights",
    "store_clip",
]

"""Notebook 03: face crops to cached InceptionV3 features."""

from dfutils.features.backbone import Backbone, Weights, resolve_weights
from dfutils.features.extraction import FeatureSet, extract, load
from dfutils.features.projection import explained_share, project
from dfutils.features.settings import ExtractionSettings

__all__ = [
    "Backbone",
    "ExtractionSettings",
    "FeatureSet",
    "Weights",
    "explained_share",
    "extract",
    "load",
    "project",
    "resolve_weights",
]

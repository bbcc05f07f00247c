"""Compute InceptionV3 features of face crops, store them and load them, as in notebook 03."""

from dfutils.features.backbone import build_backbone
from dfutils.features.backbone_settings import Backbone
from dfutils.features.degraded_copies import add_copies, load_degraded
from dfutils.features.extraction import Extraction, extract, extract_clip, store_clip
from dfutils.features.feature_set import FeatureSet
from dfutils.features.loading import load
from dfutils.features.packed_features import PackedFeatures
from dfutils.features.precision import fastest_precision
from dfutils.features.settings import ExtractionSettings
from dfutils.features.store import StoredClip
from dfutils.features.view import View
from dfutils.features.weights import Weights, resolve_weights

__all__ = [
    "Backbone",
    "Extraction",
    "ExtractionSettings",
    "FeatureSet",
    "PackedFeatures",
    "StoredClip",
    "View",
    "Weights",
    "add_copies",
    "build_backbone",
    "extract",
    "extract_clip",
    "fastest_precision",
    "load",
    "load_degraded",
    "resolve_weights",
    "store_clip",
]

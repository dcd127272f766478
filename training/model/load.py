"""Loads a model under its own guideline, so that a model of an older version can be compared with its successor.

The device accepts only models of the latest guideline.
"""

from pathlib import Path

import label_schema
from edge.detection.classifier import Classifier, ModelCard
from label_schema import Guideline, GuidelineError
from training.model.onnx_metadata import read_metadata


def open_model(model: Path) -> Classifier:
    """Load a classifier under its guideline; ModelError where the file is not a model of hushd."""
    return Classifier.load(model, _guideline_of(model))


def _guideline_of(model: Path) -> Guideline:
    try:
        return label_schema.load(ModelCard.from_metadata(read_metadata(model)).schema_version)
    except (KeyError, ValueError, TypeError, AttributeError, GuidelineError):
        return label_schema.load()  # loading then fails with an error line

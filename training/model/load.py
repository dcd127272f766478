"""A model under the guideline that taught it: one of an older version can still be judged beside its successor.

The device takes models of its own guideline only; the workshop must hear both sides of a change.
"""

from pathlib import Path

import label_schema
from edge.detection.classifier import Classifier, ModelCard
from label_schema import Guideline, GuidelineError
from training.model.onnx_metadata import read_metadata


def open_model(model: Path) -> Classifier:
    """Ready to listen; ModelError where the file is no model of hushd's."""
    return Classifier.load(model, _taught_by(model))


def _taught_by(model: Path) -> Guideline:
    try:
        return label_schema.load(ModelCard.from_metadata(read_metadata(model)).schema_version)
    except (KeyError, ValueError, TypeError, AttributeError, GuidelineError):
        return label_schema.load()  # with which loading fails, and says why

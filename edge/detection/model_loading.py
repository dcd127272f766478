"""Finds and loads the model, and picks its operating point."""

import sysconfig
from pathlib import Path

import label_schema
from edge.detection.classifier import Classifier, ModelCard, OperatingPoint
from edge.detection.decision_settings import Sensitivity
from edge.errors import ModelError


def shipped_model() -> Path:
    """Return the model that came with hushd: beside the sources in a checkout, otherwise where the package put it."""
    checkout = Path(__file__).parents[2] / "models"
    models = checkout if checkout.is_dir() else Path(sysconfig.get_path("data")) / "share" / "hushd" / "models"
    try:
        return models / (models / "current").read_text(encoding="utf-8").strip() / "model.onnx"
    except OSError as error:
        raise ModelError(
            f"the shipped model is missing ({models}/current: {error.strerror}): name one with --model"
        ) from None


def load_classifier(model: Path | None = None) -> Classifier:
    """Load the model file, or the one in this folder, or the shipped one; raise ModelError where it does not fit."""
    path, guideline = model or shipped_model(), label_schema.load()
    try:
        return Classifier.load(path / "model.onnx" if path.is_dir() else path, guideline)
    except OSError as error:  # no permission for the folder, or a name that is too long
        raise ModelError(f"model {path} cannot be read: {error.strerror}") from None


def operating_point(card: ModelCard, sensitivity: Sensitivity) -> OperatingPoint:
    """Return the model's operating point of this name; raise ModelError where it has none."""
    if sensitivity not in card.operating_points:
        known = " or ".join(card.operating_points)
        raise ModelError(f"model {card.model_id} was not measured at {sensitivity} sensitivity: set it to {known}")
    return card.operating_points[sensitivity]

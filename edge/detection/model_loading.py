"""How a configuration hears: which model, at which of its operating points."""

import sysconfig
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import label_schema
from edge.config.configuration import Configuration
from edge.detection.classifier import Classifier, ModelCard
from edge.detection.decision import Decision
from edge.detection.decision_settings import Sensitivity, Thresholds
from edge.errors import ModelError


def shipped_model() -> Path:
    """The model that came with hushd: beside the sources in a checkout, else where the package put it."""
    checkout = Path(__file__).parents[2] / "models"
    models = checkout if checkout.is_dir() else Path(sysconfig.get_path("data")) / "share" / "hushd" / "models"
    try:
        return models / (models / "current").read_text(encoding="utf-8").strip() / "model.onnx"
    except OSError as error:
        raise ModelError(f"no model came with this hushd ({models}/current: {error.strerror}): use --model") from None


def load_classifier(configuration: Configuration) -> Classifier:
    """The configured model, else the shipped one; ModelError where it does not fit."""
    path, guideline = configuration.model or shipped_model(), label_schema.load()
    try:
        return Classifier.load(path / "model.onnx" if path.is_dir() else path, guideline)
    except OSError as error:  # a folder that is closed to us, a name that is too long
        raise ModelError(f"model {path} cannot be read: {error.strerror}") from None


def thresholds(sensitivity: Sensitivity, card: ModelCard) -> Thresholds:
    """The operating point of that name; ModelError where the model has none."""
    if sensitivity not in card.operating_points:
        known = " or ".join(card.operating_points)
        raise ModelError(f"model {card.model_id} was not measured at {sensitivity} sensitivity: set it to {known}")
    point = card.operating_points[sensitivity]
    return Thresholds(point.cry_threshold, point.soothing_threshold)


def new_decision(
    configuration: Configuration, card: ModelCard, new_episode_id: Callable[[], str] = lambda: uuid4().hex
) -> Decision:
    """A decision that has heard nothing yet."""
    chosen = thresholds(configuration.sensitivity, card)
    return Decision(configuration.decision, chosen, configuration.hop_s, new_episode_id)

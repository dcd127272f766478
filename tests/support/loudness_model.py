"""A model file that hears crying in whatever is loud: it fits hushd in every respect and needs no training."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import label_schema
from edge.detection import features
from edge.detection.classifier import WINDOW_STEPS, OperatingPoint

_WIDTH = 1
_THRESHOLD = -7.0
"""Mean log-mel of the newest frames between a quiet room (about -12) and a loud sound (about -3)."""


def metadata(**changes: Any) -> dict[str, Any]:
    """What a fitting model says of itself."""
    guideline = label_schema.load()
    point = asdict(OperatingPoint(0.5, 0.5, false_alerts_per_night=0.5, missed_per_100=3.0))
    return {
        "model_id": "loudness-1",
        "schema_version": guideline.version,
        "schema_digest": guideline.digest,
        "labels": [label.name for label in guideline.labels],
        "feature_fingerprint": features.FINGERPRINT,
        "operating_points": {"low": point, "normal": point, "high": point},
        "training_data": "none",
        "licence": "Apache-2.0",
    } | changes


def write(path: Path, said: dict[str, Any] | None) -> Path:
    """The model at ``path``, with this metadata; None leaves it out."""
    labels = [label.name for label in label_schema.load().labels]
    # logits = slope * (mean log-mel - threshold), for crying up, for none down, for the others far below
    slope = np.array([[{"crying": 2.0, "none": -2.0}.get(label, 0.0) for label in labels]], np.float32)
    offset = np.array([[0.0 if label in ("crying", "none") else -20.0 for label in labels]], np.float32)
    constants = {
        "slope": slope,
        "offset": offset - slope * np.float32(_THRESHOLD),
        "one": np.array([1, 1], np.int64),
    }
    nodes = [
        helper.make_node("ReduceMean", ["frames"], ["mean"], keepdims=0),
        helper.make_node("Reshape", ["mean", "one"], ["level"]),
        helper.make_node("MatMul", ["level", "slope"], ["rising"]),
        helper.make_node("Add", ["rising", "offset"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"]),
        helper.make_node("Identity", ["past"], ["recent"]),
    ]
    past = [1, WINDOW_STEPS, _WIDTH]
    graph = helper.make_graph(
        nodes,
        "loudness",
        [_tensor("frames", [1, "frames", features.MELS]), _tensor("past", past)],
        [_tensor("probabilities", [1, len(labels)]), _tensor("recent", past)],
        [numpy_helper.from_array(values, name) for name, values in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    if said is not None:
        helper.set_model_props(model, {"hushd": json.dumps(said)})
    onnx.save(model, path)
    return path


def _tensor(name: str, shape: list[Any]) -> Any:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)

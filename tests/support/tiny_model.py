"""A model of random weights, exported as a real one is: quick to make, and it needs no data."""

import warnings
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch import nn

import label_schema
from edge.detection import features
from edge.detection.classifier import CONTEXT_FRAMES, WINDOW_FRAMES, ModelCard, OperatingPoint
from training.model.network import CryNet
from training.model.onnx_export import export

GUIDELINE = label_schema.load()
LABELS = tuple(label.name for label in GUIDELINE.labels)
POINT = OperatingPoint(cry_threshold=0.5, soothing_threshold=0.5, false_alerts_per_night=0.25, missed_per_100=2.0)
CARD = ModelCard(
    model_id="random",
    schema_version=GUIDELINE.version,
    schema_digest=GUIDELINE.digest,
    labels=LABELS,
    feature_fingerprint=features.FINGERPRINT,
    operating_points={"low": POINT, "normal": POINT, "high": POINT},
    training_data="0" * 64,
    licence="Apache-2.0",
)


@cache
def random_net() -> CryNet:
    """Random weights, as lively as trained ones: batch norms that do something, scores that differ between sounds."""
    torch.manual_seed(0)
    net = CryNet(len(LABELS), tags=2)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d | nn.BatchNorm1d):
            nn.init.normal_(module.running_mean, 0.0, 0.2)  # type: ignore[arg-type] # this net's norms keep statistics
            nn.init.uniform_(module.running_var, 0.1, 0.4)  # type: ignore[arg-type]
    net.eval()
    last = net.label[-1]
    assert isinstance(last, nn.Linear)
    levels = torch.linspace(features.SILENCE, 0, 40)[:, None, None]
    with torch.no_grad():
        logits, _ = net.classify(net.embed(levels + torch.randn(40, CONTEXT_FRAMES + WINDOW_FRAMES, features.MELS)))
        spread, center = torch.std_mean(logits, dim=0)
        last.weight *= 2 / spread[:, None]
        last.bias.copy_((last.bias - center) * 2 / spread)
    return net


@cache
def model_bytes() -> bytes:
    """The file that ``export`` makes of :func:`random_net` and ``CARD``."""
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's exporter warns of its own insides
        path = Path(folder) / "model.onnx"
        export(random_net(), CARD, path)
        return path.read_bytes()

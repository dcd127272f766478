"""A model of random weights, exported as a real one is; it needs no data.

PyTorch, which takes seconds to load, is loaded by the first function that needs it.
"""

import warnings
from functools import cache
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import label_schema
from edge.detection import features
from edge.detection.classifier import CONTEXT_FRAMES, WINDOW_FRAMES, ModelCard, OperatingPoint
from tests.support.make_once import file_once
from training.storage.paths import REPOSITORY

if TYPE_CHECKING:
    from training.model.network import CryNet

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
def random_net() -> "CryNet":
    """Random weights, as lively as trained ones: batch norms that do something, scores that differ between sounds."""
    import torch  # noqa: PLC0415 - slow to load
    from torch import nn  # noqa: PLC0415

    from training.model.network import CryNet  # noqa: PLC0415 - loads PyTorch

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
    """Return the file that ``export`` makes of :func:`random_net` and ``CARD``; made again when its sources change."""
    sources = [Path(__file__)]
    for package in ("training/model", "edge/detection", "label_schema"):
        sources += [path for path in (REPOSITORY / package).rglob("*") if path.suffix in {".py", ".yaml"}]
    versions = [f"{name} {version(name)}" for name in ("torch", "onnx", "onnxscript", "numpy")]
    return file_once("tiny_model.onnx", sources, versions, export_random_net)


def export_random_net() -> bytes:
    """Return the content of the ONNX file of :func:`random_net`."""
    from training.model.onnx_export import export  # noqa: PLC0415 - loads PyTorch

    with TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's exporter warns of its own insides
        path = Path(folder) / "model.onnx"
        export(random_net(), CARD, path)
        return path.read_bytes()

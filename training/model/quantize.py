"""Quantization: the same model in 8-bit integers, smaller, and faster on cores with 8-bit arithmetic.

Static quantization, symmetric weights per channel, with ranges measured on dev scenes in the device's hops.
``evaluate`` and ``nights`` measure the quantized file itself, and the better file ships.
"""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

import label_schema
from edge.detection import features
from edge.detection.classifier import CONTEXT_FRAMES, STEP_FRAMES, Classifier
from edge.errors import ModelError
from edge.records import FloatArray
from training.model.onnx_export import write_model
from training.synthesis.feature_shards import load_shard

HOP_FRAMES = 4 * STEP_FRAMES


class _Scenes(CalibrationDataReader):  # type: ignore[misc] # onnxruntime ships no types
    """The graph's inputs while it runs over scenes, hop by hop."""

    def __init__(self, model: Path, scenes: Sequence[FloatArray]) -> None:
        self._session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
        self._feeds = self._iterate_feeds(scenes)

    def get_next(self) -> dict[str, FloatArray] | None:
        return next(self._feeds, None)

    def _iterate_feeds(self, scenes: Sequence[FloatArray]) -> Iterator[dict[str, FloatArray]]:
        for scene in scenes:
            silence = np.full((CONTEXT_FRAMES, features.MELS), features.SILENCE, np.float32)
            frames = np.concatenate([silence, scene])
            past = np.zeros(self._session.get_inputs()[1].shape, np.float32)
            for start in range(0, len(scene) - HOP_FRAMES + 1, HOP_FRAMES):
                feed = {"frames": frames[None, start : start + CONTEXT_FRAMES + HOP_FRAMES], "past": past}
                yield feed
                past = self._session.run(["recent"], feed)[0]


def is_quantized(model: Path) -> bool:
    """Return whether the file computes in 8 bits."""
    return any(node.op_type == "DequantizeLinear" for node in onnx.load(model).graph.node)


def refuse_quantized(model: Path) -> None:
    """Raise ModelError where the file is not a model of hushd, or is quantized already."""
    Classifier.load(model, label_schema.load())
    if is_quantized(model):
        raise ModelError(f"{model} is in 8 bits already: name the float32 model that it was made from")


def quantize(model: Path, dev_shards: Sequence[Path], out: Path) -> None:
    """Quantize ``model`` to ``out`` with its card, calibrated on the scenes of ``dev_shards``."""
    card = Classifier.load(model, label_schema.load()).card
    out.parent.mkdir(parents=True, exist_ok=True)
    scenes = [scene for shard in dev_shards for scene in load_shard(shard)[0]]
    with tempfile.TemporaryDirectory() as folder:
        plain, small = Path(folder, "plain.onnx"), Path(folder, "small.onnx")
        quant_pre_process(model, plain, skip_symbolic_shape=True)
        quantize_static(
            plain,
            small,
            _Scenes(plain, scenes),
            quant_format=QuantFormat.QDQ,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            # Seven bits a weight: x86 cores without VNNI add two products in 16 bits, which eight would overflow.
            reduce_range=True,
            calibrate_method=CalibrationMethod.MinMax,
            nodes_to_exclude=_probabilities(plain),
        )
        write_model(onnx.load(small), card, out)


def _probabilities(model: Path) -> list[str]:
    """Return the nodes from logits to probabilities, which stay float: in steps of 1/255 they would not sum to one."""
    nodes = onnx.load(model).graph.node
    first = next(place for place, node in enumerate(nodes) if node.op_type == "Softmax")
    return [node.name for node in nodes[first:]]

"""Export of the network as the device's ONNX file with its metadata, and import from it."""

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

from edge.detection import features
from edge.detection.classifier import CONTEXT_FRAMES, STEP_FRAMES, WINDOW_STEPS, ModelCard
from edge.errors import ModelError
from training.model.network import WIDTH, CryNet, Streaming
from training.storage.atomic import write_whole

OPSET = 18


def export(net: CryNet, card: ModelCard, path: Path) -> None:
    """Write one float32 file atomically; the exporter folds batch norms into convolutions."""
    contiguous: CryNet = net.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    write_model(graph(Streaming(contiguous), WIDTH), card, path)


def graph(streaming: nn.Module, width: int) -> onnx.ModelProto:
    """Export the device's graph without metadata; ``width`` is the size of its embeddings."""
    frames = torch.full((1, CONTEXT_FRAMES + 4 * STEP_FRAMES, features.MELS), features.SILENCE)
    past = torch.zeros(1, WINDOW_STEPS, width)
    steps = torch.export.Dim("steps", min=1, max=4 * WINDOW_STEPS)
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # it warns of parts of torchvision that are not used here
    program = torch.onnx.export(
        streaming.eval(),
        (frames, past),
        input_names=["frames", "past"],
        output_names=["probabilities", "recent"],
        dynamic_shapes={"frames": {1: STEP_FRAMES * steps + CONTEXT_FRAMES}, "past": None},
        opset_version=OPSET,
        dynamo=True,
        verbose=False,
    )
    assert program is not None
    return program.model_proto


def write_model(model: onnx.ModelProto, card: ModelCard, path: Path, more: Mapping[str, str] | None = None) -> None:
    """Write the graph atomically, with its card and ``more`` as metadata.

    onnx.checker.ValidationError where the graph is not valid.
    """
    _remove_debug_metadata(model)
    onnx.helper.set_model_props(model, {"hushd": json.dumps(asdict(card)), **(more or {})})
    onnx.checker.check_model(model)
    write_whole(path, model.SerializeToString())


def _remove_debug_metadata(model: onnx.ModelProto) -> None:
    """Remove the exporter's debug metadata: local file paths and line numbers."""
    graph = model.graph
    for part in (model, graph, *graph.node, *graph.value_info, *graph.initializer, *graph.input, *graph.output):
        del part.metadata_props[:]
        part.doc_string = ""


def net_of(file: Path, labels: int) -> CryNet:
    """Load the network that :func:`export` wrote; ModelError for a file of another network.

    Its batch norms are folded into the convolutions before them, and its training head is random.
    """
    model = onnx.load(file)
    stored = {each.name: onnx.numpy_helper.to_array(each) for each in model.graph.initializer}
    net = CryNet(labels, tags=1).eval()
    try:
        stored["net.project.0.weight"] = next(
            stored[node.input[1]].T for node in model.graph.node if node.op_type == "MatMul"
        )
        for name, module in net.named_modules():
            if isinstance(module, nn.Conv1d | nn.Conv2d | nn.Linear) and name != "aside":
                _fill(module.weight, stored[f"net.{name}.weight"])
                if module.bias is not None:
                    _fill(module.bias, stored[f"net.{name}.bias"])
            elif isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
                before, _, number = name.rpartition(".")
                _fill(module.bias, stored[f"net.{before}.{int(number) - 1}.weight_bias"])
                _fill(module.running_var, torch.full_like(module.weight, 1 - module.eps).numpy())
    except (KeyError, StopIteration, ValueError) as error:
        raise ModelError(f"{file} is not a single float32 net: combine only models that `train` made") from error
    return net


@torch.no_grad()
def _fill(weights: Tensor | None, values: object) -> None:
    assert weights is not None
    given = torch.tensor(values)
    if given.shape != weights.shape:
        raise ValueError(f"weights of shape {tuple(given.shape)} instead of {tuple(weights.shape)}")
    weights.copy_(given)

"""The device's ONNX file: its scores equal torch's, its metadata is the card, and it is written atomically."""

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from edge.detection import features
from edge.detection.classifier import CONTEXT_FRAMES, STEP_FRAMES, WINDOW_STEPS, ModelCard
from edge.errors import ModelError
from tests.support.tiny_model import CARD, LABELS, model_bytes, random_net
from training.model.network import WIDTH, Streaming, scene_windows
from training.model.onnx_export import net_of, write_model


@pytest.fixture(scope="module")
def session() -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(model_bytes(), providers=["CPUExecutionProvider"])


@torch.no_grad()
@pytest.mark.parametrize("steps", [1, 2, 4, 7, 20])
def test_onnx_equals_torch(session: onnxruntime.InferenceSession, steps: int) -> None:
    rng = np.random.default_rng(steps)
    frames = rng.normal(-8, 3, (1, CONTEXT_FRAMES + STEP_FRAMES * steps, features.MELS)).astype(np.float32)
    past = rng.exponential(0.5, (1, WINDOW_STEPS, WIDTH)).astype(np.float32)
    probabilities, recent = session.run(None, {"frames": frames, "past": past})
    expected, expected_recent = Streaming(random_net())(torch.from_numpy(frames), torch.from_numpy(past))
    np.testing.assert_allclose(probabilities, expected.numpy(), rtol=0, atol=1e-4)
    np.testing.assert_allclose(recent, expected_recent.numpy(), rtol=0, atol=1e-4)
    assert probabilities.shape == (1, len(LABELS))
    assert probabilities.sum() == pytest.approx(1, abs=1e-5)


def test_scores_differ_between_sounds(session: onnxruntime.InferenceSession) -> None:
    """Otherwise the equality above would not be a test."""
    past = np.zeros((1, WINDOW_STEPS, WIDTH), np.float32)
    levels = np.linspace(features.SILENCE, 0, 5, dtype=np.float32)
    inputs = [np.full((1, CONTEXT_FRAMES + 20 * STEP_FRAMES, features.MELS), level, np.float32) for level in levels]
    scores = np.concatenate([session.run(None, {"frames": frames, "past": past})[0] for frames in inputs])
    assert np.ptp(scores, axis=0).max() > 0.2


def test_the_card_is_in_the_file(session: onnxruntime.InferenceSession) -> None:
    metadata = session.get_modelmeta().custom_metadata_map
    assert set(metadata) == {"hushd"}
    assert ModelCard.from_metadata(metadata) == CARD


def test_weights_are_inside_and_float32() -> None:
    graph = onnx.load_from_string(model_bytes()).graph
    assert not [each.name for each in graph.initializer if each.external_data]
    assert {each.data_type for each in graph.initializer} <= {onnx.TensorProto.FLOAT, onnx.TensorProto.INT64}
    assert {node.op_type for node in graph.node}.isdisjoint({"BatchNormalization", "Dropout"})


def test_the_file_holds_no_local_paths() -> None:
    assert b"site-packages" not in model_bytes()
    assert b"network.py" not in model_bytes()


def test_a_second_card_replaces_the_first(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    model = onnx.load_from_string(model_bytes())
    write_model(model, CARD, path)
    assert [(each.key, json.loads(each.value)["model_id"]) for each in model.metadata_props] == [("hushd", "random")]
    assert [each.name for each in tmp_path.iterdir()] == ["model.onnx"]


def test_a_broken_graph_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(model_bytes())
    broken = onnx.load_from_string(model_bytes())
    broken.graph.node[0].op_type = "NoSuchOperator"
    with pytest.raises(onnx.checker.ValidationError):
        write_model(broken, CARD, path)
    assert path.read_bytes() == model_bytes()
    assert [each.name for each in tmp_path.iterdir()] == ["model.onnx"]


@torch.no_grad()
def test_an_imported_network_has_the_same_logits(tmp_path: Path) -> None:
    file = tmp_path / "model.onnx"
    file.write_bytes(model_bytes())
    frames = torch.from_numpy(np.random.default_rng(3).normal(-8, 3, (4, 512, features.MELS)).astype(np.float32))
    read = net_of(file, len(LABELS))
    (logits, _), (expected, _) = (scene_windows(net, frames, every_steps=4) for net in (read, random_net()))
    torch.testing.assert_close(logits, expected, rtol=0, atol=1e-3)


@pytest.mark.parametrize("broken", ["missing", "narrow"])
def test_another_net_is_not_read(broken: str, tmp_path: Path) -> None:
    model = onnx.load_from_string(model_bytes())
    bias = next(each for each in model.graph.initializer if each.name == "net.label.1.bias")
    if broken == "missing":
        bias.name = "other"
    else:
        bias.CopyFrom(onnx.numpy_helper.from_array(onnx.numpy_helper.to_array(bias)[:-1], bias.name))
    file = tmp_path / "other.onnx"
    file.write_bytes(model.SerializeToString())
    with pytest.raises(ModelError, match=r"other\.onnx is not a single float32 net: combine only"):
        net_of(file, len(LABELS))

"""The ensemble: its probabilities are the mean of its members', hop by hop."""

import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

from edge.detection import features
from edge.detection.classifier import CONTEXT_FRAMES, STEP_FRAMES, WINDOW_STEPS
from tests.support.tiny_model import LABELS, model_bytes
from training.model.ensemble import MeanNet
from training.model.network import WIDTH
from training.model.onnx_export import graph, net_of

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def members(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The random model, and two with other weights."""
    folder = tmp_path_factory.mktemp("members")
    models = [onnx.load_from_string(model_bytes()) for _ in range(3)]
    rng = np.random.default_rng(1)
    for member in models[1:]:
        for weights in member.graph.initializer:
            values = onnx.numpy_helper.to_array(weights)
            if values.dtype == np.float32 and values.ndim:
                changed = values * rng.uniform(0.7, 1.3, values.shape).astype(np.float32)
                weights.CopyFrom(onnx.numpy_helper.from_array(changed, weights.name))
    files = [folder / f"{number}.onnx" for number in range(3)]
    for model, file in zip(models, files, strict=True):
        onnx.save(model, file)
    return files


@pytest.fixture(scope="module")
def mean(members: Sequence[Path]) -> onnx.ModelProto:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's exporter warns of its own internals
        return graph(MeanNet([net_of(each, len(LABELS)) for each in members]), len(members) * WIDTH)


def test_it_returns_the_mean_of_its_members(mean: onnx.ModelProto, members: Sequence[Path]) -> None:
    onnx.checker.check_model(mean, full_check=True)
    sessions = [onnxruntime.InferenceSession(each) for each in (mean.SerializeToString(), *members)]
    rng = np.random.default_rng(2)
    memories = [np.zeros((1, WINDOW_STEPS, width), np.float32) for width in (3 * WIDTH, WIDTH, WIDTH, WIDTH)]
    for steps in (WINDOW_STEPS, 4, 4):
        frames = rng.normal(-8, 3, (1, CONTEXT_FRAMES + steps * STEP_FRAMES, features.MELS)).astype(np.float32)
        results = [
            session.run(None, {"frames": frames, "past": memory})
            for session, memory in zip(sessions, memories, strict=True)
        ]
        (mean_probabilities, *member_probabilities), memories = (list(each) for each in zip(*results, strict=True))
        assert not any(np.allclose(member_probabilities[0], other, atol=1e-3) for other in member_probabilities[1:])
        np.testing.assert_allclose(mean_probabilities, np.mean(member_probabilities, axis=0), atol=1e-5)
        np.testing.assert_allclose(memories[0], np.concatenate(memories[1:], axis=2), atol=1e-4)


def test_its_members_share_stem_and_head(mean: onnx.ModelProto, members: Sequence[Path]) -> None:
    """Three members cost less than three models: only the encoders are not shared."""
    operators = [node.op_type for node in mean.graph.node]
    single = [node.op_type for node in onnx.load(members[0]).graph.node]
    assert operators.count("Softmax") == operators.count("ReduceMax") == operators.count("Unsqueeze") - 1 == 1
    assert operators.count("MatMul") == 3 * single.count("MatMul")
    encoder, head = 14, 8  # convolutions
    assert single.count("Conv") + single.count("Gemm") == 1 + (encoder + 1) + head
    assert operators.count("Conv") == 1 + 3 * encoder + head

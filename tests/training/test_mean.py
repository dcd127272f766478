"""The mean of several nets in one graph: what it says is the mean of what they say, hop by hop."""

import numpy as np
import onnx
import onnxruntime
import pytest

from edge import features
from edge.classifier import CONTEXT_FRAMES, STEP_FRAMES, WINDOW_STEPS
from edge.errors import ModelError
from tests.tiny_model import model_bytes
from training.mean import mean_of
from training.net import WIDTH


@pytest.fixture(scope="module")
def members() -> list[onnx.ModelProto]:
    """The random model, and one of other weights."""
    one, other = (onnx.load_from_string(model_bytes()) for _ in range(2))
    rng = np.random.default_rng(1)
    for weights in other.graph.initializer:
        values = onnx.numpy_helper.to_array(weights)
        if values.ndim > 1:
            changed = values * rng.uniform(0.7, 1.3, values.shape).astype(np.float32)
            weights.CopyFrom(onnx.numpy_helper.from_array(changed, weights.name))
    return [one, other]


def test_it_says_the_mean_of_what_they_say(members: list[onnx.ModelProto]) -> None:
    mean = mean_of(members)
    onnx.checker.check_model(mean, full_check=True)
    sessions = [onnxruntime.InferenceSession(each.SerializeToString()) for each in (mean, *members)]
    rng = np.random.default_rng(2)
    memories = [np.zeros((1, WINDOW_STEPS, width), np.float32) for width in (2 * WIDTH, WIDTH, WIDTH)]
    for steps in (WINDOW_STEPS, 4, 4):
        frames = rng.normal(-8, 3, (1, CONTEXT_FRAMES + steps * STEP_FRAMES, features.MELS)).astype(np.float32)
        told = [
            session.run(None, {"frames": frames, "past": memory})
            for session, memory in zip(sessions, memories, strict=True)
        ]
        (mean_says, *member_says), memories = (list(each) for each in zip(*told, strict=True))
        assert not np.allclose(member_says[0], member_says[1], atol=1e-3)
        np.testing.assert_allclose(mean_says, np.mean(member_says, axis=0), atol=1e-5)
        np.testing.assert_allclose(memories[0], np.concatenate(memories[1:], axis=2), atol=1e-4)


def test_its_members_share_one_stem(members: list[onnx.ModelProto]) -> None:
    mean = mean_of(members)
    fed = [node.op_type for node in mean.graph.node if "frames" in node.input]
    assert fed == ["Sub"]
    assert [node.op_type for node in mean.graph.node].count("Unsqueeze") == 1


def _split_stem(member: onnx.ModelProto) -> onnx.ModelProto:
    """As a file of another maker's might begin: with something before the first convolution."""
    other = onnx.ModelProto()
    other.CopyFrom(member)
    other.graph.node.insert(0, onnx.helper.make_node("Identity", ["frames"], ["same"]))
    return other


def test_what_begins_otherwise_is_no_member(members: list[onnx.ModelProto]) -> None:
    with pytest.raises(ModelError, match="no single float32 net"):
        mean_of([_split_stem(members[0]), members[0]])

"""Parity: every window of every scene counts, and the classifier's memory is cleared between scenes."""

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from edge.detection.classifier import QUIET_LOG_MEL, WINDOW_FRAMES
from edge.detection.features import FRAMES_PER_SECOND
from tests.support.tiny_model import LABELS, model_bytes, random_net
from training.model.network import scene_windows
from training.model.parity import same_label
from training.synthesis.feature_shards import load_shard

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "model.onnx"
    path.write_bytes(model_bytes())
    return path


def test_a_model_equals_itself(model: Path, shards: list[Path]) -> None:
    assert same_label(model, model, shards) == 1


def test_a_model_of_one_label_agrees_where_that_label_is_given(model: Path, shards: list[Path], tmp_path: Path) -> None:
    frames = torch.from_numpy(load_shard(shards[0])[0])
    with torch.no_grad():
        labels = scene_windows(random_net(), frames, every_steps=4)[0].argmax(2).flatten()
    label = labels.mode().values
    single = tmp_path / "single.onnx"
    single.write_bytes(_always(int(label)))
    quiet = frames.amax(2).unfold(1, WINDOW_FRAMES, FRAMES_PER_SECOND).amax(2).flatten() < QUIET_LOG_MEL
    share = ((labels == label) | quiet).float().mean().item()  # the network is not run on a quiet window
    assert 0 < share < 1
    assert same_label(single, model, shards[:1]) == pytest.approx(share, abs=1 / len(labels))


def _always(label: int) -> bytes:
    """The tiny model, changed so that it gives every window this label."""
    model = onnx.load_from_string(model_bytes())
    last = next(each for each in model.graph.initializer if each.name == "net.label.3.bias")
    last.CopyFrom(
        onnx.numpy_helper.from_array(np.float32(1e6) * np.eye(len(LABELS), dtype=np.float32)[label], last.name)
    )
    return model.SerializeToString()  # type: ignore[no-any-return]

"""The quantized file: smaller, with the same card and nearly the same scores."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from edge.detection import features
from edge.detection.classifier import CONTEXT_FRAMES, STEP_FRAMES, WINDOW_STEPS
from edge.errors import ModelError
from tests.support.tiny_model import model_bytes
from training.model.network import WIDTH
from training.model.quantize import quantize, refuse_quantized


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The random model in float32 and in 8 bits."""
    folder = tmp_path_factory.mktemp("quantized")
    plain, small, shard = folder / "plain.onnx", folder / "small.onnx", folder / "shard.npz"
    plain.write_bytes(model_bytes())
    rng = np.random.default_rng(0)
    frames = rng.normal(-8, 3, (2, 8 * STEP_FRAMES, features.MELS)).astype(np.float16)
    np.savez(shard, frames=frames, tracks=np.zeros((2, 8, 3)), tags=np.zeros((2, 8, 1)))
    quantize(plain, [shard], small)
    return plain, small


def test_it_is_small_and_carries_the_card(models: tuple[Path, Path]) -> None:
    plain, small = models
    assert small.stat().st_size < 0.6 * plain.stat().st_size
    cards = [onnxruntime.InferenceSession(each).get_modelmeta().custom_metadata_map["hushd"] for each in models]
    assert cards[0] == cards[1]


def test_a_quantized_model_is_refused(models: tuple[Path, Path]) -> None:
    plain, small = models
    refuse_quantized(plain)
    with pytest.raises(ModelError, match=r"small\.onnx is in 8 bits already"):
        refuse_quantized(small)
    with pytest.raises(ModelError, match="not found"):
        refuse_quantized(small.with_name("none.onnx"))


def test_it_scores_nearly_alike(models: tuple[Path, Path]) -> None:
    rng = np.random.default_rng(1)
    frames = rng.normal(-8, 3, (1, CONTEXT_FRAMES + 20 * STEP_FRAMES, features.MELS)).astype(np.float32)
    feed = {"frames": frames, "past": np.zeros((1, WINDOW_STEPS, WIDTH), np.float32)}
    plain, small = (onnxruntime.InferenceSession(each).run(["probabilities"], feed)[0] for each in models)
    np.testing.assert_allclose(small, plain, atol=0.15)
    assert small.sum() == pytest.approx(1, abs=1e-6)

"""The network: its shapes, and that a stream encoded hop by hop equals the whole."""

import numpy as np
import pytest
import torch
from torch import Tensor

from edge.detection import features
from edge.detection.classifier import CONTEXT_FRAMES, STEP_FRAMES, WINDOW_STEPS
from tests.support.tiny_model import LABELS, random_net
from training.model.network import WIDTH, CryNet, Streaming, scene_windows


def frames(steps: int, context: int = CONTEXT_FRAMES) -> Tensor:
    values = np.random.default_rng(0).normal(-8, 3, (1, context + STEP_FRAMES * steps, features.MELS))
    return torch.from_numpy(values.astype(np.float32))


@pytest.mark.parametrize("steps", [1, 3, 20, 33])
def test_sixteen_frames_an_embedding(steps: int) -> None:
    assert random_net().embed(frames(steps)).shape == (1, steps, WIDTH)


@torch.no_grad()
def test_an_embedding_depends_on_its_frames_and_their_context() -> None:
    net, whole = random_net(), frames(10)
    embeddings = net.embed(whole)
    for frame in (0, CONTEXT_FRAMES, 80, whole.shape[1] - 1):
        louder = whole.clone()
        louder[0, frame] += 3
        changed = torch.nonzero((net.embed(louder) - embeddings).abs().amax(dim=2)[0] > 1e-5).flatten().tolist()
        last = frame // STEP_FRAMES
        assert set(changed) <= {last - 1, last}
        assert changed


@torch.no_grad()
@pytest.mark.parametrize("steps", [1, 2, 4, 5, 20])
def test_a_stream_equals_scene_windows(steps: int) -> None:
    """The device's graph runs hop by hop, and training classifies all windows at once."""
    net, scene = random_net(), frames(60, context=0)
    logits, _ = scene_windows(net, scene, steps)
    whole = torch.softmax(logits, dim=2)[0]
    assert len(whole) == 1 + (60 - WINDOW_STEPS) // steps

    stream = torch.cat([torch.full((1, CONTEXT_FRAMES, features.MELS), features.SILENCE), scene], dim=1)
    past, streamed = torch.zeros(1, WINDOW_STEPS, WIDTH), {}
    for end in range(steps, 61, steps):
        hop = stream[:, STEP_FRAMES * (end - steps) : STEP_FRAMES * end + CONTEXT_FRAMES]
        streamed[end], past = Streaming(net)(hop, past)
    for index, expected in enumerate(whole):
        torch.testing.assert_close(streamed[WINDOW_STEPS + steps * index][0], expected, rtol=0, atol=1e-4)


def test_every_weight_learns() -> None:
    """Every part of the network gets a gradient."""
    net = CryNet(len(LABELS), tags=5).train()
    logits, steps = scene_windows(net, frames(24, context=0).expand(2, -1, -1), every_steps=4)
    assert logits.shape == (2, 2, len(LABELS))
    assert steps.shape == (2, 2, WINDOW_STEPS, 3 + 5)
    (logits.square().sum() + steps.square().sum()).backward()  # type: ignore[no-untyped-call] # torch's own
    assert [name for name, weight in net.named_parameters() if weight.grad is None] == []

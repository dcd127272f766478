"""Thinning: what is left of a net says what the whole one said, first nearly, then better."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import onnx
import pytest
import torch
from torch import Tensor, nn

from edge.errors import ModelError
from tests.tiny_model import LABELS, model_bytes, random_net
from training.export import net_of
from training.net import CryNet, InvertedResidual, TemporalBlock, scene_windows
from training.shards import load_shard
from training.thin import ThinSettings, apart, thin, thinned

SETTINGS = ThinSettings(kept=0.1, steps=12, batch_scenes=8, peak_rate=1e-4, warmup_steps=2, average=0.5)
"""So few channels that a net of random weights misses them, and small steps, for it takes no large ones."""
WIDENED = [32, 120, 192, 192, 288, 192, 192]
"""Channels that each block of the whole net widens to."""


@pytest.fixture(scope="module")
def whole() -> CryNet:
    return net_of(onnx.load_from_string(model_bytes()), len(LABELS))


@pytest.fixture(scope="module")
def scenes(shards: list[Path]) -> Tensor:
    return torch.from_numpy(load_shard(shards[0])[0][:8])


@torch.no_grad()
def said(net: CryNet, scenes: Tensor) -> Tensor:
    return scene_windows(net, scenes, every_steps=4)[0]


def widened(net: CryNet) -> list[int]:
    """Channels that its blocks widen to, as its weights have them."""
    blocks = [each for each in net.modules() if isinstance(each, InvertedResidual | TemporalBlock)]
    weights = [
        [layer.weight for layer in block.modules() if isinstance(layer, nn.Conv1d | nn.Conv2d)] for block in blocks
    ]
    for block, layers in zip(blocks, weights, strict=True):
        for before, after in pairwise(layers):
            assert after.shape[1] in (1, before.shape[0]), block
    return [layers[-1].shape[1] for layers in weights]


def test_a_net_read_back_says_what_it_said(whole: CryNet, scenes: Tensor) -> None:
    torch.testing.assert_close(said(whole, scenes), said(random_net(), scenes), rtol=0, atol=1e-3)


@pytest.mark.parametrize("broken", ["missing", "narrow"])
def test_another_net_is_not_read(broken: str) -> None:
    model = onnx.load_from_string(model_bytes())
    bias = next(each for each in model.graph.initializer if each.name == "net.label.1.bias")
    if broken == "missing":
        bias.name = "other"
    else:
        bias.CopyFrom(onnx.numpy_helper.from_array(onnx.numpy_helper.to_array(bias)[:-1], bias.name))
    with pytest.raises(ModelError, match=r"no single float32 net of this training: .*(net\.label\.1\.bias|95)"):
        net_of(model, len(LABELS))


def test_two_thirds_are_kept_in_whole_sixteens(whole: CryNet, scenes: Tensor) -> None:
    assert widened(whole) == WIDENED
    assert widened(thinned(whole, scenes, 2 / 3)) == [32, 80, 128, 128, 192, 128, 128]
    assert widened(whole) == WIDENED, "the whole net stays as it is"


def test_all_that_is_kept_changes_nothing(whole: CryNet, scenes: Tensor) -> None:
    torch.testing.assert_close(said(thinned(whole, scenes, 1.0), scenes), said(whole, scenes), rtol=0, atol=1e-5)


def test_channels_that_carry_nothing_go_first(whole: CryNet, scenes: Tensor) -> None:
    """A net of which a third of the channels leads nowhere loses nothing with them."""
    lame = net_of(onnx.load_from_string(model_bytes()), len(LABELS))
    blocks = [each for each in lame.modules() if isinstance(each, InvertedResidual | TemporalBlock)]
    for block, width in zip(blocks[1:], WIDENED[1:], strict=True):
        last = [each for each in block.modules() if isinstance(each, nn.Conv1d | nn.Conv2d)][-1]
        with torch.no_grad():
            last.weight[:, torch.randperm(width, generator=torch.Generator().manual_seed(1))[: width // 3]] = 0
    torch.testing.assert_close(said(thinned(lame, scenes, 2 / 3), scenes), said(lame, scenes), rtol=0, atol=1e-4)
    assert not torch.allclose(said(thinned(whole, scenes, 2 / 3), scenes), said(whole, scenes), atol=1e-2)


@torch.no_grad()
def loss(net: CryNet, whole: CryNet, scenes: Tensor) -> float:
    return apart(net, whole, scenes, SETTINGS).item()


def test_it_learns_to_say_what_the_whole_net_says(whole: CryNet, scenes: Tensor, shards: list[Path]) -> None:
    best = loss(whole, whole, scenes)
    untaught = loss(thin(whole, shards, replace(SETTINGS, steps=0)), whole, scenes) - best
    taught = loss(thin(whole, shards, SETTINGS), whole, scenes) - best
    assert 0 < taught < 0.6 * untaught


def test_the_same_seed_makes_the_same_net(whole: CryNet, shards: list[Path]) -> None:
    quick = replace(SETTINGS, steps=1)
    one, same, other = (thin(whole, shards, replace(quick, seed=seed)).state_dict() for seed in (1, 1, 2))
    assert all(torch.allclose(one[name], same[name], atol=1e-6) for name in one)
    assert not all(torch.allclose(one[name], other[name], atol=1e-6) for name in one)

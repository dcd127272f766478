"""A net with fewer channels that says what the whole one says: cheaper, and taught by nothing but the whole one.

Of the channels that a block widens to, those are kept that weigh most in its output (pruning filters by magnitude: Li
et al. 2017, arXiv 1608.08710; here by what they carry on real scenes). The thinned net then hears training scenes
beside the whole one and learns to say the same of every window (distillation: Hinton et al. 2015, arXiv 1503.02531),
starting from weights that nearly do. No label is asked, so nothing is learned that the whole net did not know.
"""

import copy
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional
from tqdm import tqdm

from training.fit import DEVICE, batches, follow, rate
from training.memory import freed_is_kept
from training.net import CryNet, InvertedResidual, TemporalBlock, embed_scenes, scene_windows, windows_of
from training.shards import load_shard
from training.variation import Variation, heard_anew

_ROUND = 16
"""Channels are kept by so many: what a core's registers multiply at once."""


@dataclass(frozen=True, slots=True)
class ThinSettings:
    """Hyper-parameters of thinning; the defaults made the shipped model."""

    kept: float = 2 / 3
    """Share of the channels that blocks widen to; rounded up to whole sixteens."""
    steps: int = 3_000
    """Optimizer steps of each net."""
    batch_scenes: int = 16
    peak_rate: float = 1e-3
    """Learning rate after the warm-up; falls to zero along a cosine."""
    warmup_steps: int = 50
    embedding_weight: float = 0.5
    """Of the embeddings' squared error, in units of their variance, beside the labels' cross-entropy."""
    average: float = 0.99
    """Decay of the running average of the weights; the average is what ships."""
    variation: Variation = field(default_factory=Variation)
    seed: int = 1


@freed_is_kept()
def thin(whole: CryNet, shards: Sequence[Path], settings: ThinSettings) -> CryNet:
    """``whole`` with fewer channels, once it has learned on the scenes of ``shards`` to say the same; on a GPU where
    there is one. Batch norms keep their statistics and nothing is dropped out: there is little to learn.
    """
    whole = whole.to(DEVICE).eval()
    net = thinned(whole, torch.from_numpy(load_shard(shards[0])[0]).to(DEVICE), settings.kept)
    average = copy.deepcopy(net)
    optimizer = torch.optim.Adam(net.parameters(), lr=settings.peak_rate)
    scenes = batches(shards, settings.batch_scenes, settings.seed)
    with tqdm(total=settings.steps, desc="thin", unit="step") as progress:
        for step in range(settings.steps):
            torch.manual_seed((settings.seed << 32) + step + 1)
            for group in optimizer.param_groups:
                group["lr"] = settings.peak_rate * rate(step, settings.steps, settings.warmup_steps)
            loss = apart(net, whole, heard_anew(next(scenes)[0].to(DEVICE), settings.variation), settings)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            optimizer.step()
            follow(average, net, min(settings.average, (step + 1) / (step + 10)))
            progress.update()
            progress.set_postfix(loss=f"{loss.item():.3f}")
    return average.cpu()


def apart(net: CryNet, whole: CryNet, frames: Tensor, settings: ThinSettings) -> Tensor:
    """How far what ``net`` says of scenes [scenes, frames, 64] is from what ``whole`` says: a window each second, and
    every embedding.
    """
    with torch.no_grad():
        wanted = embed_scenes(whole, frames)
        said = windows_of(whole, wanted, every_steps=4)[0].softmax(2).flatten(0, 1)
    embeddings = embed_scenes(net, frames)
    logits = windows_of(net, embeddings, every_steps=4)[0].flatten(0, 1)
    error = functional.mse_loss(embeddings, wanted) / wanted.var()
    return functional.cross_entropy(logits, said) + settings.embedding_weight * error


@torch.no_grad()
def thinned(net: CryNet, frames: Tensor, kept: float) -> CryNet:
    """A copy with ``kept`` of the channels that its blocks widen to: those that carry most while it hears ``frames``
    [scenes, frames, 64].
    """
    thin = copy.deepcopy(net)
    blocks = [each for each in thin.modules() if isinstance(each, InvertedResidual | TemporalBlock)]
    powers: dict[nn.Module, Tensor] = {}

    def measure(narrow: nn.Module, heard: tuple[Tensor]) -> None:
        dimensions = [axis for axis in range(heard[0].ndim) if axis != 1]
        powers[narrow] = heard[0].square().mean(dimensions)

    watched = [_narrow(block).register_forward_pre_hook(measure) for block in blocks]
    scene_windows(thin, frames, every_steps=4)
    for watch in watched:
        watch.remove()
    for block in blocks:
        narrow = _narrow(block)
        carried = powers[narrow] * narrow.weight.flatten(2).square().sum((0, 2))
        count = min(len(carried), _ROUND * math.ceil(kept * len(carried) / _ROUND))
        _keep(block, carried.topk(count).indices.sort().values)
    return thin


def _narrow(block: InvertedResidual | TemporalBlock) -> nn.Conv1d | nn.Conv2d:
    last = block.layers[4]
    narrow = last[0] if isinstance(last, nn.Sequential) else last
    assert isinstance(narrow, nn.Conv1d | nn.Conv2d)
    return narrow


def _keep(block: InvertedResidual | TemporalBlock, channels: Tensor) -> None:
    """Only these of the channels that the block widens to."""
    narrow = _narrow(block)
    narrow.weight = nn.Parameter(narrow.weight[:, channels].clone())
    narrow.in_channels = len(channels)
    widening = block.layers[:3] if isinstance(block, InvertedResidual) else block.layers[2:3]
    for layer in widening.modules():
        if isinstance(layer, nn.Conv1d | nn.Conv2d):
            layer.weight = nn.Parameter(layer.weight[channels].clone())
            layer.out_channels = len(channels)
            if layer.bias is not None:
                layer.bias = nn.Parameter(layer.bias[channels].clone())
            if layer.groups > 1:
                layer.groups = layer.in_channels = len(channels)
        elif isinstance(layer, nn.BatchNorm2d):
            layer.weight = nn.Parameter(layer.weight[channels].clone())
            layer.bias = nn.Parameter(layer.bias[channels].clone())
            assert layer.running_mean is not None
            assert layer.running_var is not None
            layer.running_mean, layer.running_var = layer.running_mean[channels], layer.running_var[channels]
            layer.num_features = len(channels)

"""Several nets as one, whose probabilities are the mean of theirs.

Nets of other labels or variations err on different sounds, and their mean errs on fewer of them (deep ensembles:
Lakshminarayanan et al., arXiv 1612.01474). To the device it is one model: the members' embeddings lie side by side,

    frames [1, context + 16 n, mels], past [1, 20, members x width]  ->  probabilities [1, labels], recent (as past)

Of so small nets a good part of the time goes into calling their many layers. So the members' stems, which look at the
same frames, are one convolution; their heads are one head of as many groups; and two convolutions of a pixel with
nothing between them are one.
"""

import copy
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from edge.detection.classifier import WINDOW_STEPS
from training.model.network import CENTER, SPREAD, CryNet


class MeanNet(nn.Module):
    """The graph the device runs, as ``training.model.network.Streaming`` is of a single net."""

    def __init__(self, members: Sequence[CryNet]) -> None:
        super().__init__()
        self.count = len(members)
        self.stem = nn.Sequential(
            _side_by_side([_fused(net.encoder[0]) for net in members], of_one_input=True), nn.ReLU(inplace=True)
        )
        self.encoders = nn.ModuleList(_after_stem(net.encoder) for net in members)
        self.projects = nn.ModuleList(net.project for net in members)
        blocks = zip(*(net.temporal[:-1] for net in members), strict=True)
        self.temporal = nn.Sequential(*map(_one_block, blocks), nn.ReLU(inplace=True))
        first, last = (_side_by_side([_as_convolution(net.label[place]) for net in members]) for place in (1, 3))
        self.label = nn.Sequential(first, nn.ReLU(inplace=True), last)

    def forward(self, frames: Tensor, past: Tensor) -> tuple[Tensor, Tensor]:
        """As the module says."""
        stems = self.stem(((frames - CENTER) / SPREAD).unsqueeze(1)).chunk(self.count, dim=1)
        maps = [encoder(stem) for encoder, stem in zip(self.encoders, stems, strict=True)]
        embeddings = [
            project(each.permute(0, 2, 1, 3).flatten(2)) for project, each in zip(self.projects, maps, strict=True)
        ]
        recent = torch.cat([past, torch.cat(embeddings, dim=2)], dim=1)[:, -WINDOW_STEPS:]
        steps = self.temporal(recent.transpose(1, 2)).unflatten(1, (self.count, -1))
        summary = torch.cat([steps.mean(dim=3), steps.amax(dim=3)], dim=2)
        logits = self.label(summary.flatten(1).unsqueeze(2)).reshape(1, self.count, -1)
        return torch.softmax(logits, dim=2).mean(dim=1), recent


def _after_stem(encoder: Any) -> nn.Sequential:
    """The blocks of an encoder, the end of the first and the beginning of the second as one convolution."""
    first, second, *rest = encoder[2:]
    narrowing, widening = _fused(first.layers[4]), _fused(second.layers[0])
    joined = nn.Conv2d(narrowing.in_channels, widening.out_channels, 1)
    mixing = widening.weight.flatten(1)
    joined.weight = nn.Parameter((mixing @ narrowing.weight.flatten(1))[:, :, None, None])
    joined.bias = nn.Parameter(mixing @ narrowing.bias + widening.bias)
    return nn.Sequential(*first.layers[:4], joined, *second.layers[1:], *rest)


def _one_block(blocks: Sequence[Any]) -> Any:
    """Blocks of the head as one that sees the embeddings of all."""
    around, widening, rectifying, narrowing = zip(
        *((_fused(block.layers[:2]), *block.layers[2:]) for block in blocks), strict=True
    )
    block = copy.deepcopy(blocks[0])
    layers = (_side_by_side(around), _side_by_side(widening), rectifying[0], _side_by_side(narrowing))
    block.layers = nn.Sequential(*layers)
    return block


def _side_by_side(layers: Sequence[Any], *, of_one_input: bool = False) -> Any:
    """Convolutions as one, their channels in order: each sees its own input, or all see the same."""
    wide = copy.deepcopy(layers[0])
    wide.weight = nn.Parameter(torch.cat([layer.weight for layer in layers]))
    wide.bias = nn.Parameter(torch.cat([layer.bias for layer in layers]))
    wide.out_channels = len(wide.weight)
    if not of_one_input:
        wide.in_channels *= len(layers)
        wide.groups *= len(layers)
    return wide


def _fused(layers: Any) -> Any:
    """A convolution and the batch norm behind it as one."""
    return fuse_conv_bn_eval(layers[0], layers[1])


def _as_convolution(layer: Any) -> nn.Conv1d:
    """The same of a single step [batch, channels, 1]."""
    convolution = nn.Conv1d(layer.in_features, layer.out_features, 1)
    convolution.weight, convolution.bias = nn.Parameter(layer.weight.unsqueeze(2)), layer.bias
    return convolution

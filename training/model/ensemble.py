"""The ensemble: several networks as one, whose probabilities are the mean of the members'.

Networks trained with other labels or augmentation err on different sounds, and their mean errs on fewer of them (deep
ensembles: Lakshminarayanan et al., arXiv 1612.01474). To the device it is one model, with concatenated embeddings:

    frames [1, context + 16 n, mels], past [1, 20, members x width]  ->  probabilities [1, labels], recent (as past)

In networks this small, the call of each layer costs a good part of the time. So the graph has fewer layers: the stems,
which see the same frames, are one convolution, and the heads are one head with a group for each member. Two adjacent
1x1 convolutions become one.
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
    """The device's graph of an ensemble, as ``training.model.network.Streaming`` is that of one network."""

    def __init__(self, members: Sequence[CryNet]) -> None:
        super().__init__()
        self.count = len(members)
        self.stem = nn.Sequential(
            _join_convolutions([_fold_batch_norm(net.encoder[0]) for net in members], of_one_input=True),
            nn.ReLU(inplace=True),
        )
        self.encoders = nn.ModuleList(_after_stem(net.encoder) for net in members)
        self.projects = nn.ModuleList(net.project for net in members)
        blocks = zip(*(net.temporal[:-1] for net in members), strict=True)
        self.temporal = nn.Sequential(*map(_join_blocks, blocks), nn.ReLU(inplace=True))
        first, last = (_join_convolutions([_as_convolution(net.label[place]) for net in members]) for place in (1, 3))
        self.label = nn.Sequential(first, nn.ReLU(inplace=True), last)

    def forward(self, frames: Tensor, past: Tensor) -> tuple[Tensor, Tensor]:
        """Return probabilities [1, labels] and the window's embeddings [1, 20, members x width]."""
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
    """Return an encoder's blocks; the first's last and the second's first convolution become one."""
    first, second, *rest = encoder[2:]
    narrowing, widening = _fold_batch_norm(first.layers[4]), _fold_batch_norm(second.layers[0])
    joined = nn.Conv2d(narrowing.in_channels, widening.out_channels, 1)
    mixing = widening.weight.flatten(1)
    joined.weight = nn.Parameter((mixing @ narrowing.weight.flatten(1))[:, :, None, None])
    joined.bias = nn.Parameter(mixing @ narrowing.bias + widening.bias)
    return nn.Sequential(*first.layers[:4], joined, *second.layers[1:], *rest)


def _join_blocks(blocks: Sequence[Any]) -> Any:
    """Join the members' blocks of the head into one with a group for each member."""
    around, widening, rectifying, narrowing = zip(
        *((_fold_batch_norm(block.layers[:2]), *block.layers[2:]) for block in blocks), strict=True
    )
    block = copy.deepcopy(blocks[0])
    layers = (_join_convolutions(around), _join_convolutions(widening), rectifying[0], _join_convolutions(narrowing))
    block.layers = nn.Sequential(*layers)
    return block


def _join_convolutions(layers: Sequence[Any], *, of_one_input: bool = False) -> Any:
    """Join convolutions into one, their channels in order, of separate inputs or ``of_one_input``."""
    wide = copy.deepcopy(layers[0])
    wide.weight = nn.Parameter(torch.cat([layer.weight for layer in layers]))
    wide.bias = nn.Parameter(torch.cat([layer.bias for layer in layers]))
    wide.out_channels = len(wide.weight)
    if not of_one_input:
        wide.in_channels *= len(layers)
        wide.groups *= len(layers)
    return wide


def _fold_batch_norm(layers: Any) -> Any:
    """Fold the batch norm behind a convolution into it."""
    return fuse_conv_bn_eval(layers[0], layers[1])


def _as_convolution(layer: Any) -> nn.Conv1d:
    """Return a linear layer as a convolution of a single step [batch, channels, 1]."""
    convolution = nn.Conv1d(layer.in_features, layer.out_features, 1)
    convolution.weight, convolution.bias = nn.Parameter(layer.weight.unsqueeze(2)), layer.bias
    return convolution

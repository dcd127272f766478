"""The small network of the experiment: a few hundred of them train within an hour on one core.

    clips [batch, 80, 64]        log-mel, 16 frames a second
      3x5, 3x3, 3x3 conv, /2 /2     8, 16, 24 channels
      3x3 conv, /2 in frequency     32 x 4 bands
      all bands at once             32
      mean + max over time
    logits [batch, labels]

Its convolutions are plain: at this size the shipped network's depthwise ones take three times as long on a CPU.
"""

import torch
from torch import Tensor, nn

from edge.detection import features
from training.model.network import CENTER, SPREAD

_LAYERS = ((8, (3, 5), (2, 2)), (16, (3, 3), (2, 2)), (24, (3, 3), (2, 2)), (32, (3, 3), (1, 2)))
"""Channels, kernel and stride over [time, frequency]."""
_WIDTH = 32


class SmallNet(nn.Module):
    """A network from coarse log-mel of five seconds to label logits."""

    def __init__(self, labels: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        inside, bands = 1, features.MELS
        for outside, kernel, stride in _LAYERS:
            padding = (kernel[0] // 2, kernel[1] // 2)
            layers += [nn.Conv2d(inside, outside, kernel, stride, padding, bias=False), nn.BatchNorm2d(outside)]
            layers.append(nn.ReLU(inplace=True))
            inside, bands = outside, bands // stride[1]
        self.encoder = nn.Sequential(*layers)
        self.project = nn.Sequential(nn.Linear(inside * bands, _WIDTH), nn.ReLU(inplace=True))
        self.label = nn.Sequential(nn.Dropout(0.2), nn.Linear(2 * _WIDTH, labels))

    def forward(self, clips: Tensor) -> Tensor:
        x = ((clips - CENTER) / SPREAD).unsqueeze(1)
        steps = self.project(self.encoder(x).permute(0, 2, 1, 3).flatten(2))
        logits: Tensor = self.label(torch.cat([steps.mean(dim=1), steps.amax(dim=1)], dim=1))
        return logits

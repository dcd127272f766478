"""The network: a small convolutional encoder with one embedding every 16 frames, and a head over 20 of them.

The encoder uses no padding in time. An embedding depends on its own 16 frames and the 15 before, so a stream can be
encoded piece by piece and every piece is encoded once (see ``edge.detection.classifier``). Blocks are inverted
residuals with depthwise convolutions (Sandler et al., MobileNetV2, arXiv 1801.04381), sized after the low-complexity
networks of the DCASE challenges (CP-Mobile, Schmid et al. 2023).

    frames [batch, 15 + 16 n, 64]
      stem     3x5 conv, /2 in time and frequency             16 x 32 bands
      A        inverted residual, /2 /2                        40 x 16
      B, b     inverted residual, /2 /2, then in frequency     64 x 8
      C, c     inverted residual, /2 /2, then in frequency     96 x 4
      project  all bands at once                               96
    embeddings [batch, n, 96]; the last 20 are the window
      head     two residual temporal convolutions, mean + max over time, two layers
    logits [batch, 4]
"""

import torch
from torch import Tensor, nn

from edge.detection import features
from edge.detection.classifier import CONTEXT_FRAMES, STEP_FRAMES, WINDOW_STEPS

WIDTH = 96
"""Size of an embedding."""
CENTER, SPREAD = -8.0, 4.0
"""Typical mean and spread of log-mel values; constants, so that no statistics are stored beside the weights."""


def _conv(
    inside: int, outside: int, kernel: tuple[int, int], stride: tuple[int, int], groups: int = 1
) -> nn.Sequential:
    """Convolution over [time, frequency], padded in frequency only, with batch norm."""
    return nn.Sequential(
        nn.Conv2d(inside, outside, kernel, stride, (0, kernel[1] // 2), groups=groups, bias=False),
        nn.BatchNorm2d(outside),
    )


class InvertedResidual(nn.Module):
    """An inverted residual block: expand, depthwise convolution, project.

    It halves time and frequency, or keeps both and convolves along frequency only.
    """

    def __init__(self, inside: int, outside: int, halve: bool, expansion: int = 3) -> None:
        super().__init__()
        wide = inside * expansion
        kernel, stride = ((3, 3), (2, 2)) if halve else ((1, 3), (1, 1))
        self.keeps_shape = not halve and inside == outside
        self.layers = nn.Sequential(
            _conv(inside, wide, (1, 1), (1, 1)),
            nn.ReLU(inplace=True),
            _conv(wide, wide, kernel, stride, groups=wide),
            nn.ReLU(inplace=True),
            _conv(wide, outside, (1, 1), (1, 1)),
        )

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.layers(x)
        return x + y if self.keeps_shape else y


class TemporalBlock(nn.Module):
    """A residual depthwise convolution over a window's embeddings, with padding: it sees no embedding before them."""

    def __init__(self, width: int, dilation: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv1d(width, width, 5, padding=2 * dilation, dilation=dilation, groups=width, bias=False),
            nn.BatchNorm1d(width),
            nn.Conv1d(width, 2 * width, 1),
            nn.ReLU(inplace=True),
            nn.Conv1d(2 * width, width, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.layers(x)
        return x + y


class CryNet(nn.Module):
    """Log-mel frames in, label logits out."""

    def __init__(self, labels: int, tags: int) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            _conv(1, 16, (3, 5), (2, 2)),
            nn.ReLU(inplace=True),
            InvertedResidual(16, 40, halve=True, expansion=2),
            InvertedResidual(40, 64, halve=True),
            InvertedResidual(64, 64, halve=False),
            InvertedResidual(64, 96, halve=True),
            InvertedResidual(96, 96, halve=False),
        )
        self.project = nn.Sequential(nn.Linear(96 * features.MELS // 16, WIDTH), nn.ReLU(inplace=True))
        self.temporal = nn.Sequential(TemporalBlock(WIDTH, 1), TemporalBlock(WIDTH, 2), nn.ReLU(inplace=True))
        self.label = nn.Sequential(
            nn.Dropout(0.2), nn.Linear(2 * WIDTH, WIDTH), nn.ReLU(inplace=True), nn.Linear(WIDTH, labels)
        )
        self.aside = nn.Linear(WIDTH, 3 + tags)
        """Training head: per step, the truth tracks and the tagger's tags."""

    def embed(self, frames: Tensor) -> Tensor:
        """Encode frames [batch, 15 + 16 n, 64] to embeddings [batch, n, 96]."""
        x = ((frames - CENTER) / SPREAD).unsqueeze(1)
        y = self.encoder(x)
        return self.project(y.permute(0, 2, 1, 3).flatten(2))  # type: ignore[no-any-return]

    def classify(self, embeddings: Tensor) -> tuple[Tensor, Tensor]:
        """Classify embeddings [batch, 20, 96]: logits [batch, labels], and for training [batch, 20, 3 + tags]."""
        steps = self.temporal(embeddings.transpose(1, 2))
        summary = torch.cat([steps.mean(dim=2), steps.amax(dim=2)], dim=1)
        return self.label(summary), self.aside(steps.transpose(1, 2))


class Streaming(nn.Module):
    """The device's graph: from new frames and the window's past embeddings to probabilities."""

    def __init__(self, net: CryNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, frames: Tensor, past: Tensor) -> tuple[Tensor, Tensor]:
        recent = torch.cat([past, self.net.embed(frames)], dim=1)[:, -WINDOW_STEPS:]
        logits, _ = self.net.classify(recent)
        return torch.softmax(logits, dim=1), recent


def scene_windows(net: CryNet, frames: Tensor, every_steps: int) -> tuple[Tensor, Tensor]:
    """Classify all windows of whole scenes: logits [scenes, windows, labels], steps [scenes, windows, 20, 3 + tags].

    ``frames`` [scenes, frames, 64] has no context: silence is prepended, as on the device at its start.
    """
    silence = frames.new_full((len(frames), CONTEXT_FRAMES, features.MELS), features.SILENCE)
    embeddings = net.embed(torch.cat([silence, frames], dim=1))
    assert embeddings.shape[1] == frames.shape[1] // STEP_FRAMES
    windows = embeddings.unfold(1, WINDOW_STEPS, every_steps).transpose(2, 3)
    logits, steps = net.classify(windows.flatten(0, 1))
    shape = windows.shape[:2]
    return logits.reshape(*shape, -1), steps.reshape(*shape, *steps.shape[1:])

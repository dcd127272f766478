"""Training of the small network, the same for all labels."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from edge.records import FloatArray
from training.experiments.label_noise.examples import Frames, Labels
from training.experiments.label_noise.network import SmallNet

_BATCH_OF_INFERENCE = 256


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """Hyper-parameters, the same for every network of an experiment."""

    steps: int
    batch: int = 32
    peak_rate: float = 3e-3
    """Learning rate after a tenth of the steps; falls towards zero along a cosine."""
    weight_decay: float = 0.01
    gain_db: float = 8.0
    """Largest random gain of a clip, up or down, dB."""


def train(frames: Frames, labels: Labels, count: int, settings: TrainSettings, seed: int) -> SmallNet:
    """Train a network with ``count`` outputs on one thread: the same arguments give the same weights."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    net = SmallNet(count)
    optimizer = torch.optim.AdamW(net.parameters(), lr=settings.peak_rate, weight_decay=settings.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, settings.peak_rate, total_steps=settings.steps + 1, pct_start=0.1
    )
    for chosen in _batches(len(labels), settings, seed):
        loss = functional.cross_entropy(net(_random_gain(frames[chosen], settings)), torch.from_numpy(labels[chosen]))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
    return net.eval()


@torch.no_grad()
def probabilities(net: SmallNet, frames: Frames) -> FloatArray:
    """Return probabilities, float32 [clips, labels]."""
    pieces = (frames[start : start + _BATCH_OF_INFERENCE] for start in range(0, len(frames), _BATCH_OF_INFERENCE))
    return np.concatenate([net(torch.from_numpy(piece.astype(np.float32))).softmax(dim=1).numpy() for piece in pieces])


def _batches(count: int, settings: TrainSettings, seed: int) -> Iterator[Labels]:
    """Yield a batch for each step: all clips in a random order, then all again in another one."""
    rng = np.random.default_rng(seed)
    waiting = np.empty(0, np.int64)
    for _ in range(settings.steps):
        while len(waiting) < settings.batch:
            waiting = np.concatenate([waiting, rng.permutation(count)])
        yield waiting[: settings.batch]
        waiting = waiting[settings.batch :]


def _random_gain(frames: Frames, settings: TrainSettings) -> Tensor:
    """Add a random gain, which in log-mel is a sum; the noise floor moves too, as in another room."""
    gain_db = (torch.rand(len(frames), 1, 1) * 2 - 1) * settings.gain_db
    louder: Tensor = torch.from_numpy(frames.astype(np.float32)) + gain_db * (math.log(10) / 10)
    return louder

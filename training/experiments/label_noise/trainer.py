"""Fit the small net: the same code, the same number of steps, whatever the labels are."""

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

_JUDGED_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """Hyper-parameters, the same for every net of a study."""

    steps: int
    batch: int = 32
    peak_rate: float = 3e-3
    """Learning rate after a tenth of the steps; falls towards zero along a cosine."""
    weight_decay: float = 0.01
    gain_db: float = 8.0
    """Clips are made louder or softer by up to this."""


def train(frames: Frames, labels: Labels, count: int, settings: TrainSettings, seed: int) -> SmallNet:
    """A net with ``count`` outputs after all steps, on one thread: the same arguments give the same weights."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    net = SmallNet(count)
    optimizer = torch.optim.AdamW(net.parameters(), lr=settings.peak_rate, weight_decay=settings.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, settings.peak_rate, total_steps=settings.steps + 1, pct_start=0.1
    )
    for chosen in _batches(len(labels), settings, seed):
        loss = functional.cross_entropy(
            net(_louder_or_softer(frames[chosen], settings)), torch.from_numpy(labels[chosen])
        )
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
    return net.eval()


@torch.no_grad()
def probabilities(net: SmallNet, frames: Frames) -> FloatArray:
    """float32 [clips, labels]."""
    pieces = (frames[start : start + _JUDGED_AT_ONCE] for start in range(0, len(frames), _JUDGED_AT_ONCE))
    return np.concatenate([net(torch.from_numpy(piece.astype(np.float32))).softmax(dim=1).numpy() for piece in pieces])


def _batches(count: int, settings: TrainSettings, seed: int) -> Iterator[Labels]:
    """As many batches as steps: every clip once, in another order each time, however few there are."""
    rng = np.random.default_rng(seed)
    waiting = np.empty(0, np.int64)
    for _ in range(settings.steps):
        while len(waiting) < settings.batch:
            waiting = np.concatenate([waiting, rng.permutation(count)])
        yield waiting[: settings.batch]
        waiting = waiting[settings.batch :]


def _louder_or_softer(frames: Frames, settings: TrainSettings) -> Tensor:
    """In log-mel a gain is a sum; that the floor moves with it is as if the room were another."""
    gain_db = (torch.rand(len(frames), 1, 1) * 2 - 1) * settings.gain_db
    louder: Tensor = torch.from_numpy(frames.astype(np.float32)) + gain_db * (math.log(10) / 10)
    return louder

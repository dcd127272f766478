"""What earlier models say of a scene: together they err less than each, and a new one of the same size learns it.

A net's mistakes on infants that it never heard are partly its own, and those of another training are others: the mean
of several is surer (Hinton, Vinyals and Dean 2015, "Distilling the knowledge in a neural network", arXiv 1503.02531).
They hear the very frames that the new net hears, varied as these are (Beyer et al. 2022, "Knowledge distillation: a
good teacher is patient and consistent", arXiv 2106.05237), through the device's own classifier.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from edge.classifier import STEP_FRAMES, Classifier
from edge.features import FRAME_STEP_SAMPLES
from edge.records import FloatArray, LogMel, read_only
from label_schema import Guideline

HOP_FRAMES = 4 * STEP_FRAMES
"""Windows are a second apart."""


class Elders:
    """Models that listened before; ``threads`` of them at a time."""

    def __init__(self, models: Sequence[Path], guideline: Guideline, threads: int) -> None:
        self._names = guideline.names
        self._parties = [[Classifier.load(model, guideline) for model in models] for _ in range(threads)]

    def judge(self, frames: Tensor) -> Tensor:
        """Mean probabilities [scenes, windows, labels] of frames [scenes, frames, 64]: a window ends every second."""
        shares = [each for each in np.array_split(frames.cpu().numpy(), len(self._parties)) if len(each)]
        with ThreadPoolExecutor(len(shares)) as pool:
            told = np.concatenate([*pool.map(self._listen, self._parties, shares)])
        return torch.from_numpy(told).to(frames.device)

    def _listen(self, party: Sequence[Classifier], scenes: FloatArray) -> FloatArray:
        return np.stack([np.mean([self._scene(elder, scene) for elder in party], axis=0) for scene in scenes])

    def _scene(self, elder: Classifier, frames: FloatArray) -> FloatArray:
        """[windows, labels] of one scene, from its beginning."""
        hops = range(HOP_FRAMES, len(frames) + 1, HOP_FRAMES)
        heard = (LogMel(read_only(frames[end - HOP_FRAMES : end]), end * FRAME_STEP_SAMPLES, 0.0) for end in hops)
        scores = [each for hop in heard if (each := elder.push(hop))]
        return np.array([[each.probabilities[name] for name in self._names] for each in scores], np.float32)

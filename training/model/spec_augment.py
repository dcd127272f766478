"""Feature-domain augmentation: random gain, formant shift, low-pass and band masking.

The masking is SpecAugment's (Park et al., arXiv 1904.08779). It all works on log-mel frames of whole scenes, so it is
cheap, and it does not change the truth.
"""

from dataclasses import dataclass

import numpy as np
import torch
from scipy.fft import idct
from torch import Tensor

from edge.detection import features


@dataclass(frozen=True, slots=True)
class AugmentSettings:
    """Ranges of the augmentation; the defaults made the shipped model."""

    gain_db: float = 8.0
    """Largest gain, up or down."""
    timbre_mels: float = 5.0
    """Largest shift of the spectral envelope, in bands; the pitch stays."""
    kept: float = 0.4
    """Share of scenes without a shift."""
    narrowed: float = 1 / 3
    """Share of scenes with a telephone's low-pass, whatever their label."""
    band_hz: tuple[float, float] = (3_300.0, 7_500.0)
    """Range of the low-pass frequency."""
    masked_mels: int = 8
    """Largest number of neighboring bands that are silenced, in a third of the scenes."""


ENVELOPE_TERMS = 12
"""Terms of the cosine series over the 64 bands that form the envelope; the rest is the voice's harmonics and noise."""
_EVERY = 0.5
"""Shifts are multiples of this many bands."""
_STEEPNESS = 40
"""Of a codec's low-pass: power falls as 1 / (1 + (f / high) ** 40), as in ``room_acoustics.band_limit``."""


def augment(frames: Tensor, variation: AugmentSettings) -> Tensor:
    """Augment log-mel frames [scenes, frames, 64], each scene with its own parameters from torch's generator."""
    power = torch.clamp(_shift_formants(frames, variation).exp() - features.POWER_FLOOR, min=0)
    power = power * _gain(len(power), variation).to(power.device) * _band(len(power), variation).to(power.device)
    for scene in torch.nonzero(torch.rand(len(frames)) < 1 / 3).flatten():
        width = int(torch.randint(1, variation.masked_mels + 1, ()))
        low = int(torch.randint(0, features.MELS - width, ()))
        power[scene, :, low : low + width] = 0
    return torch.log(power + features.POWER_FLOOR)


def _gain(scenes: int, variation: AugmentSettings) -> Tensor:
    """Draw gains of power [scenes, 1, 1]."""
    gain: Tensor = 10 ** ((torch.rand(scenes, 1, 1) * 2 - 1) * variation.gain_db / 10)
    return gain


def _band(scenes: int, variation: AugmentSettings) -> Tensor:
    """Draw low-passes as gains of power [scenes, 1, 64]."""
    high_hz = torch.empty(scenes, 1, 1).uniform_(*variation.band_hz)
    high_hz[torch.rand(scenes) >= variation.narrowed] = torch.inf
    return 1 / (1 + (torch.from_numpy(features.MEL_CENTERS_HZ).float() / high_hz) ** _STEEPNESS)


def _shift_formants(frames: Tensor, variation: AugmentSettings) -> Tensor:
    farthest = int(variation.timbre_mels / _EVERY)
    moves = _EVERY * np.arange(-farthest, farthest + 1)
    shifts = torch.from_numpy(np.stack([envelope_shift(by) for by in moves])).to(frames)
    chosen = torch.randint(len(moves), (len(frames),))
    chosen[torch.rand(len(frames)) < variation.kept] = farthest
    return frames @ shifts[chosen.to(shifts.device)]


def envelope_shift(by_mels: float) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Return float64 [64, 64]: frames times it have their spectral envelope ``by_mels`` bands higher."""
    series = idct(np.eye(features.MELS)[:ENVELOPE_TERMS], norm="ortho", axis=1)
    bands = np.arange(features.MELS)
    higher = np.array([np.interp(bands - by_mels, bands, term) for term in series])
    moved: np.ndarray[tuple[int, int], np.dtype[np.float64]] = np.eye(features.MELS) + series.T @ (higher - series)
    return moved

"""A scene is never learned from twice alike: another gain, other throats, a narrower band, a few bands gone.

All of it is done to log-mel frames of whole scenes, so it costs next to nothing, and none of it changes who cries.
"""

from dataclasses import dataclass

import numpy as np
import torch
from scipy.fft import idct
from torch import Tensor

from edge.detection import features


@dataclass(frozen=True, slots=True)
class AugmentSettings:
    """How far a scene may be changed; the defaults made the shipped model."""

    gain_db: float = 8.0
    """Louder or softer by up to this."""
    timbre_mels: float = 5.0
    """The spectral envelope is moved by up to this many bands, the pitch is not."""
    kept: float = 0.4
    """Share of scenes whose timbre stays."""
    narrowed: float = 1 / 3
    """Share of scenes that are heard through a phone's band: no highs, whoever sounds."""
    band_hz: tuple[float, float] = (3_300.0, 7_500.0)
    """Where such a band ends."""
    masked_mels: int = 8
    """Up to this many neighboring bands are silenced in a third of the scenes."""


ENVELOPE_TERMS = 12
"""Of the cosine series over the 64 bands: what the throat does; the rest is the voice's harmonics and noise."""
_EVERY = 0.5
"""Envelopes are moved by multiples of this many bands."""
_STEEPNESS = 40
"""Of a codec's low-pass: power falls as 1 / (1 + (f / high) ** 40), as ``acoustics.band_limit`` does."""


def augment(frames: Tensor, variation: AugmentSettings) -> Tensor:
    """Log-mel [scenes, frames, 64], each scene changed in its own way."""
    power = torch.clamp(_shift_formants(frames, variation).exp() - features.POWER_FLOOR, min=0)
    power = power * _gain(len(power), variation).to(power.device) * _band(len(power), variation).to(power.device)
    for scene in torch.nonzero(torch.rand(len(frames)) < 1 / 3).flatten():
        width = int(torch.randint(1, variation.masked_mels + 1, ()))
        low = int(torch.randint(0, features.MELS - width, ()))
        power[scene, :, low : low + width] = 0
    return torch.log(power + features.POWER_FLOOR)


def _gain(scenes: int, variation: AugmentSettings) -> Tensor:
    """[scenes, 1, 1], of power."""
    gain: Tensor = 10 ** ((torch.rand(scenes, 1, 1) * 2 - 1) * variation.gain_db / 10)
    return gain


def _band(scenes: int, variation: AugmentSettings) -> Tensor:
    """[scenes, 1, 64], of power."""
    high_hz = torch.empty(scenes, 1, 1).uniform_(*variation.band_hz)
    high_hz[torch.rand(scenes) >= variation.narrowed] = torch.inf
    return 1 / (1 + (torch.from_numpy(features.MEL_CENTERS_HZ).float() / high_hz) ** _STEEPNESS)


def _shift_formants(frames: Tensor, variation: AugmentSettings) -> Tensor:
    farthest = int(variation.timbre_mels / _EVERY)
    moves = _EVERY * np.arange(-farthest, farthest + 1)
    ways = torch.from_numpy(np.stack([moving(by) for by in moves])).to(frames)
    chosen = torch.randint(len(moves), (len(frames),))
    chosen[torch.rand(len(frames)) < variation.kept] = farthest
    return frames @ ways[chosen.to(ways.device)]


def moving(by_mels: float) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """float64 [64, 64]: frames times it have their spectral envelope so many bands higher."""
    series = idct(np.eye(features.MELS)[:ENVELOPE_TERMS], norm="ortho", axis=1)
    bands = np.arange(features.MELS)
    higher = np.array([np.interp(bands - by_mels, bands, term) for term in series])
    moved: np.ndarray[tuple[int, int], np.dtype[np.float64]] = np.eye(features.MELS) + series.T @ (higher - series)
    return moved

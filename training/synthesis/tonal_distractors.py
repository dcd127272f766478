"""Synthetic tonal distractors (theremin, whistle, saw, horn): hard negatives with cry-like pitch contours.

There are too few recordings of them. Unlike an infant they have one timbre throughout, no breath, and no roughness that
comes and goes.
"""

import numpy as np
import numpy.typing as npt
from scipy.ndimage import uniform_filter1d
from scipy.signal import lfilter

from edge.records import SAMPLE_RATE, FloatArray
from training.synthesis.room_acoustics import Generator

_PARTIALS = 24


def glissando(rng: Generator, seconds: float) -> FloatArray:
    """Synthesize one instrument that glides from tone to tone, float32 [n]."""
    hz, loudness = _draw_melody(rng, round(seconds * SAMPLE_RATE))
    phase = 2 * np.pi * np.cumsum(hz) / SAMPLE_RATE
    slope, inharmonicity = rng.uniform(0.2, 3.0), rng.choice([0.0, 0.0, 4e-4])
    odd_only = rng.random() < 0.3
    voice = np.zeros(len(hz))
    for k in range(1, _PARTIALS + 1, 2 if odd_only else 1):
        partial = k * np.sqrt(
            1 + inharmonicity * k**2
        )  # a stiff string's partials are sharp (Fletcher 1964, doi 10.1121/1.1918933)
        voice += np.sin(partial * phase + rng.uniform(0, 6)) * (partial * hz < 0.47 * SAMPLE_RATE) / k**slope
    if rng.random() < 0.3:  # the buzz of a reed, a horn or a balloon
        voice *= 1 + rng.uniform(0.2, 0.9) * np.sin(2 * np.pi * rng.uniform(20, 90) * np.arange(len(hz)) / SAMPLE_RATE)
    for _ in range(rng.integers(0, 3)):
        voice = voice + rng.uniform(0.3, 2.0) * _resonance(voice, rng.uniform(400, 4_000), rng.uniform(60, 500))
    breath = rng.standard_normal(len(hz)) * rng.choice([0.0, 0.02, 0.1]) * np.sqrt(np.mean(voice**2) + 1e-9)
    played: FloatArray = ((voice + breath) * loudness).astype(np.float32)
    return played


def _draw_melody(rng: Generator, count: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Draw frequency and loudness of every sample: tones, held or short, with glides, vibrato and rests."""
    low, wide = rng.uniform(7.3, 9.8), rng.uniform(0.2, 1.6)  # octaves above 1 Hz: from 160 to 900 Hz, and upward
    longest_s, rests = rng.choice([0.4, 1.0, 3.0]), rng.choice([0.0, 0.3, 1.0])
    attack_s = rng.choice([0.01, 0.05, 0.2])
    pitch: list[npt.NDArray[np.float64]] = []
    loudness: list[npt.NDArray[np.float64]] = []
    filled = 0
    while filled < count:
        tone = int(rng.uniform(0.15, longest_s) * SAMPLE_RATE)
        rest = int(rng.uniform(0.03, 1.5) * SAMPLE_RATE) if rng.random() < rests else 0
        edge = np.minimum(1, np.minimum(np.arange(tone), np.arange(tone)[::-1]) / (attack_s * SAMPLE_RATE))
        pitch.append(np.full(tone + rest, low + rng.uniform(0, wide)))
        loudness.append(np.pad(edge * rng.uniform(0.5, 1) if rest else np.full(tone, rng.uniform(0.5, 1)), (0, rest)))
        filled += tone + rest
    glide = uniform_filter1d(np.concatenate(pitch)[:count], int(rng.choice([0.02, 0.1, 0.4]) * SAMPLE_RATE))
    beat = np.sin(2 * np.pi * rng.uniform(4, 8) * np.arange(count) / SAMPLE_RATE)
    vibrato = rng.choice([0.0, 0.02, 0.08]) * beat
    return 2 ** (glide + vibrato), uniform_filter1d(np.concatenate(loudness)[:count], 160)


def _resonance(samples: npt.NDArray[np.float64], hz: float, width_hz: float) -> npt.NDArray[np.float64]:
    """Filter with a two-pole resonance at one frequency; the level stays."""
    radius = np.exp(-np.pi * width_hz / SAMPLE_RATE)
    poles = [1.0, -2 * radius * np.cos(2 * np.pi * hz / SAMPLE_RATE), radius**2]
    resonant = np.asarray(lfilter([1.0], poles, samples), np.float64)
    return np.asarray(resonant * np.sqrt(np.mean(samples**2) / (np.mean(resonant**2) + 1e-12)))

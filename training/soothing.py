"""Sounds that no clip holds: humming, shushing and patting, synthesized from figures.

Humming: closed lips leave little above 1 kHz; a lullaby moves in steps of a few semitones, notes of 0.3-1.2 s.
Shushing: noise between about 2 and 7 kHz in breaths of 0.4-1.2 s. Patting: 1.5-3 dull thumps a second.
"""

import numpy as np

from edge.records import SAMPLE_RATE, FloatArray
from training.acoustics import Generator, band_limit


def humming(rng: Generator, seconds: float) -> FloatArray:
    """A hummed lullaby, float32 [n]."""
    count = int(seconds * SAMPLE_RATE)
    base_hz = rng.uniform(110, 330)
    steps = rng.choice([0, 2, 4, 5, 7, 9, 12], size=int(seconds * 4) + 2)
    hz, loudness = np.empty(0), np.empty(0)
    for step in steps:
        note = int(rng.uniform(0.3, 1.2) * SAMPLE_RATE)
        hz = np.append(hz, np.full(note, base_hz * 2 ** (step / 12)))
        edge = np.minimum(1, np.minimum(np.arange(note), np.arange(note)[::-1]) / (0.05 * SAMPLE_RATE))
        loudness = np.append(loudness, edge * rng.uniform(0.6, 1) * (rng.random() > 0.12))
        if len(hz) >= count:
            break
    glide = np.convolve(np.pad(hz, 800, mode="edge"), np.ones(1_601) / 1_601, mode="valid")[:count]
    vibrato = 1 + 0.008 * np.sin(2 * np.pi * rng.uniform(4.5, 6.5) * np.arange(count) / SAMPLE_RATE)
    phase = 2 * np.pi * np.cumsum(glide * vibrato) / SAMPLE_RATE
    slope = rng.uniform(1.2, 2.2)
    voice = sum(np.sin(k * phase + rng.uniform(0, 6)) / k**slope for k in range(1, 9))
    breath = band_limit(rng.standard_normal(count).astype(np.float32), 100, 2_000) * 0.02
    return np.asarray((voice + breath) * loudness[:count], np.float32)


def shushing(rng: Generator, seconds: float) -> FloatArray:
    """Sh, sh, sh: float32 [n]."""
    count = int(seconds * SAMPLE_RATE)
    noise = band_limit(
        rng.standard_normal(count).astype(np.float32), rng.uniform(1_200, 2_500), rng.uniform(5_000, 7_800)
    )
    envelope = np.zeros(count, np.float32)
    position = int(rng.uniform(0, 0.5) * SAMPLE_RATE)
    breath_s, pause_s = rng.uniform(0.25, 1.1), rng.uniform(0.1, 0.6)
    while position < count:
        length = int(breath_s * rng.uniform(0.8, 1.2) * SAMPLE_RATE)
        shape = np.sin(np.pi * np.linspace(0, 1, length)) ** rng.uniform(0.4, 1)
        stop = min(position + length, count)
        envelope[position:stop] = shape[: stop - position] * rng.uniform(0.7, 1)
        position = stop + int(pause_s * rng.uniform(0.7, 1.5) * SAMPLE_RATE)
    shushed: FloatArray = noise * envelope
    return shushed


def patting(rng: Generator, seconds: float) -> FloatArray:
    """A hand on a back: float32 [n]."""
    count = int(seconds * SAMPLE_RATE)
    out = np.zeros(count, np.float32)
    period = SAMPLE_RATE / rng.uniform(1.5, 3)
    thump_s = np.arange(1_600) / SAMPLE_RATE
    for beat in np.arange(rng.uniform(0, period), count - 1_600, period):
        start = int(beat + rng.normal(0, 300))
        tone = np.sin(2 * np.pi * rng.uniform(70, 140) * thump_s) + 0.5 * rng.standard_normal(1_600)
        thump = (tone * np.exp(-thump_s / 0.02) * rng.uniform(0.6, 1)).astype(np.float32)
        out[max(start, 0) : max(start, 0) + 1_600] += thump[: count - max(start, 0)]
    return band_limit(out, 40, 900)

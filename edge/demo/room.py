"""The room around the voices: its reverberation and its own soft noise."""

import numpy as np

from edge.records import SAMPLE_RATE, FloatArray

DECAY_S = 0.35
"""Time in which a furnished bedroom's reverberation falls by 60 dB (RT60)."""
FIRST_WALL_S = 0.002
"""Delay of the first reflection behind the direct sound."""


def reverberant(samples: FloatArray, reverberation_db: float, rng: np.random.Generator) -> FloatArray:
    """The same sound, as long as before, heard in the room.

    The direct sound keeps its level. The reverberation is exponentially decaying noise; its energy against the direct
    sound's is reverberation_db: 0 at the critical distance (under a meter in a bedroom), lower nearer.
    """
    count = round(DECAY_S * SAMPLE_RATE)
    tail = rng.standard_normal(count) * 10 ** (-3 * np.arange(count) / count)
    tail *= 10 ** (reverberation_db / 20) / np.linalg.norm(tail)
    tail[: round(FIRST_WALL_S * SAMPLE_RATE)] = 0
    tail[0] = 1
    size = 1 << (len(samples) + count).bit_length()
    wet = np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(tail, size), size)
    return wet[: len(samples)].astype(np.float32)


def air(count: int, rms: float, rng: np.random.Generator) -> FloatArray:
    """Room tone: pink noise (1/f power, flat below 60 Hz), float32 [count]."""
    size = 1 << count.bit_length()
    spectrum = np.fft.rfft(rng.standard_normal(size))
    spectrum /= np.sqrt(np.maximum(np.fft.rfftfreq(size, 1 / SAMPLE_RATE), 60.0))
    noise = np.fft.irfft(spectrum, size)[:count]
    tone: FloatArray = (noise * (rms / np.sqrt(np.mean(noise**2)))).astype(np.float32)
    return tone

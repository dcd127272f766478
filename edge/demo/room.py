"""Reverberation and background noise of the room."""

import numpy as np

from edge.records import SAMPLE_RATE, FloatArray

DECAY_S = 0.35
"""Reverberation time of a furnished bedroom (RT60, 60 dB), seconds."""
FIRST_WALL_S = 0.002
"""Delay of the first reflection after the direct sound, seconds."""


def add_reverberation(samples: FloatArray, reverberation_db: float, rng: np.random.Generator) -> FloatArray:
    """Return the sound with reverberation, float32 of the same length.

    The direct sound keeps its level. The reverberation is exponentially decaying noise, whose energy relative to the
    direct sound is ``reverberation_db``: 0 at the critical distance (under a meter in a bedroom), lower when nearer.
    """
    count = round(DECAY_S * SAMPLE_RATE)
    tail = rng.standard_normal(count) * 10 ** (-3 * np.arange(count) / count)
    tail *= 10 ** (reverberation_db / 20) / np.linalg.norm(tail)
    tail[: round(FIRST_WALL_S * SAMPLE_RATE)] = 0
    tail[0] = 1
    size = 1 << (len(samples) + count).bit_length()
    wet = np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(tail, size), size)
    return wet[: len(samples)].astype(np.float32)


def room_tone(count: int, rms: float, rng: np.random.Generator) -> FloatArray:
    """Return pink noise (1/f power, flat below 60 Hz) of this RMS, float32 [count]."""
    size = 1 << count.bit_length()
    spectrum = np.fft.rfft(rng.standard_normal(size))
    spectrum /= np.sqrt(np.maximum(np.fft.rfftfreq(size, 1 / SAMPLE_RATE), 60.0))
    noise = np.fft.irfft(spectrum, size)[:count]
    tone: FloatArray = (noise * (rms / np.sqrt(np.mean(noise**2)))).astype(np.float32)
    return tone

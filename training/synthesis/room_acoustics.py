"""Room acoustics: levels, impulse responses, band limits and playing speed of composed sound."""

import math

import numpy as np
from scipy.signal import fftconvolve

from edge.records import SAMPLE_RATE, FloatArray

Generator = np.random.Generator


def active_level(samples: FloatArray) -> float:
    """Return the RMS of the louder half of the 50 ms pieces: the level of a sound while it sounds."""
    pieces = samples[: len(samples) // 800 * 800].reshape(-1, 800)
    if not len(pieces):
        return 1e-6
    power = np.sort(np.mean(pieces**2, axis=1))
    return float(np.sqrt(power[len(power) // 2 :].mean())) + 1e-6


def to_level(samples: FloatArray, dbfs: float) -> FloatArray:
    """Scale a sound so that its active level is ``dbfs``."""
    scaled: FloatArray = samples * np.float32(10 ** (dbfs / 20) / active_level(samples))
    return scaled


def impulse_response(
    rng: Generator, direct_to_reverberant_db: float, rt60_s: float, measured: FloatArray | None = None
) -> FloatArray:
    """Return a room's impulse response, float32 [n]: a direct path and a tail.

    The tail is that of a ``measured`` response, or a synthetic one of a few early reflections and of noise that decays
    faster in the highs.
    """
    tail = _synthetic_tail(rng, rt60_s) if measured is None else _measured_tail(measured)
    tail *= 10 ** (-direct_to_reverberant_db / 20) / np.sqrt((tail**2).sum() + 1e-12)
    tail[0] = 1.0
    response: FloatArray = tail.astype(np.float32)
    return response


def _measured_tail(response: FloatArray) -> FloatArray:
    """Return the part of a measured response after its direct path, at most 0.8 s."""
    tail = response[int(np.argmax(np.abs(response))) :][: int(0.8 * SAMPLE_RATE)].copy()
    tail[:16] = 0
    return tail


def _synthetic_tail(rng: Generator, rt60_s: float) -> FloatArray:
    length = max(int(min(rt60_s, 0.8) * SAMPLE_RATE), 800)
    time_s = np.arange(length) / SAMPLE_RATE
    noise = rng.standard_normal(length) * np.exp(-6.91 * time_s / rt60_s)
    dull = np.convolve(noise, np.ones(4) / 4, mode="same")
    blend = np.exp(-time_s / (0.25 * rt60_s))
    tail = noise * blend + dull * (1 - blend)
    tail[: rng.integers(16, 160)] = 0
    for _ in range(rng.integers(2, 8)):
        tail[rng.integers(16, 800)] += rng.normal() * 3 * tail.std()
    return np.asarray(tail, np.float32)


def in_room(samples: FloatArray, response: FloatArray) -> FloatArray:
    """Convolve a sound with a room's response, at its old length."""
    reverberant: FloatArray = fftconvolve(samples, response)[: len(samples)].astype(np.float32)
    return reverberant


def band_limit(samples: FloatArray, low_hz: float, high_hz: float) -> FloatArray:
    """Apply a steep band-pass, as codecs and small loudspeakers have."""
    spectrum = np.fft.rfft(samples)
    hz = np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE)
    gain = 1 / np.sqrt((1 + (low_hz / np.maximum(hz, 1)) ** 6) * (1 + (hz / high_hz) ** 40))
    limited: FloatArray = np.fft.irfft(spectrum * gain, len(samples)).astype(np.float32)
    return limited


def at_speed(samples: FloatArray, speed: float) -> FloatArray:
    """Play a sound faster or slower, which also shifts its pitch: another infant, another adult."""
    moments = np.arange(0, len(samples) - 1, speed)
    return np.asarray(np.interp(moments, np.arange(len(samples)), samples), np.float32)


def count_at_speed(samples: int, speed: float) -> int:
    """Return the number of samples of ``at_speed`` without computing it."""
    return max(0, math.ceil((samples - 1) / speed))

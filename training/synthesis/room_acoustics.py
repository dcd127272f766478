"""What a room, a microphone and a phone do to sound: augmentation applied to every class alike.

Most infant clips stop at 4 kHz and most others do not, so each of these is drawn independently of the label: a model
must not learn "no highs = baby".
"""

import numpy as np
from scipy.ndimage import uniform_filter1d
from scipy.signal import fftconvolve

from edge.records import SAMPLE_RATE, FloatArray

Generator = np.random.Generator


def active_level(samples: FloatArray) -> float:
    """RMS of the louder half of the 50 ms pieces: the level of a sound while it sounds."""
    pieces = samples[: len(samples) // 800 * 800].reshape(-1, 800)
    if not len(pieces):
        return 1e-6
    power = np.sort(np.mean(pieces**2, axis=1))
    return float(np.sqrt(power[len(power) // 2 :].mean())) + 1e-6


def to_level(samples: FloatArray, dbfs: float) -> FloatArray:
    """The sound with its active level at ``dbfs``."""
    scaled: FloatArray = samples * np.float32(10 ** (dbfs / 20) / active_level(samples))
    return scaled


def impulse_response(
    rng: Generator, direct_to_reverberant_db: float, rt60_s: float, measured: FloatArray | None = None
) -> FloatArray:
    """A room: a direct path, then a ``measured`` response's tail, or a synthetic one: a few early reflections, and
    noise that decays faster in the highs.
    """
    tail = _synthetic_tail(rng, rt60_s) if measured is None else _measured_tail(measured)
    tail *= 10 ** (-direct_to_reverberant_db / 20) / np.sqrt((tail**2).sum() + 1e-12)
    tail[0] = 1.0
    response: FloatArray = tail.astype(np.float32)
    return response


def _measured_tail(response: FloatArray) -> FloatArray:
    """What comes after the direct path of a measured response, at most 0.8 s."""
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
    """The sound as heard in the room, as long as it was."""
    heard: FloatArray = fftconvolve(samples, response)[: len(samples)].astype(np.float32)
    return heard


def _smooth_response(rng: Generator, bins: int, spread_db: float) -> FloatArray:
    """A gentle random equalizer over ``bins`` frequencies."""
    knots = rng.normal(0, spread_db, 8)
    gain_db = np.interp(np.geomspace(1, bins, bins), np.geomspace(1, bins, 8), knots)
    gain: FloatArray = np.power(10.0, gain_db / 20).astype(np.float32)
    return gain


def band_limit(samples: FloatArray, low_hz: float, high_hz: float) -> FloatArray:
    """Steep band-pass, as codecs and small loudspeakers do."""
    spectrum = np.fft.rfft(samples)
    hz = np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE)
    gain = 1 / np.sqrt((1 + (low_hz / np.maximum(hz, 1)) ** 6) * (1 + (hz / high_hz) ** 40))
    limited: FloatArray = np.fft.irfft(spectrum * gain, len(samples)).astype(np.float32)
    return limited


def microphone(samples: FloatArray, rng: Generator) -> FloatArray:
    """A microphone and what follows it: color, own noise, sometimes a phone's band, compression, coarse steps."""
    spectrum = np.fft.rfft(samples)
    spectrum *= _smooth_response(rng, len(spectrum), 4.0)
    heard = np.fft.irfft(spectrum, len(samples)).astype(np.float32)
    if rng.random() < 0.4:
        heard = band_limit(heard, rng.uniform(20, 200), rng.choice([3_400, 3_800, 4_000, 5_500, 7_000]))
    noise = rng.standard_normal(len(heard)).astype(np.float32)
    heard += noise * np.float32(10 ** (rng.uniform(-95, -55) / 20))
    if rng.random() < 0.2:  # automatic gain: the louder, the less
        envelope = np.sqrt(uniform_filter1d(heard**2, 4_000) + 1e-8)
        heard = heard * (envelope / envelope.max()) ** rng.uniform(-0.6, 0)
    if rng.random() < 0.1:  # mu-law, the coarse steps of a telephone
        peak = np.abs(heard).max() + 1e-9
        pressed = np.sign(heard) * np.log1p(255 * np.abs(heard) / peak) / np.log(256)
        steps = np.round(pressed * 127) / 127
        heard = np.sign(steps) * np.expm1(np.abs(steps) * np.log(256)) / 255 * peak
    clipped: FloatArray = np.clip(heard, -1, 1).astype(np.float32)
    return clipped


def at_speed(samples: FloatArray, speed: float) -> FloatArray:
    """Played faster or slower, pitch and all: another infant, another adult."""
    moments = np.arange(0, len(samples) - 1, speed)
    return np.asarray(np.interp(moments, np.arange(len(samples)), samples), np.float32)

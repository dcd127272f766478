"""Synthetic soothing sounds (lullaby, humming, sung speech, shushing, patting), of which there are too few clips.

Humming: closed lips leave little above 1 kHz; a lullaby moves in steps of a few semitones, notes of 0.3-1.2 s.
Shushing: noise between about 2 and 7 kHz in breaths of 0.4-1.2 s. Patting: 1.5-3 dull thumps a second.
"""

import numpy as np
import numpy.typing as npt
from scipy.ndimage import uniform_filter1d

from edge.records import SAMPLE_RATE, FloatArray
from training.synthesis.room_acoustics import Generator, band_limit

VOWELS_HZ = np.array([[850, 1610, 2960], [610, 2330, 2990], [370, 2670, 3310], [590, 920, 2710], [430, 1170, 2670]])
"""First three formants of women's vowels (Peterson and Barney 1952, doi 10.1121/1.1906875, rounded)."""


def humming(rng: Generator, seconds: float) -> FloatArray:
    """Synthesize a hummed lullaby, float32 [n]."""
    phase, loudness, _ = _melody(rng, round(seconds * SAMPLE_RATE))
    slope = rng.uniform(1.2, 2.2)
    voice = sum(np.sin(k * phase + rng.uniform(0, 6)) / np.float32(k**slope) for k in range(1, 9))
    breath = band_limit(rng.standard_normal(len(phase)).astype(np.float32), 100, 2_000) * 0.02
    hummed: FloatArray = ((voice + breath) * loudness).astype(np.float32)
    return hummed


def lullaby(rng: Generator, seconds: float) -> FloatArray:
    """Synthesize a sung lullaby, float32 [n]: each note is a vowel with its formants."""
    phase, loudness, note = _melody(rng, round(seconds * SAMPLE_RATE))
    hz = np.gradient(phase) * SAMPLE_RATE / (2 * np.pi)
    formants = (VOWELS_HZ * rng.uniform(0.82, 1.05))[rng.integers(len(VOWELS_HZ), size=note[-1] + 1)][note]
    every = 400  # the mouth moves slowly: its response is computed 40 times a second and interpolated
    strength = np.array([1.0, 0.5, 0.25]) * rng.uniform(0.5, 1.5, 3)
    voice = np.zeros(len(phase), np.float32)
    moments = np.arange(0, len(phase), every)
    for k in range(1, 17):
        away = (k * hz[moments, None] - formants[moments]) / (80 + 0.06 * formants[moments])
        response = (strength / (1 + away**2)).sum(axis=1) / k**0.5
        voice += np.interp(np.arange(len(phase)), moments, response).astype(np.float32) * np.sin(k * phase)
    breath = band_limit(rng.standard_normal(len(phase)).astype(np.float32), 300, 5_000) * 0.02
    sung: FloatArray = ((voice + breath) * loudness).astype(np.float32)
    return sung


def set_to_tune(rng: Generator, speech: FloatArray) -> FloatArray:
    """Set speech to a tune, float32 [n] of the same length: its spectral envelopes on a melody's harmonics.

    The envelope is the smooth part of the cepstrum (Oppenheim and Schafer 1968, homomorphic filtering).
    """
    phase, loudness, _ = _melody(rng, len(speech))
    hz = np.gradient(phase) * SAMPLE_RATE / (2 * np.pi)
    voice = sum(np.sin(k * phase) * (k * hz < 0.47 * SAMPLE_RATE) for k in range(1, 31))
    breath = rng.standard_normal(len(speech)) * rng.uniform(0.1, 0.5)
    tune, words = _spectrum((voice + breath) * np.maximum(loudness, 0.1)), _spectrum(speech)
    words = words[np.minimum(np.arange(len(tune)) // rng.uniform(1, 1.6), len(words) - 1).astype(int)]
    spectrum = tune / _envelope(tune) * _envelope(words)
    framed = np.fft.irfft(spectrum, axis=1) * np.hanning(_SUNG_FRAME)
    song = np.zeros(len(framed) * _SUNG_HOP + _SUNG_FRAME, np.float32)
    for start, frame in zip(range(0, len(song), _SUNG_HOP), framed, strict=False):
        song[start : start + _SUNG_FRAME] += frame
    return song[: len(speech)]


_SUNG_FRAME, _SUNG_HOP = 640, 160
_ENVELOPE_QUEFRENCIES = 28


def _spectrum(samples: npt.NDArray[np.floating]) -> npt.NDArray[np.complex128]:
    """Return the spectrum, complex [frames, bins], of 40 ms frames every 10 ms."""
    padded = np.pad(samples, (0, _SUNG_FRAME))
    framed = np.lib.stride_tricks.sliding_window_view(padded, _SUNG_FRAME)[::_SUNG_HOP]
    return np.asarray(np.fft.rfft(framed * np.hanning(_SUNG_FRAME), axis=1))


def _envelope(spectrum: npt.NDArray[np.complex128]) -> npt.NDArray[np.float64]:
    """Return the spectral envelope of each frame, without the pitch."""
    cepstrum = np.fft.irfft(np.log(np.abs(spectrum) + 1e-4), axis=1)
    cepstrum[:, _ENVELOPE_QUEFRENCIES : -_ENVELOPE_QUEFRENCIES + 1] = 0
    return np.asarray(np.exp(np.fft.rfft(cepstrum, axis=1).real))


def _melody(rng: Generator, count: int) -> tuple[npt.NDArray[np.float64], FloatArray, npt.NDArray[np.int64]]:
    """Draw a tune with glides and vibrato: phase, loudness and note number of every sample."""
    base_hz = rng.uniform(110, 330)
    hz: list[npt.NDArray[np.float64]] = []
    loudness: list[npt.NDArray[np.float64]] = []
    note: list[npt.NDArray[np.int64]] = []
    filled = 0
    while filled < count:
        length = int(rng.uniform(0.25, 1.2) * SAMPLE_RATE)
        edge = np.minimum(1, np.minimum(np.arange(length), np.arange(length)[::-1]) / (0.05 * SAMPLE_RATE))
        hz.append(np.full(length, base_hz * 2 ** (rng.choice([0, 2, 4, 5, 7, 9, 12]) / 12)))
        loudness.append(edge * rng.uniform(0.6, 1) * (rng.random() > 0.12))
        note.append(np.full(length, len(note)))
        filled += length
    glide = uniform_filter1d(np.concatenate(hz)[:count], 1_601)
    vibrato = 1 + 0.008 * np.sin(2 * np.pi * rng.uniform(4.5, 6.5) * np.arange(count) / SAMPLE_RATE)
    phase = 2 * np.pi * np.cumsum(glide * vibrato) / SAMPLE_RATE
    return phase, np.concatenate(loudness)[:count].astype(np.float32), np.concatenate(note)[:count]


def shushing(rng: Generator, seconds: float) -> FloatArray:
    """Synthesize shushing, float32 [n]: noise in breaths."""
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
    """Synthesize patting on a back, float32 [n]."""
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

"""Source-filter synthesis of voices: harmonics or noise, weighted by the resonances of a vocal tract.

    control tracks [frames]  ->  synthesize_voice()  ->  samples [frames * HOP]
                                 synthesize_breath()

The synthesis is additive: each harmonic has the tract's gain at its frequency, so that pitch and resonances can change
at any time without a recursive filter. The cascade of resonances is Fant's (Acoustic Theory of Speech
Production, 1960).
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edge.records import SAMPLE_RATE, FloatArray

HOP = 80
"""Samples between two points of a control track: 5 ms."""
FRAMES_A_SECOND = SAMPLE_RATE // HOP
NYQUIST_HZ = SAMPLE_RATE / 2

Track = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Tract:
    """The resonances of a vocal tract over time."""

    formants_hz: Track
    """float64 [formants, frames], or [formants, 1] for a constant tract."""
    bandwidths_hz: Track
    """float64 [formants, 1]."""

    def gain(self, frequency_hz: Track) -> Track:
        """Return the amplitude gain at ``frequency_hz`` [..., frames]; 1 at 0 Hz.

        Each formant F of bandwidth B is a pole pair: |H(f)| = F^2 / sqrt((F^2 - f^2)^2 + (B f)^2).
        """
        gain: Track = np.ones_like(frequency_hz)
        for formant, bandwidth in zip(self.formants_hz, self.bandwidths_hz, strict=True):
            gain *= formant**2 / np.hypot(formant**2 - frequency_hz**2, bandwidth * frequency_hz)
        return gain


def still_tract(formants_hz: tuple[float, ...], bandwidths_hz: tuple[float, ...]) -> Tract:
    """Return a tract of constant shape."""
    return Tract(np.array(formants_hz)[:, None], np.array(bandwidths_hz)[:, None])


def frames(seconds: float) -> int:
    """Return the number of control points for a duration."""
    return max(2, round(seconds * FRAMES_A_SECOND))


def curve(count: int, *points: tuple[float, float]) -> Track:
    """Return a track [count] that connects (position 0..1, value) points by straight lines."""
    positions, values = zip(*points, strict=True)
    drawn: Track = np.interp(np.linspace(0, 1, count), positions, values)
    return drawn


def wander(count: int, smooth_frames: int, rng: np.random.Generator) -> Track:
    """Return noise of unit variance, smoothed over ``smooth_frames``: jitter when short, drift when long."""
    shape = np.hanning(smooth_frames + 2)[1:-1]
    shape /= np.linalg.norm(shape)
    moved: Track = np.convolve(rng.standard_normal(count + smooth_frames - 1), shape, mode="valid")
    return moved


def silence(seconds: float) -> FloatArray:
    """Return silence, float32 [n]."""
    return np.zeros(round(seconds * SAMPLE_RATE), dtype=np.float32)


def at_full_level(samples: FloatArray) -> FloatArray:
    """Return the sound scaled to a peak of 1."""
    full: FloatArray = (samples / np.abs(samples).max()).astype(np.float32)
    return full


def concatenate_up_to(seconds: float, sounds: Iterable[FloatArray]) -> FloatArray:
    """Return the concatenation of the first sounds that fit into ``seconds``, float32 [n]."""
    whole: list[FloatArray] = []
    left = round(seconds * SAMPLE_RATE)
    for sound in sounds:
        left -= len(sound)
        if left < 0:
            break
        whole.append(sound)
    return np.concatenate(whole)


def synthesize_voice(f0_hz: Track, loudness: Track, tract: Tract, tilt: float) -> FloatArray:
    """Return a voice, float32 [frames * HOP]; ``f0_hz`` and ``loudness`` are [frames].

    Harmonic k of the source has amplitude k^-tilt. ``tilt`` is about 1 for a relaxed voice (-12 dB an octave by the
    glottis, +6 dB by the lips), and less for a pressed one.
    """
    count = len(f0_hz)
    at = np.arange(count * HOP) / HOP
    points = np.arange(count)
    phase = np.cumsum(np.interp(at, points, f0_hz)) * (2 * np.pi / SAMPLE_RATE)
    mix = np.zeros(count * HOP)
    for k in range(1, int(NYQUIST_HZ // f0_hz.min()) + 1):
        harmonic_hz = k * f0_hz
        # A harmonic near the Nyquist frequency fades out, because it would alias above.
        headroom = np.clip((NYQUIST_HZ - harmonic_hz) / 300, 0, 1)
        amplitude = loudness * tract.gain(harmonic_hz) * headroom * k**-tilt
        mix += np.interp(at, points, amplitude) * np.sin(k * phase)
    return mix.astype(np.float32)


def synthesize_breath(loudness: Track, tract: Tract, rng: np.random.Generator, lowest_hz: float = 0.0) -> FloatArray:
    """Return breath noise through the tract, float32 [frames * HOP], without sound below ``lowest_hz``."""
    count = len(loudness)
    width = 4 * HOP
    window = np.hanning(width + 1)[:-1]
    frequency_hz = np.fft.rfftfreq(width, 1 / SAMPLE_RATE)
    gain = tract.gain(np.repeat(frequency_hz[:, None], count, axis=1)).T * loudness[:, None]
    gain /= 1 + (lowest_hz / (frequency_hz + 1.0)) ** 6
    noise = np.fft.irfft(np.fft.rfft(rng.standard_normal((count, width)) * window) * gain, n=width) * window
    mix = np.zeros((count + 4) * HOP)
    for quarter in range(4):  # overlap-add: each frame covers four hops
        end = quarter * HOP + count * HOP
        mix[quarter * HOP : end] += noise[:, quarter * HOP : (quarter + 1) * HOP].reshape(-1)
    return mix[: count * HOP].astype(np.float32)

"""Voices by source and filter: harmonics or noise, weighted by the resonances of a vocal tract.

    control tracks [frames]  ->  voiced()  ->  samples [frames * HOP]
                                 noisy()

Harmonics are added one by one, each as loud as the tract makes its frequency (additive synthesis), so that pitch and
resonances move freely without a recursive filter. The cascade of resonances is Fant's (Acoustic Theory of Speech
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
    """float64 [formants, frames], or [formants, 1] where it does not move."""
    bandwidths_hz: Track
    """float64 [formants, 1]."""

    def gain(self, frequency_hz: Track) -> Track:
        """Amplitude gain at frequency_hz [..., frames]; 1 at 0 Hz.

        Each formant F of bandwidth B is a pole pair: |H(f)| = F^2 / sqrt((F^2 - f^2)^2 + (B f)^2).
        """
        gain: Track = np.ones_like(frequency_hz)
        for formant, bandwidth in zip(self.formants_hz, self.bandwidths_hz, strict=True):
            gain *= formant**2 / np.hypot(formant**2 - frequency_hz**2, bandwidth * frequency_hz)
        return gain


def still_tract(formants_hz: tuple[float, ...], bandwidths_hz: tuple[float, ...]) -> Tract:
    """A tract that holds its shape."""
    return Tract(np.array(formants_hz)[:, None], np.array(bandwidths_hz)[:, None])


def frames(seconds: float) -> int:
    """Control points in so many seconds."""
    return max(2, round(seconds * FRAMES_A_SECOND))


def curve(count: int, *points: tuple[float, float]) -> Track:
    """A track [count] drawn through (position 0..1, value) points in straight lines."""
    positions, values = zip(*points, strict=True)
    drawn: Track = np.interp(np.linspace(0, 1, count), positions, values)
    return drawn


def wander(count: int, smooth_frames: int, rng: np.random.Generator) -> Track:
    """Random movement of unit variance around 0, as slow as smooth_frames: jitter when short, drift when long."""
    shape = np.hanning(smooth_frames + 2)[1:-1]
    shape /= np.linalg.norm(shape)
    moved: Track = np.convolve(rng.standard_normal(count + smooth_frames - 1), shape, mode="valid")
    return moved


def silence(seconds: float) -> FloatArray:
    """Nobody makes a sound: float32 [n]."""
    return np.zeros(round(seconds * SAMPLE_RATE), dtype=np.float32)


def at_full_level(samples: FloatArray) -> FloatArray:
    """The same sound, its loudest sample at 1."""
    full: FloatArray = (samples / np.abs(samples).max()).astype(np.float32)
    return full


def up_to(seconds: float, sounds: Iterable[FloatArray]) -> FloatArray:
    """As many of the sounds, one after the other, as fit: float32 [n]."""
    whole: list[FloatArray] = []
    left = round(seconds * SAMPLE_RATE)
    for sound in sounds:
        left -= len(sound)
        if left < 0:
            break
        whole.append(sound)
    return np.concatenate(whole)


def voiced(f0_hz: Track, loudness: Track, tract: Tract, tilt: float) -> FloatArray:
    """A voice: float32 [frames * HOP].

    f0_hz and loudness are [frames]. Harmonic k of the source has amplitude k^-tilt: about 1 for a relaxed voice
    (12 dB an octave from the glottis, 6 dB back at the lips), less when it is pressed.
    """
    count = len(f0_hz)
    at = np.arange(count * HOP) / HOP
    points = np.arange(count)
    phase = np.cumsum(np.interp(at, points, f0_hz)) * (2 * np.pi / SAMPLE_RATE)
    mix = np.zeros(count * HOP)
    for k in range(1, int(NYQUIST_HZ // f0_hz.min()) + 1):
        harmonic_hz = k * f0_hz
        # A harmonic near Nyquist fades out rather than folding back.
        headroom = np.clip((NYQUIST_HZ - harmonic_hz) / 300, 0, 1)
        amplitude = loudness * tract.gain(harmonic_hz) * headroom * k**-tilt
        mix += np.interp(at, points, amplitude) * np.sin(k * phase)
    return mix.astype(np.float32)


def noisy(loudness: Track, tract: Tract, rng: np.random.Generator, lowest_hz: float = 0.0) -> FloatArray:
    """Breath through the same tract: float32 [frames * HOP]; nothing below lowest_hz (the front cavity of a hiss)."""
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

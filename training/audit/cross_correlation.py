"""Is it the same sound? Two clips laid over each other, sample by sample."""

import numpy as np
import numpy.typing as npt
from scipy.fft import irfft, next_fast_len, rfft, rfftfreq
from scipy.ndimage import uniform_filter1d

from edge.records import SAMPLE_RATE, FloatArray

SAME = 0.6
"""Likeness from which two clips hold the same sound; set by looking at pairs of real clips: few lie near it."""
_LOW_HZ, _HIGH_HZ = 100.0, 3_600.0
"""What an 8 kHz recording keeps."""
_SMOOTH_HZ = 300.0
_FLOOR = 1e-4
"""Of the loudest, in power: what lies lower stays low, for a codec has put noise of its own there."""
_LONGEST_SAMPLES = 4 * SAMPLE_RATE
_SHORTEST_SAMPLES = SAMPLE_RATE
"""Two clips overlap so long, or by half of the shorter one: with less, a knock or a held tone would do."""
_SLACK_SAMPLES = 512

Spectrum = npt.NDArray[np.complexfloating]


def correlation(first: FloatArray, second: FloatArray, lag_samples: int) -> float:
    """Correlation, 0 to 1, where the clips overlap; at most 4 s, where the first is loudest.

    Both are first made equally loud at all frequencies: else two hums of one pitch, or two rumbles, would be one sound.
    """
    start, stop = max(0, -lag_samples), min(len(first), len(second) - lag_samples)
    if stop - start < min(_SHORTEST_SAMPLES, (min(len(first), len(second)) + 1) // 2) or stop <= start:
        return 0.0
    one, other = first[start:stop], second[start + lag_samples : stop + lag_samples]
    if len(one) > _LONGEST_SAMPLES:
        energy = np.cumsum(one.astype(np.float64) ** 2)
        best = int(np.argmax(energy[_LONGEST_SAMPLES:] - energy[:-_LONGEST_SAMPLES]))
        one, other = one[best : best + _LONGEST_SAMPLES], other[best : best + _LONGEST_SAMPLES]
    size = next_fast_len(len(one) + _SLACK_SAMPLES, real=True)
    hz = rfftfreq(size, 1 / SAMPLE_RATE)
    flat, other_flat = _flattened(rfft(one, size), hz), _flattened(rfft(other, size), hz)
    power = np.sqrt((np.abs(flat) ** 2).sum() * (np.abs(other_flat) ** 2).sum())
    if power == 0:
        return 0.0
    correlation = irfft(flat * np.conj(other_flat), size) * size / 2
    near = np.concatenate([correlation[: _SLACK_SAMPLES + 1], correlation[-_SLACK_SAMPLES:]])
    return float(min(1.0, np.abs(near).max() / power))


def _flattened(spectrum: Spectrum, hz: npt.NDArray[np.float64]) -> Spectrum:
    inside: Spectrum = np.where((hz > _LOW_HZ) & (hz < _HIGH_HZ), spectrum, 0)
    power = uniform_filter1d(np.abs(inside) ** 2, max(1, round(_SMOOTH_HZ / hz[1])))
    return np.asarray(inside / np.sqrt(power + _FLOOR * power.max() + 1e-20))

"""Cross-correlation of two clips, which shows whether they contain the same sound."""

import numpy as np
import numpy.typing as npt
from scipy.fft import irfft, next_fast_len, rfft, rfftfreq
from scipy.ndimage import uniform_filter1d

from edge.records import SAMPLE_RATE, FloatArray

SAME_SOUND = 0.6
"""Lowest correlation of clips with the same sound; few pairs of real clips have a value near it."""
_LOW_HZ, _HIGH_HZ = 100.0, 3_600.0
"""Band that an 8 kHz recording contains."""
_SMOOTH_HZ = 300.0
"""Bandwidth of the spectral whitening."""
_FLOOR = 1e-4
"""Regularization relative to the highest power, so that a codec's own noise is not amplified."""
_LONGEST_SAMPLES = 4 * SAMPLE_RATE
"""Longest compared part."""
_SHORTEST_SAMPLES = SAMPLE_RATE
"""Shortest overlap, or half of the shorter clip; in a shorter one, a knock or a held tone would suffice."""
_SLACK_SAMPLES = 512
"""Largest error of the lag from the fingerprints."""

Spectrum = npt.NDArray[np.complexfloating]


def correlation(first: FloatArray, second: FloatArray, lag_samples: int) -> float:
    """Return the largest correlation of the clips' overlap near this lag, 0 to 1.

    The clips are float32 [n] at 16 kHz. At most 4 s are compared, at the loudest part of the first clip. Both spectra
    are whitened first, because two hums of one pitch, or two rumbles, would otherwise correlate.
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
    flat, other_flat = _whiten(rfft(one, size), hz), _whiten(rfft(other, size), hz)
    power = np.sqrt((np.abs(flat) ** 2).sum() * (np.abs(other_flat) ** 2).sum())
    if power == 0:
        return 0.0
    correlation = irfft(flat * np.conj(other_flat), size) * size / 2
    near = np.concatenate([correlation[: _SLACK_SAMPLES + 1], correlation[-_SLACK_SAMPLES:]])
    return float(min(1.0, np.abs(near).max() / power))


def _whiten(spectrum: Spectrum, hz: npt.NDArray[np.float64]) -> Spectrum:
    inside: Spectrum = np.where((hz > _LOW_HZ) & (hz < _HIGH_HZ), spectrum, 0)
    power = uniform_filter1d(np.abs(inside) ** 2, max(1, round(_SMOOTH_HZ / hz[1])))
    return np.asarray(inside / np.sqrt(power + _FLOOR * power.max() + 1e-20))

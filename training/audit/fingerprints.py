"""Audio fingerprints: pairs of spectral peaks, and the clips that share many of them at one time offset.

After Wang, "An industrial-strength audio search algorithm" (ISMIR 2003). The position of a peak is independent of its
level, so gain, codecs and a low-pass change few peaks. Two peaks and the time between them are rare enough to index.
Only the band of an 8 kHz recording is used. A copy at another speed or pitch is not found.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.fft import rfft
from scipy.ndimage import maximum_filter

from edge.records import FloatArray

STEP_SAMPLES = 256
_WINDOW_SAMPLES = 1_024
_BINS = slice(6, 230)
"""94 Hz to 3.6 kHz."""
_NEIGHBORHOOD = (13, 21)
"""Frames and bins around a peak without a higher value: 0.2 s, 330 Hz."""
_RANGE = 9.0
"""Peaks this far below the clip's highest are noise; natural-log amplitude (78 dB)."""
_FAN = 5
"""Later peaks that each peak is paired with."""
_LONGEST, _WIDEST = 64, 96
"""Largest distance of a mark's two peaks, frames and bins."""
_CROWD = 100
"""Comparisons of each mark with equal ones; a hum's mark occurs everywhere and is not informative."""
LEAST_MARKS, LEAST_SHARE = 5, 0.04
"""Common marks at one offset that make a pair a candidate: a number, or a share of the clip with fewer marks."""
_FEWEST = 3
"""Pairs with fewer common marks are dropped before the offsets are compared."""

Marks = npt.NDArray[np.int32]
"""int32 [marks, 2]: the mark's hash, and the frame of its first peak."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Two clips that may contain the same sound."""

    first: int
    second: int
    lag_samples: int
    """The sound at t in the first clip is at t + lag in the second."""


def marks(samples: FloatArray) -> Marks:
    """Return the marks of a clip (float32 [n], 16 kHz), independent of its gain."""
    loudest = float(np.abs(samples).max(initial=0.0))
    if loudest < 1e-4:
        return np.zeros((0, 2), np.int32)
    padded = np.pad(samples / loudest, (_WINDOW_SAMPLES // 2, _WINDOW_SAMPLES))
    framed = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW_SAMPLES)[::STEP_SAMPLES]
    level = np.log(np.abs(rfft(framed * np.hanning(_WINDOW_SAMPLES).astype(np.float32), axis=1))[:, _BINS] + 1e-6)
    highest = level == maximum_filter(level, size=_NEIGHBORHOOD)
    frame, band = np.nonzero(highest & (level > level.max() - _RANGE))
    found = []
    for ahead in range(1, _FAN + 1):
        frames, bands = frame[ahead:] - frame[:-ahead], band[ahead:] - band[:-ahead]
        near = (frames >= 1) & (frames < _LONGEST) & (np.abs(bands) < _WIDEST)
        code = ((band[:-ahead] // 2) * 128 + (bands // 2 + 64)) * _LONGEST + frames
        found.append(np.stack([code[near], frame[:-ahead][near]], axis=1))
    return np.concatenate(found).astype(np.int32)


def candidates(clips: Sequence[Marks]) -> list[Candidate]:
    """Return pairs of clips with enough common marks at one offset."""
    counts = np.array([len(each) for each in clips])
    if not counts.sum():
        return []
    code, frame = np.concatenate(clips).T.astype(np.int64)
    owner = np.repeat(np.arange(len(clips)), counts)
    order = np.argsort(code, kind="stable")  # keeps the owners of equal marks in ascending order
    code, frame, owner = code[order], frame[order], owner[order]
    span = 2 * int(frame.max()) + 3
    matches = []
    for ahead in range(1, _CROWD):
        equal = np.flatnonzero(code[ahead:] == code[:-ahead])
        equal = equal[owner[equal] != owner[equal + ahead]]
        lag = frame[equal + ahead] - frame[equal] + span // 2
        matches.append((owner[equal] * len(clips) + owner[equal + ahead]) * span + lag)
    key, votes = np.unique(np.concatenate(matches), return_counts=True)
    beside = np.flatnonzero(np.diff(key) == 1)  # an offset between two frames spreads its marks over both
    votes[beside] += votes[beside + 1]
    key, votes = key[votes >= _FEWEST], votes[votes >= _FEWEST]
    return _select_candidates(key // span, key % span - span // 2, votes, counts)


def _select_candidates(
    pair: npt.NDArray[np.int64], lag: npt.NDArray[np.int64], votes: npt.NDArray[np.int64], counts: npt.NDArray[np.int64]
) -> list[Candidate]:
    """Return each pair with enough marks in common once, at the offset with the most of them."""
    best = np.lexsort((-votes, pair))
    best = best[np.diff(pair[best], prepend=-1) > 0]
    first, second = np.divmod(pair[best], len(counts))
    enough = (votes[best] >= LEAST_MARKS) | (votes[best] >= LEAST_SHARE * np.minimum(counts[first], counts[second]))
    return [
        Candidate(int(one), int(two), int(frames) * STEP_SAMPLES)
        for one, two, frames in zip(first[enough], second[enough], lag[best][enough], strict=True)
    ]

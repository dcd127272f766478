"""Which clips may hold the same sound: pairs of spectral peaks that recur at one and the same distance in time.

After Wang, "An industrial-strength audio search algorithm" (ISMIR 2003): a peak says where energy is, not how much, so
gain, codecs and lost highs change few of them; two peaks and the time between them are rare enough to be looked up.
Only what an 8 kHz recording keeps is used. Another speed or pitch makes another sound: that is not found.
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
"""Frames and bins in which a peak is the highest: 0.2 s, 330 Hz."""
_RANGE = 9.0
"""Peaks lower than this below the clip's highest (natural-log amplitude: 78 dB) are noise."""
_FAN = 5
_LONGEST, _WIDEST = 64, 96
"""Frames and bins between two peaks of a mark."""
_CROWD = 100
"""Of marks alike, each is compared with so many others: a hum's mark, found everywhere, tells nothing."""
LEAST_MARKS, LEAST_SHARE = 5, 0.04
"""Marks at one offset from which a pair is worth a closer look: so many, or this share of the poorer clip's."""
_FEWEST = 3

Marks = npt.NDArray[np.int32]
"""[marks, 2]: what it is, and the frame it begins in."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Two clips that may hold the same sound."""

    first: int
    second: int
    lag_samples: int
    """What is at t in the first is at t + lag in the second."""


def marks(samples: FloatArray) -> Marks:
    """The marks of a clip (float32 [n], 16 kHz), whatever its gain."""
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
        what = ((band[:-ahead] // 2) * 128 + (bands // 2 + 64)) * _LONGEST + frames
        found.append(np.stack([what[near], frame[:-ahead][near]], axis=1))
    return np.concatenate(found).astype(np.int32)


def candidates(clips: Sequence[Marks]) -> list[Candidate]:
    """Pairs with enough marks in common at one offset."""
    counts = np.array([len(each) for each in clips])
    if not counts.sum():
        return []
    what, frame = np.concatenate(clips).T.astype(np.int64)
    owner = np.repeat(np.arange(len(clips)), counts)
    order = np.argsort(what, kind="stable")  # so that of marks alike the owners ascend
    what, frame, owner = what[order], frame[order], owner[order]
    span = 2 * int(frame.max()) + 3
    met = []
    for ahead in range(1, _CROWD):
        alike = np.flatnonzero(what[ahead:] == what[:-ahead])
        alike = alike[owner[alike] != owner[alike + ahead]]
        lag = frame[alike + ahead] - frame[alike] + span // 2
        met.append((owner[alike] * len(clips) + owner[alike + ahead]) * span + lag)
    key, votes = np.unique(np.concatenate(met), return_counts=True)
    beside = np.flatnonzero(np.diff(key) == 1)  # half a frame of offset spreads over two
    votes[beside] += votes[beside + 1]
    key, votes = key[votes >= _FEWEST], votes[votes >= _FEWEST]
    return _worth_a_look(key // span, key % span - span // 2, votes, counts)


def _worth_a_look(
    pair: npt.NDArray[np.int64], lag: npt.NDArray[np.int64], votes: npt.NDArray[np.int64], counts: npt.NDArray[np.int64]
) -> list[Candidate]:
    """Each pair once, at the offset with the most votes."""
    best = np.lexsort((-votes, pair))
    best = best[np.diff(pair[best], prepend=-1) > 0]
    first, second = np.divmod(pair[best], len(counts))
    enough = (votes[best] >= LEAST_MARKS) | (votes[best] >= LEAST_SHARE * np.minimum(counts[first], counts[second]))
    return [
        Candidate(int(one), int(two), int(frames) * STEP_SAMPLES)
        for one, two, frames in zip(first[enough], second[enough], lag[best][enough], strict=True)
    ]

"""Weak labels of infants' clips: a signal rule that marks the frames of cry and whimper by the guideline's numbers.

Weak means that no person listened. A frame is *cry* where it is voiced and well above the clip's own floor, in a burst
at least as long as the guideline's ``full_burst_min_s``, while a tagger scores distress nearby. It is *whimper* where
the burst is shorter or the tagger's score is low. Every other frame is neither.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edge.detection import features
from edge.records import SAMPLE_RATE, FloatArray
from label_schema import Guideline
from training.data.tagger_scores import ClipTaggerScores

LABELLER = "rule:voiced-bursts-1"

CRY_LOW_HZ, CRY_HIGH_HZ = 250.0, 1_000.0
"""Fundamental of cries: 496 +- 95 Hz, hyperphonation above (Michelsson, doi 10.1159/000063190)."""
VOICED = 0.45
"""Normalized autocorrelation from which a frame is voiced."""
ABOVE_FLOOR_DB, BELOW_PEAK_DB = 8.0, 30.0
BELIEVED, HALF_BELIEVED, CERTAIN = 0.15, 0.05, 0.5
"""A tagger's distress score near a frame: of a cry, of a whimper, of a cry without pitch."""
PAUSE_INSIDE_BURST_S = 0.15
_NEAR_S = 0.5
"""A tagger's score counts for the frames this close to its center."""

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class DistressTracks:
    """Frames of cry and of whimper (64 a second) in one infant clip, by rule."""

    cry: Mask
    whimper: Mask

    @property
    def cry_s(self) -> float:
        """Seconds of cry."""
        return float(self.cry.sum()) / features.FRAMES_PER_SECOND

    @property
    def steadiness(self) -> float:
        """Fraction of the time from the first cry to the last that is cry; 0 without a cry."""
        frames = np.flatnonzero(self.cry)
        return float(self.cry[frames[0] : frames[-1] + 1].mean()) if len(frames) else 0.0

    @property
    def whimper_s(self) -> float:
        """Seconds of whimper."""
        return float(self.whimper.sum()) / features.FRAMES_PER_SECOND


def find_distress(samples: FloatArray, scores: ClipTaggerScores, guideline: Guideline) -> DistressTracks:
    """Find the cry and whimper frames of a clip (float32 [n], 16 kHz) that the taggers support."""
    loud, voiced = _loud_and_voiced(samples)
    center_s = (np.arange(len(loud)) + 0.5) / features.FRAMES_PER_SECOND
    distress = np.zeros(len(loud))
    for moment, score in zip(scores.cry_centre_s, scores.cry, strict=True):
        near = np.abs(center_s - moment) <= _NEAR_S
        distress[near] = np.maximum(distress[near], score)
    return _split_bursts(loud & ((voiced & (distress >= HALF_BELIEVED)) | (distress >= CERTAIN)), distress, guideline)


def find_distress_by_sound(samples: FloatArray, guideline: Guideline) -> DistressTracks:
    """Find them without tagger scores, for a clip that a person labeled: the voiced frames well above the floor."""
    sounding = loud_and_voiced(samples)
    return _split_bursts(sounding, np.full(len(sounding), BELIEVED), guideline)


def _split_bursts(sounding: Mask, distress: npt.NDArray[np.float64], guideline: Guideline) -> DistressTracks:
    """Sort the sounding frames: cry in full bursts that a tagger supports, whimper elsewhere."""
    full_frames = guideline.thresholds["full_burst_min_s"] * features.FRAMES_PER_SECOND
    cry = np.zeros_like(sounding)
    for start, stop in _runs(_close_gaps(sounding, round(PAUSE_INSIDE_BURST_S * features.FRAMES_PER_SECOND))):
        cry[start:stop] = stop - start >= full_frames and distress[start:stop].max() >= BELIEVED
    return DistressTracks(cry, sounding & ~cry)


def loud_and_voiced(samples: FloatArray) -> Mask:
    """Mark the frames that are well above the clip's floor and voiced at the pitch of cries, from any source."""
    if len(samples) < features.FRAME_STEP_SAMPLES:
        return np.zeros(1, np.bool_)
    loud, voiced = _loud_and_voiced(samples)
    return loud & voiced


def _loud_and_voiced(samples: FloatArray) -> tuple[Mask, Mask]:
    frames = len(samples) // features.FRAME_STEP_SAMPLES
    length = 640  # 40 ms: at least ten periods of the lowest cry
    padded = np.pad(samples[: frames * features.FRAME_STEP_SAMPLES], (length - features.FRAME_STEP_SAMPLES, 0))
    framed = np.lib.stride_tricks.sliding_window_view(padded, length)[:: features.FRAME_STEP_SAMPLES][:frames]
    framed = framed - framed.mean(axis=1, keepdims=True)
    spectrum = np.abs(np.fft.rfft(framed * np.hanning(length), 2 * length, axis=1)) ** 2
    hz = np.fft.rfftfreq(2 * length, 1 / SAMPLE_RATE)
    level_db = 10 * np.log10(spectrum[:, (hz > CRY_LOW_HZ) & (hz < 4_000)].sum(axis=1) + 1e-9)
    floor, peak = np.percentile(level_db, [10, 98])
    correlation = np.fft.irfft(spectrum * (hz > CRY_LOW_HZ * 0.8), axis=1)
    window = np.fft.irfft(np.abs(np.fft.rfft(np.hanning(length), 2 * length)) ** 2)
    lags = slice(int(SAMPLE_RATE / CRY_HIGH_HZ), int(SAMPLE_RATE / CRY_LOW_HZ) + 1)
    normalized = correlation[:, lags] / (correlation[:, :1] + 1e-9) * window[0] / window[lags]
    return level_db > max(floor + ABOVE_FLOOR_DB, peak - BELOW_PEAK_DB), normalized.max(axis=1) > VOICED


def _runs(mask: Mask) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(start), int(stop)) for start, stop in edges.reshape(-1, 2)]


def _close_gaps(mask: Mask, frames: int) -> Mask:
    """Fill inner gaps of at most ``frames``."""
    closed = mask.copy()
    for start, stop in _runs(~mask):
        if start > 0 and stop < len(mask) and stop - start <= frames:
            closed[start:stop] = True
    return closed

"""Where in an infant's clip the distress is: a rule that words the guideline in signal terms.

Weak labels: nobody listened. A frame is *cry* where it is voiced and well above the clip's own floor, in a burst
of at least 0.5 s (guideline ``full_burst_min_s``), while a teacher hears distress nearby; *whimper* where the burst is
shorter or the teachers only half believe it. Everything else in the clip is taken for neither.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edge.detection import features
from edge.records import SAMPLE_RATE, FloatArray
from training.data.tagger_scores import ClipTaggerScores

LABELLER = "rule:voiced-bursts-1"

CRY_LOW_HZ, CRY_HIGH_HZ = 250.0, 1_000.0
"""Fundamental of cries: 496 +- 95 Hz, hyperphonation above (Michelsson, doi 10.1159/000063190)."""
VOICED = 0.45
"""Normalized autocorrelation from which a frame is voiced."""
ABOVE_FLOOR_DB, BELOW_PEAK_DB = 8.0, 30.0
BELIEVED, HALF_BELIEVED, CERTAIN = 0.15, 0.05, 0.5
"""Teacher's distress score near a frame."""
FULL_BURST_S, PAUSE_INSIDE_BURST_S = 0.5, 0.15

Track = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class DistressTracks:
    """Per-frame truth (64 a second) of one infant clip, by rule."""

    cry: Track
    whimper: Track

    @property
    def cry_s(self) -> float:
        return float(self.cry.sum()) / features.FRAMES_PER_SECOND

    @property
    def steadiness(self) -> float:
        """Fraction of the time from the first cry to the last that is cry; 0 without a cry."""
        heard = np.flatnonzero(self.cry)
        return float(self.cry[heard[0] : heard[-1] + 1].mean()) if len(heard) else 0.0

    @property
    def whimper_s(self) -> float:
        return float(self.whimper.sum()) / features.FRAMES_PER_SECOND


def find_distress(samples: FloatArray, teacher: ClipTaggerScores) -> DistressTracks:
    """Cry and whimper frames of a clip (float32 [n], 16 kHz)."""
    loud, voiced = _loud_and_voiced(samples)
    centre_s = (np.arange(len(loud)) + 0.5) / features.FRAMES_PER_SECOND
    heard = np.zeros(len(loud))
    for moment, score in zip(teacher.cry_centre_s, teacher.cry, strict=True):
        near = np.abs(centre_s - moment) <= 0.5
        heard[near] = np.maximum(heard[near], score)
    return _bursts(loud & ((voiced & (heard >= HALF_BELIEVED)) | (heard >= CERTAIN)), heard)


def by_sound_alone(samples: FloatArray) -> DistressTracks:
    """The same where somebody else vouches for the distress: whatever is voiced and well above the floor."""
    sounding = loud_and_voiced(samples)
    return _bursts(sounding, np.full(len(sounding), BELIEVED))


def _bursts(sounding: Track, heard: npt.NDArray[np.float64]) -> DistressTracks:
    """Full bursts of ``sounding`` frames are cry where the distress is believed; the rest is whimper."""
    cry = np.zeros_like(sounding)
    for start, stop in _runs(_close(sounding, round(PAUSE_INSIDE_BURST_S * features.FRAMES_PER_SECOND))):
        full = stop - start >= FULL_BURST_S * features.FRAMES_PER_SECOND
        cry[start:stop] = full and heard[start:stop].max() >= BELIEVED
    return DistressTracks(cry, sounding & ~cry)


def loud_and_voiced(samples: FloatArray) -> Track:
    """Frames that stand out and are voiced at the pitch of cries, whoever makes the sound."""
    if len(samples) < features.FRAME_STEP_SAMPLES:
        return np.zeros(1, np.bool_)
    loud, voiced = _loud_and_voiced(samples)
    return loud & voiced


def _loud_and_voiced(samples: FloatArray) -> tuple[Track, Track]:
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


def _runs(track: Track) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], track, [False]]).astype(np.int8)))
    return [(int(start), int(stop)) for start, stop in edges.reshape(-1, 2)]


def _close(track: Track, frames: int) -> Track:
    """The track with inner gaps of at most ``frames`` filled."""
    closed = track.copy()
    for start, stop in _runs(~track):
        if start > 0 and stop < len(track) and stop - start <= frames:
            closed[start:stop] = True
    return closed

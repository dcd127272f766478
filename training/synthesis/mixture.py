"""Layers of a scene: audio with its truth tracks, built from clips of one split.

A layer's ``tracks`` run at 64 frames a second with three columns, each 0 or 1: CRY, WHIMPER (by rule, see
``distress``) and ATTENDING (an adult's soothing, by construction). ``tags`` run at 4 steps a second: what the teacher
YAMNet hears in the clips that the layer is made of.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from edge.detection import features
from edge.records import SAMPLE_RATE, FloatArray

CRY, WHIMPER, ATTENDING = 0, 1, 2
STEPS_PER_SECOND = 4
_FRAME = features.FRAME_STEP_SAMPLES
_STEP = SAMPLE_RATE // STEPS_PER_SECOND


@dataclass(slots=True)
class Track:
    """Sound and truth of the same length."""

    audio: FloatArray
    """float32 [n]."""
    tracks: FloatArray
    """float32 [ceil(n / 250), 3]."""
    tags: FloatArray
    """float32 [ceil(n / 4000), classes]."""

    @classmethod
    def silence(cls, seconds: float, classes: int) -> Self:
        """A whole number of steps of nothing."""
        steps = round(seconds * STEPS_PER_SECOND)
        frames = steps * _STEP // _FRAME
        return cls(
            np.zeros(steps * _STEP, np.float32),
            np.zeros((frames, 3), np.float32),
            np.zeros((steps, classes), np.float32),
        )

    @property
    def seconds(self) -> float:
        """How long it sounds."""
        return len(self.audio) / SAMPLE_RATE

    def add(self, other: "Track", start_sample: int) -> None:
        """Add another layer from a sample on (negative: its beginning is cut off); truths are united."""
        skip = max(0, -start_sample)
        start = max(0, start_sample)
        count = min(len(other.audio) - skip, len(self.audio) - start)
        if count <= 0:
            return
        self.audio[start : start + count] += other.audio[skip : skip + count]
        _unite(self.tracks, other.tracks, start // _FRAME, skip // _FRAME, count // _FRAME)
        _unite(self.tags, other.tags, start // _STEP, skip // _STEP, count // _STEP)


def _unite(mine: FloatArray, theirs: FloatArray, start: int, skip: int, count: int) -> None:
    theirs = theirs[skip : skip + count]
    mine = mine[start : start + len(theirs)]
    np.maximum(mine, theirs[: len(mine)], out=mine)


def concatenate(
    seconds: float, classes: int, next_layer: Callable[[], Track], pause_s: Callable[[], float], start_s: float = 0.0
) -> Track:
    """Layers one after another, faded at their ends, until ``seconds`` are full."""
    whole = Track.silence(seconds, classes)
    position = round(start_s * STEPS_PER_SECOND) * _STEP
    while position < len(whole.audio):
        piece = next_layer()
        fade = min(400, len(piece.audio) // 4)
        ramp = np.linspace(0, 1, fade, dtype=np.float32)
        piece.audio[:fade] *= ramp
        piece.audio[len(piece.audio) - fade :] *= ramp[::-1]
        whole.add(piece, position)
        position += max(1, round((len(piece.audio) / SAMPLE_RATE + pause_s()) * STEPS_PER_SECOND)) * _STEP
    return whole


def crop(layer: Track, start_s: float, stop_s: float) -> Track:
    """A part of a layer, in whole steps."""
    first = max(0, round(start_s * STEPS_PER_SECOND))
    last = max(first + 1, round(stop_s * STEPS_PER_SECOND))
    frames = _STEP // _FRAME
    return Track(
        layer.audio[first * _STEP : last * _STEP].copy(),
        layer.tracks[first * frames : last * frames].copy(),
        layer.tags[first:last].copy(),
    )


def is_active(audio: FloatArray, closed_s: float = 0.4) -> npt.NDArray[np.bool_]:
    """Frames [ceil(n / 250)] in which a voice sounds, its pauses of up to ``closed_s`` included."""
    frames = -(-len(audio) // _FRAME)
    padded = np.pad(audio, (0, frames * _FRAME - len(audio)))
    power = np.mean(padded.reshape(frames, _FRAME) ** 2, axis=1)
    loud = power > max(np.percentile(power, 98) * 10**-2.5, 1e-10)
    reach = round(closed_s * features.FRAMES_PER_SECOND / 2)
    near = np.convolve(loud, np.ones(2 * reach + 1), mode="same") > 0
    return np.asarray(near)

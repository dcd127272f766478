"""Tracks: audio with aligned truth, composed from clips of one split.

A track's ``tracks`` run at 64 frames a second with three columns, each 0 or 1: CRY and WHIMPER (by the weak-label rule
of ``training.labels.weak_labels``) and ATTENDING (an adult's soothing, by construction). Its ``tags`` run at 4 steps a
second: YAMNet's scores of the clips that the track is made of.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from edge.detection import features
from edge.records import SAMPLE_RATE, FloatArray

CRY, WHIMPER, ATTENDING = 0, 1, 2
STEPS_PER_SECOND = 4
FRAME_SAMPLES = features.FRAME_STEP_SAMPLES
STEP_SAMPLES = SAMPLE_RATE // STEPS_PER_SECOND
_FADE_SAMPLES = 400


@dataclass(slots=True)
class Track:
    """Audio and truth of the same length."""

    audio: FloatArray
    """float32 [n], 16 kHz mono."""
    tracks: FloatArray
    """float32 [ceil(n / 250), 3]."""
    tags: FloatArray
    """float32 [ceil(n / 4000), classes]."""

    @classmethod
    def silence(cls, seconds: float, classes: int) -> Self:
        """Return a silent track of ``seconds``, rounded to whole steps."""
        steps = round(seconds * STEPS_PER_SECOND)
        frames = steps * STEP_SAMPLES // FRAME_SAMPLES
        return cls(
            np.zeros(steps * STEP_SAMPLES, np.float32),
            np.zeros((frames, 3), np.float32),
            np.zeros((steps, classes), np.float32),
        )

    @property
    def seconds(self) -> float:
        """Duration."""
        return len(self.audio) / SAMPLE_RATE

    def add(self, other: "Track", start_sample: int) -> None:
        """Add another track from a sample on: audio is summed, truth and tags take the maximum.

        A negative ``start_sample`` cuts off the other track's beginning.
        """
        skip = max(0, -start_sample)
        start = max(0, start_sample)
        count = min(len(other.audio) - skip, len(self.audio) - start)
        if count <= 0:
            return
        self.audio[start : start + count] += other.audio[skip : skip + count]
        for mine, theirs, unit in (
            (self.tracks, other.tracks, FRAME_SAMPLES),
            (self.tags, other.tags, STEP_SAMPLES),
        ):
            _add_maximum(mine, theirs, start // unit, skip // unit, count // unit)


def _add_maximum(mine: FloatArray, theirs: FloatArray, start: int, skip: int, count: int) -> None:
    theirs = theirs[skip : skip + count]
    mine = mine[start : start + len(theirs)]
    np.maximum(mine, theirs[: len(mine)], out=mine)


def concatenate(
    seconds: float, classes: int, layers: Iterable[Track], pauses_s: Iterable[float], start_s: float = 0.0
) -> Track:
    """Join tracks, each faded at its ends and followed by its pause, until ``seconds`` are full.

    The tracks' audio is faded in place. A position is rounded to whole steps, so that truth and audio stay aligned.
    """
    whole = Track.silence(seconds, classes)
    position = step_sample(start_s)
    for layer, pause_s in zip(layers, pauses_s, strict=False):
        fade = min(_FADE_SAMPLES, len(layer.audio) // 4)
        ramp = np.linspace(0, 1, fade, dtype=np.float32)
        layer.audio[:fade] *= ramp
        layer.audio[len(layer.audio) - fade :] *= ramp[::-1]
        whole.add(layer, position)
        position = next_position(position, len(layer.audio), pause_s)
        if position >= len(whole.audio):
            break
    return whole


def next_position(position: int, samples: int, pause_s: float) -> int:
    """Return the sample at which the next track begins, at least one step later."""
    return position + max(1, round((samples / SAMPLE_RATE + pause_s) * STEPS_PER_SECOND)) * STEP_SAMPLES


def step_sample(seconds: float) -> int:
    """Return the first sample of the step nearest to ``seconds``."""
    return round(seconds * STEPS_PER_SECOND) * STEP_SAMPLES


def crop_steps(start_s: float, stop_s: float) -> tuple[int, int]:
    """Return the first step of a part and the step after its last; a part has at least one step."""
    first = max(0, round(start_s * STEPS_PER_SECOND))
    return first, max(first + 1, round(stop_s * STEPS_PER_SECOND))


def crop(layer: Track, start_s: float, stop_s: float) -> Track:
    """Copy a part of a track, in whole steps."""
    first, last = crop_steps(start_s, stop_s)
    frames = STEP_SAMPLES // FRAME_SAMPLES
    return Track(
        layer.audio[first * STEP_SAMPLES : last * STEP_SAMPLES].copy(),
        layer.tracks[first * frames : last * frames].copy(),
        layer.tags[first:last].copy(),
    )


def is_active(audio: FloatArray, closed_s: float = 0.4) -> npt.NDArray[np.bool_]:
    """Mark the frames [ceil(n / 250)] in which a voice sounds, its pauses of up to ``closed_s`` included."""
    frames = -(-len(audio) // FRAME_SAMPLES)
    padded = np.pad(audio, (0, frames * FRAME_SAMPLES - len(audio)))
    power = np.mean(padded.reshape(frames, FRAME_SAMPLES) ** 2, axis=1)
    loud = power > max(np.percentile(power, 98) * 10**-2.5, 1e-10)
    reach = round(closed_s * features.FRAMES_PER_SECOND / 2)
    near = np.convolve(loud, np.ones(2 * reach + 1), mode="same") > 0
    return np.asarray(near)

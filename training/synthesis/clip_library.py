"""The clip library: the clips of one split sorted by use, with their audio, weak labels and tagger scores.

A library does not change after it is made. A view with fewer clips, or with other labels, is another library.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from edge.records import SAMPLE_RATE, WINDOW_SAMPLES, FloatArray
from label_schema import Guideline
from training.data.audio_cache import AudioCache
from training.data.manifest import Clip
from training.data.tagger_scores import YAMNET_HOP_S, TaggerScores
from training.labels.weak_labels import loud_and_voiced
from training.storage.paths import DataError
from training.synthesis.clip_pools import ClipPools, sort_clips
from training.synthesis.mixture import CRY, FRAME_SAMPLES, STEP_SAMPLES, STEPS_PER_SECOND, WHIMPER, Track
from training.synthesis.room_acoustics import Generator, at_speed, count_at_speed

SPOKEN = 0.2
"""YAMNet's score of speech from which a clip may hold a voice."""

LEAST_SIMILARITY = 0.03
"""A clip unlike any cry is drawn as often as one that is voiced like a cry for this fraction of its time."""


@dataclass(frozen=True, slots=True, eq=False)
class ClipLibrary(ClipPools):
    """The clip pools of one split, with the audio and the truth of each clip."""

    guideline: Guideline
    """Its thresholds sorted the clips."""
    _audio: AudioCache
    _scores: TaggerScores
    _similarity: dict[str, float] = field(default_factory=dict)
    """File -> similarity to a cry, computed once for all views of a library."""

    @classmethod
    def of_clips(
        cls, clips: Sequence[Clip], audio: AudioCache, scores: TaggerScores, guideline: Guideline
    ) -> "ClipLibrary":
        """Sort the clips under a guideline; DataError where its clips are not as long as the device's window."""
        _require_device_window(guideline)
        pools = sort_clips(clips, audio, scores, guideline)
        return cls(**_fields(pools), guideline=guideline, _audio=audio, _scores=scores)

    @property
    def classes(self) -> int:
        """Number of the taggers' classes: the width of ``Track.tags``."""
        return len(self._scores.classes)

    def with_pools(self, pools: ClipPools) -> "ClipLibrary":
        """Return the same clips sorted otherwise."""
        return replace(self, **_fields(pools))

    def restrict_kinds(self, by_kind: Mapping[str, Sequence[Clip]]) -> "ClipLibrary":
        """Return a view with only these clips without distress."""
        kept = MappingProxyType({kind: tuple(clips) for kind, clips in by_kind.items() if clips})
        return replace(self, by_kind=kept)

    def of_kind(self, kind: str) -> Sequence[Clip]:
        """Return the clips of a kind; empty where the split has none."""
        return self.by_kind.get(kind, ())

    def without_speech(self, kind: str) -> list[Clip]:
        """Return the clips of a kind without a voice: in a background, a voice would be an adult without truth."""
        return [clip for clip in self.of_kind(kind) if self._scores.peak(clip.file, "Speech") < SPOKEN]

    def audio(self, clip: Clip) -> FloatArray:
        """Return a clip's audio, float32 [n], 16 kHz mono."""
        return self._audio[clip]

    def samples(self, clip: Clip, speed: float = 1.0) -> int:
        """Return the number of samples of a clip played at ``speed``."""
        count = self._audio.samples(clip)
        return count if speed == 1.0 else count_at_speed(count, speed)

    def seconds(self, clip: Clip, speed: float = 1.0) -> float:
        """Return the duration of a clip played at ``speed``."""
        return self.samples(clip, speed) / SAMPLE_RATE

    def truth(self, clip: Clip, speed: float = 1.0) -> FloatArray:
        """Return a clip's truth tracks, float32 [frames, 3], played at ``speed``."""
        frames = -(-self.samples(clip, speed) // FRAME_SAMPLES)
        tracks = np.zeros((frames, 3), np.float32)
        if clip.file in self.distress:
            truth = self.distress[clip.file]
            at = np.minimum((np.arange(frames) * speed).astype(int), len(truth.cry) - 1)
            tracks[:, CRY], tracks[:, WHIMPER] = truth.cry[at], truth.whimper[at]
        return tracks

    def track(self, clip: Clip, speed: float = 1.0) -> Track:
        """Return a clip as a track, played at ``speed``."""
        audio = at_speed(self._audio[clip], speed) if speed != 1.0 else self._audio[clip]
        steps = -(-len(audio) // STEP_SAMPLES)
        scores = self._scores.clips[clip.file].yamnet
        tags = np.zeros((steps, self.classes), np.float32)
        if len(scores):
            windows = np.round((np.arange(steps) + 0.5) / STEPS_PER_SECOND * speed / YAMNET_HOP_S - 1).astype(int)
            tags = scores[np.clip(windows, 0, len(scores) - 1)]
        return Track(audio.copy(), self.truth(clip, speed), tags)

    def pick(self, rng: Generator, kind: str) -> Clip:
        """Draw a clip of a kind, every group with the same probability."""
        return pick(rng, self.of_kind(kind))

    def pick_cry_like(self, rng: Generator, kind: str) -> Clip:
        """Draw a clip of a kind with a probability that grows with its similarity to a cry (hard negatives)."""
        clips = self.of_kind(kind)
        weights = np.array([LEAST_SIMILARITY + self._similarity_to_cry(clip) for clip in clips])
        return clips[rng.choice(len(clips), p=weights / weights.sum())]

    def _similarity_to_cry(self, clip: Clip) -> float:
        """Return the fraction of the clip that is loud and voiced at the pitch of cries."""
        if clip.file not in self._similarity:
            self._similarity[clip.file] = float(loud_and_voiced(self._audio[clip]).mean())
        return self._similarity[clip.file]


def _fields(pools: ClipPools) -> dict[str, Any]:
    return {each.name: getattr(pools, each.name) for each in fields(ClipPools)}


def _require_device_window(guideline: Guideline) -> None:
    """Raise DataError where the guideline's clips are not as long as the window of the device's classifier."""
    window_s = WINDOW_SAMPLES / SAMPLE_RATE
    if guideline.clip_seconds != window_s:
        raise DataError(
            f"guideline version {guideline.version}: clip_seconds is {guideline.clip_seconds:g} s, but the classifier's"
            f" window is {window_s:g} s; use a guideline with clips of {window_s:g} s"
        )


def pick(rng: Generator, clips: Sequence[Clip]) -> Clip:
    """Draw one of the clips, every group with the same probability."""
    groups = sorted({clip.group for clip in clips})
    group = groups[rng.integers(len(groups))]
    mine = [clip for clip in clips if clip.group == group]
    return mine[rng.integers(len(mine))]


def pick_group(rng: Generator, groups: Mapping[str, Sequence[Clip]]) -> str:
    """Draw the name of one of the groups that hold clips."""
    names = sorted(name for name, clips in groups.items() if clips)
    return names[int(rng.integers(len(names)))]

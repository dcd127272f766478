"""Layers of a scene: audio with its truth tracks, built from clips of one split.

A layer's ``tracks`` run at 64 frames a second with three columns, each 0 or 1: CRY, WHIMPER (by rule, see
``distress``) and ATTENDING (an adult's soothing, by construction). ``tags`` run at 4 steps a second: what the teacher
YAMNet hears in the clips that the layer is made of.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from edge.detection import features
from edge.records import SAMPLE_RATE, FloatArray
from training.data.audio_cache import AudioCache
from training.data.manifest import Clip
from training.data.tagger_scores import YAMNET_HOP_S, TaggerScores
from training.labels.weak_labels import DistressTracks, find_distress, loud_and_voiced
from training.synthesis.room_acoustics import Generator, at_speed

CRY, WHIMPER, ATTENDING = 0, 1, 2
STEPS_PER_SECOND = 4
_FRAME = features.FRAME_STEP_SAMPLES
_STEP = SAMPLE_RATE // STEPS_PER_SECOND

CLEAN_SPEECH = 0.6
"""An infant clip in which YAMNet hears more speech than this may hold an adult: it is not used as an unsoothed cry."""
STEADY = 0.6
"""Of the time from the first cry to the last: an infant that cries this much is crying, whatever 5 s one listens to."""
CLEARLY_CRY = 0.5
"""Crying that neither teacher hears more surely than this may train, but nobody's figures rest on it."""
SURELY_NOT_CRY = 0.04
"""An infant clip in which both teachers hear less distress than this is a phone's recording of a quiet room."""
SPOKEN = 0.2
"""YAMNet's score of speech from which somebody may be talking in a clip."""
LEAST_ALIKE = 0.03
"""However unlike a cry a clip is, it is drawn as often as one that is voiced like a cry this part of its time."""


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


class ClipLibrary:
    """The clips of one split, with what the rule and the teachers say of them."""

    def __init__(self, clips: Sequence[Clip], bank: AudioCache, teachers: TaggerScores) -> None:
        self._bank = bank
        self._teachers = teachers
        self.classes = len(teachers.classes)
        self.by_kind: dict[str, list[Clip]] = defaultdict(list)
        self.distress: dict[str, DistressTracks] = {}
        self.criers: dict[str, list[Clip]] = defaultdict(list)
        """Infant -> clips with at least 2 s of cry and no adult."""
        self.steady_criers: dict[str, list[Clip]] = defaultdict(list)
        """Those of them in which, from the first cry to the last, it cries most of the time."""
        self.fussers: dict[str, list[Clip]] = defaultdict(list)
        """Infant -> clips with distress, less than 2 s of it cry."""
        self.usable_infants: set[str] = set()
        """Infant clips whose weak label figures may rest on: no adult in them, no half-heard distress."""
        self._alike: dict[str, float] = {}
        for clip in clips:
            self._sort(clip)

    def _sort(self, clip: Clip) -> None:
        if clip.kind != "infant":
            cat = clip.source_label == "cat" or clip.source == "catmeows"
            self.by_kind["cat" if cat else clip.kind].append(clip)
            return
        teacher = self._teachers.clips[clip.file]
        distress = self.distress[clip.file] = find_distress(self._bank[clip], teacher)
        adult = clip.source == "donateacry" and self._teachers.peak(clip.file, "Speech") > CLEAN_SPEECH
        if distress.cry_s >= 2.0 and not adult:
            self.criers[clip.group].append(clip)
            if teacher.cry.max(initial=0.0) <= CLEARLY_CRY:
                return
            if distress.steadiness >= STEADY:
                self.steady_criers[clip.group].append(clip)
        elif distress.cry_s < 2.0 and distress.cry_s + distress.whimper_s >= 0.3 and not adult:
            self.fussers[clip.group].append(clip)
        elif teacher.cry.max(initial=0.0) < SURELY_NOT_CRY:
            self.by_kind["phone_room"].append(clip)
        else:
            return
        self.usable_infants.add(clip.file)

    def audio(self, clip: Clip) -> FloatArray:
        """float32 [n], 16 kHz mono."""
        return self._bank[clip]

    def track(self, clip: Clip, speed: float = 1.0) -> Track:
        """A clip as a layer, played at ``speed``."""
        audio = at_speed(self._bank[clip], speed) if speed != 1.0 else self._bank[clip]
        frames, steps = -(-len(audio) // _FRAME), -(-len(audio) // _STEP)
        tracks = np.zeros((frames, 3), np.float32)
        if clip.file in self.distress:
            truth = self.distress[clip.file]
            at = np.minimum((np.arange(frames) * speed).astype(int), len(truth.cry) - 1)
            tracks[:, CRY], tracks[:, WHIMPER] = truth.cry[at], truth.whimper[at]
        heard = self._teachers.clips[clip.file].yamnet
        tags = np.zeros((steps, self.classes), np.float32)
        if len(heard):
            windows = np.round((np.arange(steps) + 0.5) / STEPS_PER_SECOND * speed / YAMNET_HOP_S - 1).astype(int)
            tags = heard[np.clip(windows, 0, len(heard) - 1)]
        return Track(audio.copy(), tracks, tags)

    def without_speech(self, kind: str) -> list[Clip]:
        """Clips without a voice: in the background, one would be an adult of whom the truth knows nothing."""
        return [clip for clip in self.by_kind[kind] if self._teachers.peak(clip.file, "Speech") < SPOKEN]

    def pick(self, rng: Generator, kind: str) -> Clip:
        """A clip of a kind, every group as likely as another."""
        return pick(rng, self.by_kind[kind])

    def pick_cry_like(self, rng: Generator, kind: str) -> Clip:
        """A clip of a kind, the likelier the longer it sounds where cries sound: what is hard is heard more often."""
        clips = self.by_kind[kind]
        weights = np.array([LEAST_ALIKE + self._likeness(clip) for clip in clips])
        return clips[rng.choice(len(clips), p=weights / weights.sum())]

    def _likeness(self, clip: Clip) -> float:
        """Fraction of the clip that is loud and voiced at the pitch of cries."""
        if clip.file not in self._alike:
            self._alike[clip.file] = float(loud_and_voiced(self._bank[clip]).mean())
        return self._alike[clip.file]


def pick(rng: Generator, clips: Sequence[Clip]) -> Clip:
    """One of the clips, every group as likely as another."""
    groups = sorted({clip.group for clip in clips})
    group = groups[rng.integers(len(groups))]
    mine = [clip for clip in clips if clip.group == group]
    return mine[rng.integers(len(mine))]


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

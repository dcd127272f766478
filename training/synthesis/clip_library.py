"""The clips of one split by kind, with their weak labels and tagger scores."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from edge.records import FloatArray
from training.data.audio_cache import AudioCache
from training.data.manifest import Clip
from training.data.tagger_scores import CLEAN_SPEECH, YAMNET_HOP_S, TaggerScores
from training.labels.weak_labels import DistressTracks, find_distress, loud_and_voiced
from training.synthesis.mixture import _FRAME, _STEP, CRY, STEPS_PER_SECOND, WHIMPER, Track
from training.synthesis.room_acoustics import Generator, at_speed

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

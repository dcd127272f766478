"""Sound sources of a scene: each is drawn first, as a record of its parameters, and rendered afterwards.

The records of infants are in ``infants``, those of adults in ``adults``. Here are the others, and the mixing.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from edge.records import FloatArray
from training.data.manifest import Clip
from training.synthesis import tonal_distractors
from training.synthesis.clip_library import ClipLibrary, pick
from training.synthesis.distributions import EVALUATION_DISTRIBUTION, SceneDistribution
from training.synthesis.excerpts import Excerpt, ExcerptSequence, draw_sequence
from training.synthesis.mixture import Track, step_sample
from training.synthesis.room_acoustics import Generator, to_level
from training.synthesis.rooms import Placement, Room

TONAL_GENERATORS: dict[str, Callable[[Generator, float], FloatArray]] = {"glissando": tonal_distractors.glissando}
"""Kinds of confusers that are synthesized, because there are no clips of them."""

QUIET_BEDS = ("ambience", "phone_room")
"""Kinds of clips that can be a room's own sound."""


class Source(Protocol):
    """A drawn sound source."""

    @property
    def start_s(self) -> float:
        """Where in the scene it begins."""

    @property
    def clips(self) -> tuple[Clip, ...]:
        """The clips that it is made of."""

    def render(self, library: ClipLibrary) -> Track:
        """Return its sound and truth, from ``start_s`` on; the same for each call."""


@dataclass(frozen=True, slots=True, eq=False)
class Background:
    """The room's own sound, far below the other sources."""

    start_s: float
    sequence: ExcerptSequence
    dbfs: float

    @property
    def clips(self) -> tuple[Clip, ...]:
        """The clips of the sequence."""
        return self.sequence.clips

    def render(self, library: ClipLibrary) -> Track:
        """Return the sound without tags: it is too faint to be recognized."""
        track = self.sequence.render(library)
        track.tags *= 0
        track.audio = to_level(track.audio, self.dbfs)
        return track


@dataclass(frozen=True, slots=True, eq=False)
class Confuser:
    """A sound without infant distress that a model may take for a cry."""

    start_s: float
    kind: str
    seconds: float
    sequence: ExcerptSequence | None
    """None for a kind of ``TONAL_GENERATORS``."""
    seed: int
    """Of the synthesized sound."""
    placement: Placement

    @property
    def clips(self) -> tuple[Clip, ...]:
        """The clips of the sequence."""
        return self.sequence.clips if self.sequence else ()

    def render(self, library: ClipLibrary) -> Track:
        """Return the sound; it has no truth."""
        if self.sequence:
            track = self.sequence.render(library)
        else:
            track = Track.silence(self.seconds, library.classes)
            track.audio = TONAL_GENERATORS[self.kind](np.random.default_rng(self.seed), self.seconds)
        track.audio = self.placement.apply(track.audio)
        return track


def mix(seconds: float, library: ClipLibrary, sources: Iterable[Source]) -> Track:
    """Render sources and add them up."""
    scene = Track.silence(seconds, library.classes)
    for source in sources:
        scene.add(source.render(library), step_sample(source.start_s))
    return scene


def draw_background(
    library: ClipLibrary, rng: Generator, room: Room, seconds: float, one_clip: bool = False
) -> Background:
    """Draw quiet clips without a voice, or ``one_clip`` again and again."""
    pools = [clips for kind in QUIET_BEDS if (clips := library.without_speech(kind))]
    clips = pools[rng.integers(len(pools))]
    if one_clip:
        clips = [pick(rng, clips)]
    sequence = draw_sequence(library, seconds, lambda: Excerpt(pick(rng, clips)), lambda: 0.0)
    return Background(0.0, sequence, room.cry_dbfs - rng.uniform(10, 45))


def draw_confuser(
    library: ClipLibrary,
    rng: Generator,
    room: Room,
    seconds: float,
    dbfs: float,
    distribution: SceneDistribution = EVALUATION_DISTRIBUTION,
) -> Confuser:
    """Draw a confuser of any kind that the split has, or that is synthesized."""
    kinds = [kind for kind in distribution.kinds if kind in TONAL_GENERATORS or library.of_kind(kind)]
    weights = np.array([distribution.kinds[kind] for kind in kinds])
    kind = kinds[rng.choice(len(kinds), p=weights / weights.sum())]
    sequence, seed = None, 0
    if kind in TONAL_GENERATORS:
        seed = int(rng.integers(2**32))
    else:
        sequence = _draw_clips(library, rng, kind, distribution, seconds)
    near_db = rng.uniform(-6, 25)
    placement = Placement(room.response(rng, near_db), near_db, dbfs)
    return Confuser(0.0, kind, seconds, sequence, seed, placement)


def _draw_clips(
    library: ClipLibrary, rng: Generator, kind: str, distribution: SceneDistribution, seconds: float
) -> ExcerptSequence:
    """Draw clips of a kind, or one of them again and again."""
    draw_clip = library.pick_cry_like if rng.random() < distribution.alike else library.pick
    first = draw_clip(rng, kind)
    repeated = rng.random() < 0.6
    speed = rng.uniform(*distribution.speeds)
    pause_s = rng.choice(distribution.pauses_s)

    def draw_excerpt() -> Excerpt:
        return Excerpt(first if repeated else draw_clip(rng, kind), speed, (0.0, rng.uniform(2, 16)))

    return draw_sequence(library, seconds, draw_excerpt, lambda: rng.exponential(pause_s), start_s=rng.uniform(0, 3))

"""Scenes: 16 s of a nursery, the training examples, labeled by construction.

Each scene has a kind, which decides whether it has an infant, an adult and other sounds, in a room before a
microphone. The infant's truth comes from the weak-label rule, the adult's from the composition itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from training.synthesis.adults import draw_parent, draw_television
from training.synthesis.clip_library import ClipLibrary
from training.synthesis.distributions import (
    ALONE_PROBABILITY,
    SINGLE_CALL_DISTRIBUTION,
    TRAINING_DISTRIBUTION,
    TRAINING_MANNERS,
    Span,
)
from training.synthesis.infants import draw_cry, draw_fuss
from training.synthesis.microphone import Microphone, draw_microphone, record_scene
from training.synthesis.mixture import Track
from training.synthesis.oversampling import Oversampling, draw_oversampled
from training.synthesis.room_acoustics import Generator
from training.synthesis.rooms import Room, draw_room
from training.synthesis.sources import Source, draw_background, draw_confuser, mix

SCENE_S = 16.0

SCENE_KINDS = {"cry": 0.18, "cry_tv": 0.14, "soothed": 0.25, "fuss": 0.11, "none": 0.32}
"""Kind of scene -> its probability."""

OVER_CRY_DB = (-9.0, 12.0)
"""Level of an adult over the cry; also softer than in evaluations."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """The drawn parameters of one scene."""

    kind: str
    """A key of ``SCENE_KINDS``."""
    sources: tuple[Source, ...]
    microphone: Microphone

    def render(self, library: ClipLibrary) -> Track:
        """Return the scene as it is recorded, with its truth."""
        track = mix(SCENE_S, library, self.sources)
        track.audio = record_scene(track.audio, self.microphone)
        return track


def compose_scene(library: ClipLibrary, rng: Generator, emphases: Sequence[Oversampling] = ()) -> Track:
    """Draw and render one scene."""
    return draw_scene(library, rng, emphases).render(library)


def draw_scene(library: ClipLibrary, rng: Generator, emphases: Sequence[Oversampling] = ()) -> Scene:
    """Draw one scene's kind, its sources, the oversampled sources and the microphone."""
    room = draw_room(rng, library)
    sources: list[Source] = []
    if rng.random() < 0.8:
        sources.append(draw_background(library, rng, room, SCENE_S))
    kind = str(rng.choice(list(SCENE_KINDS), p=list(SCENE_KINDS.values())))
    sources += _draw_sources(kind, library, rng, room)
    sources += draw_oversampled(sources, library, rng, room, SCENE_S, emphases)
    return Scene(kind, tuple(sources), draw_microphone(rng))


def _draw_sources(kind: str, library: ClipLibrary, rng: Generator, room: Room) -> list[Source]:
    if kind == "none":
        return _draw_without_infant(library, rng, room)
    if kind == "fuss":
        sources: list[Source] = [draw_fuss(library, rng, room, SCENE_S)]
        return [*sources, *([_draw_adult_or_television(library, rng, room)] if rng.random() < 0.25 else [])]
    sources = [draw_cry(library, rng, room, _draw_span(rng, whole=0.6))]
    if kind == "cry_tv":
        sources.append(draw_television(library, rng, room, SCENE_S))
    elif kind == "soothed":
        sources.append(_draw_soothing(library, rng, room))
        if rng.random() < 0.15:
            sources.append(draw_television(library, rng, room, SCENE_S))
    elif rng.random() < 0.3:
        dbfs = room.cry_dbfs - rng.uniform(3, 20)
        sources.append(draw_confuser(library, rng, room, SCENE_S, dbfs, TRAINING_DISTRIBUTION))
    return sources


def _draw_without_infant(library: ClipLibrary, rng: Generator, room: Room) -> list[Source]:
    alone = rng.random() < ALONE_PROBABILITY
    distribution = SINGLE_CALL_DISTRIBUTION if alone else TRAINING_DISTRIBUTION
    sources: list[Source] = [
        draw_confuser(library, rng, room, SCENE_S, rng.uniform(-45, -8), distribution)
        for _ in range(1 if alone else rng.integers(1, 3))
    ]
    if rng.random() < 0.25:
        sources.append(_draw_adult_or_television(library, rng, room))
    return sources


def _draw_soothing(library: ClipLibrary, rng: Generator, room: Room) -> Source:
    manner = str(rng.choice(list(TRAINING_MANNERS), p=list(TRAINING_MANNERS.values())))
    return draw_parent(library, rng, room, _draw_span(rng, whole=0.5), manner, OVER_CRY_DB)


def _draw_adult_or_television(library: ClipLibrary, rng: Generator, room: Room) -> Source:
    if rng.random() < 0.5:
        return _draw_soothing(library, rng, room)
    return draw_television(library, rng, room, SCENE_S)


def _draw_span(rng: Generator, whole: float) -> Span:
    """Draw the whole scene with probability ``whole``, else its end or its beginning."""
    if rng.random() < whole:
        return 0.0, SCENE_S
    if rng.random() < 0.5:
        return rng.uniform(1, SCENE_S - 4), SCENE_S
    return 0.0, rng.uniform(4, SCENE_S - 1)

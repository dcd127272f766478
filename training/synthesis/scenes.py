"""Sixteen seconds of a nursery, composed: the training examples, labeled by construction.

Every scene is a story (who cries, who soothes, what else is heard) in a room before a microphone. The infant's truth
comes from the distress rule, the adult's from the composition itself.
"""

from collections.abc import Sequence
from dataclasses import replace

from training.synthesis.distributions import CONFUSERS, Draw, Span
from training.synthesis.mixture import Layer, Library
from training.synthesis.oversampling import Emphasis, mix_in
from training.synthesis.room_acoustics import Generator, microphone
from training.synthesis.sources import (
    Room,
    draw_room,
    lay_bed,
    lay_confuser,
    lay_cry,
    lay_fuss,
    lay_parent,
    lay_television,
)

SCENE_S = 16.0

STORIES = {"cry": 0.18, "cry_tv": 0.14, "soothed": 0.25, "fuss": 0.11, "none": 0.32}

HARD = Draw(
    kinds={
        **CONFUSERS,
        "cat": 0.17,
        "music": 0.13,
        "glissando": 0.06,
        "adult_speech": 0.08,
        "ambience": 0.02,
        "phone_room": 0.05,
    },
    alike=0.35,
    speeds=(0.65, 1.55),
)
"""Harder than what is evaluated: more of what is mistaken for a cry, at a wider range of pitches."""

CALLS = replace(
    HARD, kinds={"cat": 0.35, "animal": 0.3, "human": 0.25, "child_speech": 0.1}, alike=0.5, pauses_s=(2.0, 4.0)
)
"""One cry out, then a pause: not to be told from fussing by its rhythm."""
LONELY = 0.3
"""Of the scenes without an infant: nothing but such calls."""

MANNERS = {"speech": 0.4, "singing": 0.2, "sung speech": 0.12, "lullaby": 0.08, "humming": 0.1, "shushing": 0.1}
"""How an adult soothes; more singing than is evaluated: there are few singers, and they are the hardest to tell."""
OVER_CRY_DB = (-9.0, 12.0)
"""Softer, too."""


def compose(library: Library, rng: Generator, emphases: Sequence[Emphasis] = ()) -> Layer:
    """One scene of 16 s."""
    room = draw_room(rng, library)
    scene = Layer.silence(SCENE_S, library.classes)
    if rng.random() < 0.8:
        lay_bed(scene, library, rng, room)
    story = rng.choice(list(STORIES), p=list(STORIES.values()))
    match story:
        case "cry":
            lay_cry(scene, library, rng, room, _span(rng, whole=0.6))
            if rng.random() < 0.3:
                lay_confuser(scene, library, rng, room, room.cry_dbfs - rng.uniform(3, 20), HARD)
        case "cry_tv":
            lay_cry(scene, library, rng, room, _span(rng, whole=0.6))
            lay_television(scene, library, rng, room)
        case "soothed":
            lay_cry(scene, library, rng, room, _span(rng, whole=0.6))
            _lay_soothing(scene, library, rng, room)
            if rng.random() < 0.15:
                lay_television(scene, library, rng, room)
        case "fuss":
            lay_fuss(scene, library, rng, room)
            if rng.random() < 0.25:
                _lay_adult_or_television(scene, library, rng, room)
        case "none":
            lonely = rng.random() < LONELY
            for _ in range(1 if lonely else rng.integers(1, 3)):
                lay_confuser(scene, library, rng, room, rng.uniform(-45, -8), CALLS if lonely else HARD)
            if rng.random() < 0.25:
                _lay_adult_or_television(scene, library, rng, room)
    mix_in(scene, library, rng, room, emphases)
    scene.audio = microphone(scene.audio, rng)
    return scene


def _lay_soothing(scene: Layer, library: Library, rng: Generator, room: Room) -> None:
    manner = str(rng.choice(list(MANNERS), p=list(MANNERS.values())))
    lay_parent(scene, library, rng, room, _span(rng, whole=0.5), manner, OVER_CRY_DB)


def _lay_adult_or_television(scene: Layer, library: Library, rng: Generator, room: Room) -> None:
    if rng.random() < 0.5:
        _lay_soothing(scene, library, rng, room)
    else:
        lay_television(scene, library, rng, room)


def _span(rng: Generator, whole: float) -> Span:
    """Throughout the scene, from some moment on, or up to some moment."""
    if rng.random() < whole:
        return 0.0, SCENE_S
    if rng.random() < 0.5:
        return rng.uniform(1, SCENE_S - 4), SCENE_S
    return 0.0, rng.uniform(4, SCENE_S - 1)

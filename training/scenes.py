"""Sixteen seconds of a nursery, composed: the training examples, labeled by construction.

Every scene is a story (who cries, who soothes, what else is heard) in a room before a microphone. The infant's truth
comes from the distress rule, the adult's from the composition itself.
"""

from collections.abc import Sequence

from training.acoustics import Generator, microphone
from training.cast import (
    Room,
    Span,
    draw_room,
    lay_bed,
    lay_confuser,
    lay_cry,
    lay_fuss,
    lay_parent,
    lay_television,
)
from training.emphasis import Emphasis, mix_in
from training.layers import Layer, Library

SCENE_S = 16.0

STORIES = {"cry": 0.19, "cry_tv": 0.15, "soothed": 0.24, "fuss": 0.12, "none": 0.30}

ALIKE = 0.5
"""Of the confusers: drawn the more often, the more they sound like a cry."""


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
                lay_confuser(scene, library, rng, room, room.cry_dbfs - rng.uniform(3, 20), ALIKE)
        case "cry_tv":
            lay_cry(scene, library, rng, room, _span(rng, whole=0.6))
            lay_television(scene, library, rng, room)
        case "soothed":
            lay_cry(scene, library, rng, room, _span(rng, whole=0.6))
            lay_parent(scene, library, rng, room, _span(rng, whole=0.5))
            if rng.random() < 0.15:
                lay_television(scene, library, rng, room)
        case "fuss":
            lay_fuss(scene, library, rng, room)
            if rng.random() < 0.25:
                _lay_adult_or_television(scene, library, rng, room)
        case "none":
            for _ in range(rng.integers(1, 3)):
                lay_confuser(scene, library, rng, room, rng.uniform(-45, -8), ALIKE)
            if rng.random() < 0.25:
                _lay_adult_or_television(scene, library, rng, room)
    mix_in(scene, library, rng, room, emphases)
    scene.audio = microphone(scene.audio, rng)
    return scene


def _lay_adult_or_television(scene: Layer, library: Library, rng: Generator, room: Room) -> None:
    if rng.random() < 0.5:
        lay_parent(scene, library, rng, room, _span(rng, whole=0.5))
    else:
        lay_television(scene, library, rng, room)


def _span(rng: Generator, whole: float) -> Span:
    """Throughout the scene, from some moment on, or up to some moment."""
    if rng.random() < whole:
        return 0.0, SCENE_S
    if rng.random() < 0.5:
        return rng.uniform(1, SCENE_S - 4), SCENE_S
    return 0.0, rng.uniform(4, SCENE_S - 1)

"""Sixteen seconds of a nursery, composed: the training examples, labeled by construction.

Every scene is a story (who cries, who soothes, what else is heard) in a room before a microphone. The infant's truth
comes from the distress rule, the adult's from the composition itself.
"""

from collections.abc import Sequence
from dataclasses import replace

from training.synthesis.clip_library import ClipLibrary
from training.synthesis.distributions import CONFUSERS, SceneDistribution, Span
from training.synthesis.mixture import Track
from training.synthesis.oversampling import Oversampling, mix_in
from training.synthesis.room_acoustics import Generator, microphone
from training.synthesis.sources import (
    Room,
    add_background,
    add_confuser,
    add_cry,
    add_fuss,
    add_parent,
    add_television,
    draw_room,
)

SCENE_S = 16.0

STORIES = {"cry": 0.18, "cry_tv": 0.14, "soothed": 0.25, "fuss": 0.11, "none": 0.32}

HARD_STORIES = SceneDistribution(
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

CALL_PROBABILITY = replace(
    HARD_STORIES, kinds={"cat": 0.35, "animal": 0.3, "human": 0.25, "child_speech": 0.1}, alike=0.5, pauses_s=(2.0, 4.0)
)
"""One cry out, then a pause: not to be told from fussing by its rhythm."""
ALONE_PROBABILITY = 0.3
"""Of the scenes without an infant: nothing but such calls."""

MANNERS = {"speech": 0.4, "singing": 0.2, "sung speech": 0.12, "lullaby": 0.08, "humming": 0.1, "shushing": 0.1}
"""How an adult soothes; more singing than is evaluated: there are few singers, and they are the hardest to tell."""
OVER_CRY_DB = (-9.0, 12.0)
"""Softer, too."""


def compose_scene(library: ClipLibrary, rng: Generator, emphases: Sequence[Oversampling] = ()) -> Track:
    """One scene of 16 s."""
    room = draw_room(rng, library)
    scene = Track.silence(SCENE_S, library.classes)
    if rng.random() < 0.8:
        add_background(scene, library, rng, room)
    story = rng.choice(list(STORIES), p=list(STORIES.values()))
    match story:
        case "cry":
            add_cry(scene, library, rng, room, _span(rng, whole=0.6))
            if rng.random() < 0.3:
                add_confuser(scene, library, rng, room, room.cry_dbfs - rng.uniform(3, 20), HARD_STORIES)
        case "cry_tv":
            add_cry(scene, library, rng, room, _span(rng, whole=0.6))
            add_television(scene, library, rng, room)
        case "soothed":
            add_cry(scene, library, rng, room, _span(rng, whole=0.6))
            _lay_soothing(scene, library, rng, room)
            if rng.random() < 0.15:
                add_television(scene, library, rng, room)
        case "fuss":
            add_fuss(scene, library, rng, room)
            if rng.random() < 0.25:
                _lay_adult_or_television(scene, library, rng, room)
        case "none":
            lonely = rng.random() < ALONE_PROBABILITY
            for _ in range(1 if lonely else rng.integers(1, 3)):
                add_confuser(
                    scene, library, rng, room, rng.uniform(-45, -8), CALL_PROBABILITY if lonely else HARD_STORIES
                )
            if rng.random() < 0.25:
                _lay_adult_or_television(scene, library, rng, room)
    mix_in(scene, library, rng, room, emphases)
    scene.audio = microphone(scene.audio, rng)
    return scene


def _lay_soothing(scene: Track, library: ClipLibrary, rng: Generator, room: Room) -> None:
    manner = str(rng.choice(list(MANNERS), p=list(MANNERS.values())))
    add_parent(scene, library, rng, room, _span(rng, whole=0.5), manner, OVER_CRY_DB)


def _lay_adult_or_television(scene: Track, library: ClipLibrary, rng: Generator, room: Room) -> None:
    if rng.random() < 0.5:
        _lay_soothing(scene, library, rng, room)
    else:
        add_television(scene, library, rng, room)


def _span(rng: Generator, whole: float) -> Span:
    """Throughout the scene, from some moment on, or up to some moment."""
    if rng.random() < whole:
        return 0.0, SCENE_S
    if rng.random() < 0.5:
        return rng.uniform(1, SCENE_S - 4), SCENE_S
    return 0.0, rng.uniform(4, SCENE_S - 1)

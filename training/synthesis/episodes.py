"""Minutes of a night, composed: what the deployed pipeline is judged on.

Each kind of episode begins with a quiet room and tells one story whose right answer is known. Cry onset is at
``ONSET_S``; truth comes by construction, and for the infant's part by the weak distress rule.
"""

from collections.abc import Callable
from dataclasses import dataclass

from edge.records import FloatArray
from training.synthesis.clip_library import ClipLibrary
from training.synthesis.mixture import Track
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

ONSET_S = 12.0
CHANGE_S = 50.0
"""When soothing begins or stops, in the stories where it changes."""
END_S = 90.0


@dataclass(frozen=True, slots=True)
class Episode:
    """One story as a recording."""

    kind: str
    samples: FloatArray
    """float32 [n], 16 kHz mono."""


def _cry(scene: Track, library: ClipLibrary, rng: Generator, room: Room) -> None:
    add_cry(scene, library, rng, room, (ONSET_S, CHANGE_S), steady=True)


def _cry_tv(scene: Track, library: ClipLibrary, rng: Generator, room: Room) -> None:
    _cry(scene, library, rng, room)
    add_television(scene, library, rng, room)


def _soothed(scene: Track, library: ClipLibrary, rng: Generator, room: Room) -> None:
    add_cry(scene, library, rng, room, (ONSET_S, END_S), steady=True)
    add_parent(scene, library, rng, room, (ONSET_S, END_S))


def _soothed_late(scene: Track, library: ClipLibrary, rng: Generator, room: Room) -> None:
    add_cry(scene, library, rng, room, (ONSET_S, END_S), steady=True)
    add_parent(scene, library, rng, room, (CHANGE_S, END_S))


def _soothing_stops(scene: Track, library: ClipLibrary, rng: Generator, room: Room) -> None:
    add_cry(scene, library, rng, room, (ONSET_S, END_S), steady=True)
    add_parent(scene, library, rng, room, (ONSET_S, CHANGE_S))


def _confuser(scene: Track, library: ClipLibrary, rng: Generator, room: Room) -> None:
    add_confuser(scene, library, rng, room, room.cry_dbfs)


STORIES: dict[str, Callable[[Track, ClipLibrary, Generator, Room], object]] = {
    "cry": _cry,
    "cry_tv": _cry_tv,
    "soothed": _soothed,
    "soothed_late": _soothed_late,
    "soothing_stops": _soothing_stops,
    "fuss": add_fuss,
    "confuser": _confuser,
}


def compose_episode(kind: str, library: ClipLibrary, rng: Generator) -> Episode:
    """One episode of ``END_S`` seconds in a room and before a microphone of its own."""
    room = draw_room(rng, library)
    scene = Track.silence(END_S, library.classes)
    add_background(scene, library, rng, room)
    STORIES[kind](scene, library, rng, room)
    return Episode(kind, microphone(scene.audio, rng))

"""Minutes of a night, composed: what the deployed pipeline is judged on.

Each kind of episode begins with a quiet room and tells one story whose right answer is known. Cry onset is at
``ONSET_S``; truth comes by construction, and for the infant's part by the weak distress rule.
"""

from collections.abc import Callable
from dataclasses import dataclass

from edge.detection.classifier import Classifier
from edge.detection.features import LogMelStream
from edge.detection.windows import HopCutter
from edge.records import AudioBlock, FloatArray, Scores, read_only
from training.synthesis.mixture import Layer, Library
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


def _cry(scene: Layer, library: Library, rng: Generator, room: Room) -> None:
    lay_cry(scene, library, rng, room, (ONSET_S, CHANGE_S), steady=True)


def _cry_tv(scene: Layer, library: Library, rng: Generator, room: Room) -> None:
    _cry(scene, library, rng, room)
    lay_television(scene, library, rng, room)


def _soothed(scene: Layer, library: Library, rng: Generator, room: Room) -> None:
    lay_cry(scene, library, rng, room, (ONSET_S, END_S), steady=True)
    lay_parent(scene, library, rng, room, (ONSET_S, END_S))


def _soothed_late(scene: Layer, library: Library, rng: Generator, room: Room) -> None:
    lay_cry(scene, library, rng, room, (ONSET_S, END_S), steady=True)
    lay_parent(scene, library, rng, room, (CHANGE_S, END_S))


def _soothing_stops(scene: Layer, library: Library, rng: Generator, room: Room) -> None:
    lay_cry(scene, library, rng, room, (ONSET_S, END_S), steady=True)
    lay_parent(scene, library, rng, room, (ONSET_S, CHANGE_S))


def _confuser(scene: Layer, library: Library, rng: Generator, room: Room) -> None:
    lay_confuser(scene, library, rng, room, room.cry_dbfs)


STORIES: dict[str, Callable[[Layer, Library, Generator, Room], object]] = {
    "cry": _cry,
    "cry_tv": _cry_tv,
    "soothed": _soothed,
    "soothed_late": _soothed_late,
    "soothing_stops": _soothing_stops,
    "fuss": lay_fuss,
    "confuser": _confuser,
}


def compose_episode(kind: str, library: Library, rng: Generator) -> Episode:
    """One episode of ``END_S`` seconds in a room and before a microphone of its own."""
    room = draw_room(rng, library)
    scene = Layer.silence(END_S, library.classes)
    lay_bed(scene, library, rng, room)
    STORIES[kind](scene, library, rng, room)
    return Episode(kind, microphone(scene.audio, rng))


def listen(classifier: Classifier, samples: FloatArray) -> list[Scores]:
    """The scores of a whole recording, through the device's own stages."""
    hops, features = HopCutter(), LogMelStream()
    block = AudioBlock(read_only(samples), 0)
    scored = (classifier.push(features.push(hop)) for hop in hops.push(block))
    return [scores for scores in scored if scores is not None]

"""Episodes: 90 s of a night with one known story, for the evaluation of the deployed pipeline.

Each kind begins with a quiet room. The cry's onset is at ``ONSET_S``. Truth comes from the construction, and for the
infant's part from the weak-label rule.
"""

from collections.abc import Callable
from dataclasses import dataclass

from edge.records import FloatArray
from training.data.manifest import Clip
from training.synthesis.adults import draw_parent, draw_television
from training.synthesis.clip_library import ClipLibrary
from training.synthesis.infants import Infant, draw_cry, draw_fuss
from training.synthesis.microphone import draw_microphone, record_scene
from training.synthesis.room_acoustics import Generator
from training.synthesis.rooms import Room, draw_room
from training.synthesis.sources import Confuser, Source, draw_background, draw_confuser, mix

ONSET_S = 12.0
CHANGE_S = 50.0
"""When soothing begins or stops, in the stories in which it changes."""
END_S = 90.0


@dataclass(frozen=True, slots=True, eq=False)
class Episode:
    """One story as a recording."""

    kind: str
    samples: FloatArray
    """float32 [n], 16 kHz mono."""
    sources: tuple[Source, ...]
    """The story's sources, without the background."""

    @property
    def clips(self) -> tuple[Clip, ...]:
        """The clips of the sources."""
        return tuple(clip for source in self.sources for clip in source.clips)

    @property
    def infant(self) -> str:
        """The infant; empty without one."""
        return next((source.name for source in self.sources if isinstance(source, Infant)), "")

    @property
    def confuser(self) -> str:
        """The kind of confuser; empty without one."""
        return next((source.kind for source in self.sources if isinstance(source, Confuser)), "")


def _draw_short_cry(library: ClipLibrary, rng: Generator, room: Room) -> list[Source]:
    return [draw_cry(library, rng, room, (ONSET_S, CHANGE_S), steady=True)]


def _draw_long_cry(library: ClipLibrary, rng: Generator, room: Room) -> Source:
    return draw_cry(library, rng, room, (ONSET_S, END_S), steady=True)


def _draw_cry_tv(library: ClipLibrary, rng: Generator, room: Room) -> list[Source]:
    return [*_draw_short_cry(library, rng, room), draw_television(library, rng, room, END_S)]


def _draw_soothed(library: ClipLibrary, rng: Generator, room: Room) -> list[Source]:
    return [_draw_long_cry(library, rng, room), draw_parent(library, rng, room, (ONSET_S, END_S))]


def _draw_soothed_late(library: ClipLibrary, rng: Generator, room: Room) -> list[Source]:
    return [_draw_long_cry(library, rng, room), draw_parent(library, rng, room, (CHANGE_S, END_S))]


def _draw_soothing_stops(library: ClipLibrary, rng: Generator, room: Room) -> list[Source]:
    return [_draw_long_cry(library, rng, room), draw_parent(library, rng, room, (ONSET_S, CHANGE_S))]


def _draw_fuss(library: ClipLibrary, rng: Generator, room: Room) -> list[Source]:
    return [draw_fuss(library, rng, room, END_S)]


def _draw_confuser(library: ClipLibrary, rng: Generator, room: Room) -> list[Source]:
    return [draw_confuser(library, rng, room, END_S, room.cry_dbfs)]


STORIES: dict[str, Callable[[ClipLibrary, Generator, Room], list[Source]]] = {
    "cry": _draw_short_cry,
    "cry_tv": _draw_cry_tv,
    "soothed": _draw_soothed,
    "soothed_late": _draw_soothed_late,
    "soothing_stops": _draw_soothing_stops,
    "fuss": _draw_fuss,
    "confuser": _draw_confuser,
}
"""Kind of episode -> the function that draws its sources."""


def compose_episode(kind: str, library: ClipLibrary, rng: Generator) -> Episode:
    """Draw and render one episode of ``END_S`` seconds, with a room and a microphone of its own."""
    room = draw_room(rng, library)
    background = draw_background(library, rng, room, END_S)
    sources = STORIES[kind](library, rng, room)
    microphone = draw_microphone(rng)
    samples = record_scene(mix(END_S, library, (background, *sources)).audio, microphone)
    return Episode(kind, samples, tuple(sources))

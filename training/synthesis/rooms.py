"""The room of a scene, and the placement of a sound in it: drawn once, applied at rendering."""

from dataclasses import dataclass, replace

from edge.records import FloatArray
from training.synthesis.clip_library import ClipLibrary
from training.synthesis.room_acoustics import Generator, impulse_response, in_room, to_level


@dataclass(frozen=True, slots=True, eq=False)
class Placement:
    """A sound's distance from the microphone, as a room response, and its level there."""

    response: FloatArray
    """Impulse response, float32 [n]."""
    near_db: float
    """Direct sound over reverberation; the farther away, the lower."""
    dbfs: float
    """Active level at the microphone."""

    def apply(self, audio: FloatArray) -> FloatArray:
        """Return the sound as it arrives at the microphone."""
        return to_level(in_room(audio, self.response), self.dbfs)


@dataclass(frozen=True, slots=True, eq=False)
class Room:
    """The properties that all sounds of one scene share."""

    rt60_s: float
    cry_dbfs: float
    """Active level of a cry at the microphone."""
    measured: FloatArray | None = None
    """A real room's impulse response, float32 [n]; None for a synthetic room."""

    def response(self, rng: Generator, near_db: float, rt60_s: float | None = None) -> FloatArray:
        """Draw the impulse response from a place in this room to the microphone."""
        return impulse_response(rng, near_db, rt60_s or self.rt60_s, self.measured)


def draw_room(rng: Generator, library: ClipLibrary) -> Room:
    """Draw a nursery and a microphone gain; 40 % have a measured response, where the split has responses."""
    room = Room(rt60_s=rng.uniform(0.12, 0.8), cry_dbfs=rng.uniform(-45, -10))
    if library.of_kind("rir") and rng.random() < 0.4:
        return replace(room, measured=library.audio(library.pick(rng, "rir")))
    return room

"""Infants as sound sources: crying and fussing, with truth by the weak-label rule."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edge.detection.features import FRAMES_PER_SECOND
from edge.records import FloatArray
from label_schema import Guideline
from training.data.manifest import Clip
from training.synthesis.clip_library import ClipLibrary, pick_group
from training.synthesis.distributions import Span
from training.synthesis.excerpts import Excerpt, ExcerptSequence, draw_sequence
from training.synthesis.mixture import CRY, Track
from training.synthesis.room_acoustics import Generator
from training.synthesis.rooms import Placement, Room

BURST_SHARE = 0.45
"""Longest burst of composed fussing, as a share of the least cry of crying: two of them are still fussing."""
_SHORTEST_BURST_S = 0.25


@dataclass(frozen=True, slots=True, eq=False)
class Infant:
    """One infant's drawn excerpts and its place in the room."""

    start_s: float
    name: str
    """The clips' group."""
    voice: ExcerptSequence
    placement: Placement

    @property
    def clips(self) -> tuple[Clip, ...]:
        """The clips of its voice."""
        return self.voice.clips

    def cries(self, library: ClipLibrary) -> bool:
        """Return whether any drawn frame is cry."""
        return any(excerpt.truth(library)[:, CRY].any() for excerpt in self.voice.excerpts)

    def render(self, library: ClipLibrary) -> Track:
        """Return its sound and truth, from ``start_s`` on."""
        track = self.voice.render(library)
        track.audio = self.placement.apply(track.audio)
        return track


def draw_cry(library: ClipLibrary, rng: Generator, room: Room, span: Span, steady: bool = False) -> Infant:
    """Draw one infant's cry: its clips joined with the pauses of breath or a little more.

    By default any crier is drawn, at a wide range of pitches, and a fifth of the cries are unbroken wails, which are
    rare in the clips. With ``steady`` a steady crier is drawn, nearly at its own pitch.
    """
    groups = library.steady_criers if steady else library.criers
    infant = pick_group(rng, groups)
    clips = groups[infant]
    speed = rng.uniform(0.9, 1.12) if steady else rng.uniform(0.84, 1.18)
    wail = not steady and rng.random() < 0.2

    def draw_excerpt() -> Excerpt:
        clip = clips[int(rng.integers(len(clips)))]
        tracks = library.truth(clip, speed)
        if wail:
            return Excerpt(clip, speed, _longest_burst(tracks))
        cry_s = _cry_times(tracks)
        return Excerpt(clip, speed, (max(0.0, cry_s[0] - rng.uniform(0, 0.5)), cry_s[-1] + rng.uniform(0.1, 0.5)))

    def draw_pause_s() -> float:
        return 0.0 if wail else max(0.0, rng.normal(0.0, 0.6))

    voice = draw_sequence(library, span[1] - span[0], draw_excerpt, draw_pause_s)
    near_db = rng.uniform(-3, 20)
    return Infant(span[0], infant, voice, Placement(room.response(rng, near_db), near_db, room.cry_dbfs))


def draw_fuss(library: ClipLibrary, rng: Generator, room: Room, seconds: float) -> Infant:
    """Draw recorded fussing, or single short bursts of a cry; weaker than a cry and with long pauses."""
    recorded = rng.random() < 0.55
    groups = library.fussers if recorded else library.criers
    infant = pick_group(rng, groups)
    clips = groups[infant]
    speed = rng.uniform(0.92, 1.1)
    shortest_s, longest_s = _burst_span(library.guideline)

    def draw_excerpt() -> Excerpt:
        clip = clips[int(rng.integers(len(clips)))]
        if recorded:
            return Excerpt(clip, speed)
        cry_s = _cry_times(library.truth(clip, speed))
        start_s = cry_s[rng.integers(len(cry_s))]
        return Excerpt(clip, speed, (start_s, start_s + rng.uniform(shortest_s, longest_s)))

    # With half a clip between two short bursts, a clip's length holds at most two of them.
    least_pause_s = library.guideline.clip_seconds / 2
    pauses_s = (1.0, 4.0) if recorded else (least_pause_s, least_pause_s + 3.5)
    voice = draw_sequence(library, seconds, draw_excerpt, lambda: rng.uniform(*pauses_s), start_s=rng.uniform(0, 4))
    near_db = rng.uniform(-3, 20)
    response = room.response(rng, near_db)
    return Infant(0.0, infant, voice, Placement(response, near_db, room.cry_dbfs - rng.uniform(0, 10)))


def _burst_span(guideline: Guideline) -> Span:
    longest_s = BURST_SHARE * guideline.thresholds["crying_min_cry_s"]
    return min(_SHORTEST_BURST_S, longest_s), longest_s


def _cry_times(tracks: FloatArray) -> npt.NDArray[np.float64]:
    """Return the time of each frame of cry, seconds."""
    return np.flatnonzero(tracks[:, CRY]) / FRAMES_PER_SECOND


def _longest_burst(tracks: FloatArray) -> Span:
    """Return the begin and end of the longest unbroken cry, seconds."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], tracks[:, CRY], [0]])))
    bursts = edges.reshape(-1, 2)
    start, stop = bursts[np.argmax(bursts[:, 1] - bursts[:, 0])] / FRAMES_PER_SECOND
    return float(start), float(stop)

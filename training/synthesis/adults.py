"""Adults as sound sources: a parent who soothes, and a television with the same voices.

They differ in the guideline's terms. A parent is near, over the cry, and pauses. A television is across the room,
sounds through a small loudspeaker, and has no pause.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from edge.records import FloatArray
from training.data.manifest import Clip
from training.synthesis import soothing_sounds
from training.synthesis.clip_library import ClipLibrary
from training.synthesis.distributions import EVALUATION_MANNERS, Span
from training.synthesis.excerpts import Excerpt, ExcerptSequence, draw_sequence
from training.synthesis.mixture import ATTENDING, Track, is_active, step_sample
from training.synthesis.room_acoustics import Generator, band_limit, to_level
from training.synthesis.rooms import Placement, Room

SOOTHING_GENERATORS: dict[str, Callable[[Generator, float], FloatArray]] = {
    "lullaby": soothing_sounds.lullaby,
    "humming": soothing_sounds.humming,
    "shushing": soothing_sounds.shushing,
}
SPEECH, SINGING, SUNG_SPEECH, LULLABY = "speech", "singing", "sung speech", "lullaby"
LOUDEST_PARENT_DBFS = -6.0
_MIX_DBFS = -20.0
"""Level of a part before it is mixed with another."""


@dataclass(frozen=True, slots=True, eq=False)
class Parent:
    """An adult who attends to the baby."""

    start_s: float
    seconds: float
    manner: str
    """One of ``distributions.MANNERS``."""
    voice: ExcerptSequence | None
    """None for a synthesized manner."""
    patting_gain: float | None
    """Level of the patting beside the voice; None without patting."""
    seed: int
    """Of the synthesized sounds: tune, voice and patting."""
    placement: Placement

    @property
    def clips(self) -> tuple[Clip, ...]:
        """The clips of the voice."""
        return self.voice.clips if self.voice else ()

    def render(self, library: ClipLibrary) -> Track:
        """Return the sound, with ATTENDING wherever the voice is active."""
        rng = np.random.default_rng(self.seed)
        track = self._render_voice(library, rng)
        track.tracks[:, ATTENDING] = is_active(track.audio)[: len(track.tracks)]
        if self.patting_gain is not None:
            pats = to_level(soothing_sounds.patting(rng, track.seconds), _MIX_DBFS - 10)
            track.audio = to_level(track.audio, _MIX_DBFS) + pats * np.float32(self.patting_gain)
        track.audio = self.placement.apply(track.audio)
        return track

    def _render_voice(self, library: ClipLibrary, rng: Generator) -> Track:
        if self.voice is None:
            track = Track.silence(self.seconds, library.classes)
            track.audio = SOOTHING_GENERATORS[self.manner](rng, track.seconds)
            return track
        track = self.voice.render(library)
        if self.manner == SUNG_SPEECH:
            track.audio = soothing_sounds.set_to_tune(rng, track.audio)
        return track


@dataclass(frozen=True, slots=True, eq=False)
class Television:
    """Speech and music without pause, from a loudspeaker across the room."""

    start_s: float
    speech: ExcerptSequence
    others: tuple[tuple[float, ExcerptSequence], ...]
    """More voices: the second at which each begins, and its phrases."""
    music: ExcerptSequence | None
    music_dbfs: float
    band_hz: Span
    """Of the loudspeaker."""
    drive: float
    """How far the loudspeaker is driven into saturation."""
    placement: Placement

    @property
    def clips(self) -> tuple[Clip, ...]:
        """All clips of the program."""
        others = (clip for _, sequence in self.others for clip in sequence.clips)
        return *self.speech.clips, *others, *(self.music.clips if self.music else ())

    def render(self, library: ClipLibrary) -> Track:
        """Return the sound; it has no truth."""
        track = _render_at(self.speech, library, _MIX_DBFS)
        for start_s, sequence in self.others:
            track.add(_render_at(sequence, library, _MIX_DBFS), step_sample(start_s))
        if self.music:
            track.add(_render_at(self.music, library, self.music_dbfs), 0)
        loudspeaker = band_limit(track.audio, *self.band_hz)
        saturated = np.tanh(loudspeaker / np.abs(loudspeaker).max() * self.drive).astype(np.float32)
        track.audio = self.placement.apply(saturated)
        return track


def draw_parent(
    library: ClipLibrary,
    rng: Generator,
    room: Room,
    span: Span,
    manner: str | None = None,
    over_cry_db: Span = (-5.0, 12.0),
) -> Parent:
    """Draw an adult near the baby, about as loud as the cry or louder, and with pauses.

    ``manner`` is drawn from ``MANNERS`` by default. Singing becomes a lullaby where the split has no singing.
    """
    seconds = span[1] - span[0]
    manner = manner or str(rng.choice(list(EVALUATION_MANNERS), p=list(EVALUATION_MANNERS.values())))
    voice = None
    match manner:
        case "speech":
            voice = draw_speech(library, rng, seconds, (0.1, 2.2))
        case "singing" if library.of_kind("singing"):
            voice = _draw_whole_clips(library, rng, "singing", seconds, lambda: rng.uniform(0, 1))
        case "singing":
            manner = LULLABY
        case "sung speech":
            voice = draw_speech(library, rng, seconds, (0.1, 1.0))
    patting_gain = rng.uniform(0.2, 2) if rng.random() < 0.25 else None
    near_db = rng.uniform(6, 25)
    response = room.response(rng, near_db)
    dbfs = min(room.cry_dbfs + rng.uniform(*over_cry_db), LOUDEST_PARENT_DBFS)
    seed = int(rng.integers(2**32))
    return Parent(span[0], seconds, manner, voice, patting_gain, seed, Placement(response, near_db, dbfs))


def draw_television(library: ClipLibrary, rng: Generator, room: Room, seconds: float) -> Television:
    """Draw a program: one voice throughout, others now and then, and music in 60 % of the programs."""
    speech = draw_speech(library, rng, seconds, (0.0, 0.3))
    others = []
    for _ in range(rng.integers(0, 2 + int(seconds // 20))):
        sequence = draw_speech(library, rng, rng.uniform(3, 12), (0.0, 1.0))
        others.append((rng.uniform(0, seconds), sequence))
    music, music_dbfs = None, 0.0
    if rng.random() < 0.6:
        kind = "singing" if library.of_kind("singing") and rng.random() < 0.3 else "music"
        music = _draw_whole_clips(library, rng, kind, seconds, lambda: 0.0)
        music_dbfs = _MIX_DBFS - rng.uniform(-4, 15)
    band_hz = (rng.uniform(100, 350), rng.uniform(4_000, 8_000))
    drive = rng.uniform(1, 4)
    near_db = rng.uniform(-14, 2)
    response = room.response(rng, near_db, room.rt60_s * rng.uniform(1, 1.3))
    placement = Placement(response, near_db, room.cry_dbfs - rng.uniform(-1, 22))
    return Television(0.0, speech, tuple(others), music, music_dbfs, band_hz, drive, placement)


def draw_speech(library: ClipLibrary, rng: Generator, seconds: float, pauses_s: Span) -> ExcerptSequence:
    """Draw phrases of one adult, with pauses from a range, seconds."""
    adult = library.pick(rng, "adult_speech")
    clips = [clip for clip in library.of_kind("adult_speech") if clip.group == adult.group]
    speed = rng.uniform(0.92, 1.15)

    def draw_phrase() -> Excerpt:
        clip = clips[rng.integers(len(clips))]
        start_s = rng.uniform(0, max(0.01, library.seconds(clip, speed) - 3))
        return Excerpt(clip, speed, (start_s, start_s + rng.uniform(0.8, 4.5)))

    return draw_sequence(library, seconds, draw_phrase, lambda: rng.uniform(*pauses_s))


def _draw_whole_clips(
    library: ClipLibrary, rng: Generator, kind: str, seconds: float, draw_pause_s: Callable[[], float]
) -> ExcerptSequence:
    """Draw clips of a kind, each in full."""
    return draw_sequence(library, seconds, lambda: Excerpt(library.pick(rng, kind)), draw_pause_s)


def _render_at(sequence: ExcerptSequence, library: ClipLibrary, dbfs: float) -> Track:
    track = sequence.render(library)
    track.audio = to_level(track.audio, dbfs)
    return track

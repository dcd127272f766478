"""Who and what sounds in a nursery: each performer lays its sound and its truth into a scene.

How near a sound is, where a performer says so, is its direct sound over its reverberation, dB.

A television is laid with the same voices as a parent; what differs is what the guideline names: a parent is near, over
the cry, and pauses to listen; a television is across the room, from a small loudspeaker, and never pauses.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from edge.detection.features import FRAMES_PER_SECOND
from edge.records import SAMPLE_RATE, FloatArray
from training.data.manifest import Clip
from training.synthesis import soothing_sounds, tonal_distractors
from training.synthesis.clip_library import ClipLibrary, pick
from training.synthesis.distributions import EVALUATION_DISTRIBUTION, MANNERS, SceneDistribution, Span
from training.synthesis.mixture import ATTENDING, CRY, Track, concatenate, crop, is_active
from training.synthesis.room_acoustics import Generator, band_limit, impulse_response, in_room, to_level

SOOTHING_GENERATORS = {
    "lullaby": soothing_sounds.lullaby,
    "humming": soothing_sounds.humming,
    "shushing": soothing_sounds.shushing,
}

TONAL_GENERATORS = {"glissando": tonal_distractors.glissando}
"""Kinds of which there are no clips."""

QUIET_BEDS = ("ambience", "phone_room")


@dataclass(frozen=True, slots=True)
class Room:
    """What all sounds of one scene share."""

    rt60_s: float
    cry_dbfs: float
    """Active level of a cry at the microphone."""
    measured: FloatArray | None = None
    """A real room's impulse response, float32 [n]; None for a synthetic room."""

    def response(self, rng: Generator, direct_to_reverberant_db: float, rt60_s: float | None = None) -> FloatArray:
        """From a place in this room to the microphone: the farther, the less direct."""
        return impulse_response(rng, direct_to_reverberant_db, rt60_s or self.rt60_s, self.measured)


def draw_room(rng: Generator, library: ClipLibrary) -> Room:
    """Any nursery, any microphone gain; some of the nurseries are real, where the split has their responses."""
    room = Room(rt60_s=rng.uniform(0.12, 0.8), cry_dbfs=rng.uniform(-45, -10))
    if library.by_kind["rir"] and rng.random() < 0.4:
        return replace(room, measured=library.audio(library.pick(rng, "rir")))
    return room


def add_background(scene: Track, library: ClipLibrary, rng: Generator, room: Room) -> None:
    """The room's own sound, far below the rest."""
    wordless = [clips for kind in QUIET_BEDS if (clips := library.without_speech(kind))]
    clips = wordless[rng.integers(len(wordless))]
    bed = concatenate(scene.seconds, library.classes, lambda: library.track(pick(rng, clips)), lambda: 0.0)
    bed.tags *= 0  # too faint to be told by name
    bed.audio = to_level(bed.audio, room.cry_dbfs - rng.uniform(10, 45))
    scene.add(bed, 0)


def add_cry(scene: Track, library: ClipLibrary, rng: Generator, room: Room, span: Span, steady: bool = False) -> float:
    """One infant's cry, its clips strung together with the pauses of breath or a little more; how near it is, dB.

    Unless ``steady`` infants are asked for, which are used as they are: any crier, at a wider range of pitches, now and
    then as an unbroken wail, of which the clips hold few.
    """
    clips = _any_group(library.steady_criers if steady else library.criers, rng)
    speed = rng.uniform(0.9, 1.12) if steady else rng.uniform(0.84, 1.18)
    wail = not steady and rng.random() < 0.2

    def piece() -> Track:
        layer = library.track(clips[int(rng.integers(len(clips)))], speed)
        if wail:
            start_s, stop_s = _longest_burst(layer)
            return crop(layer, start_s, stop_s)
        heard = np.flatnonzero(layer.tracks[:, CRY]) / FRAMES_PER_SECOND
        return crop(layer, max(0.0, heard[0] - rng.uniform(0, 0.5)), heard[-1] + rng.uniform(0.1, 0.5))

    pause_s = lambda: 0.0 if wail else max(0.0, rng.normal(0.0, 0.6))  # noqa: E731
    cry = concatenate(span[1] - span[0], library.classes, piece, pause_s)
    near_db = rng.uniform(-3, 20)
    response = room.response(rng, near_db)
    cry.audio = to_level(in_room(cry.audio, response), room.cry_dbfs)
    scene.add(cry, step_sample(span[0]))
    return near_db


def add_fuss(scene: Track, library: ClipLibrary, rng: Generator, room: Room) -> float:
    """Real fussing, or single short bursts of a cry, weaker and with long pauses; how near it is, dB."""
    real = rng.random() < 0.55
    clips = _any_group(library.fussers if real else library.criers, rng)
    speed = rng.uniform(0.92, 1.1)

    def piece() -> Track:
        layer = library.track(clips[int(rng.integers(len(clips)))], speed)
        if real:
            return layer
        heard = np.flatnonzero(layer.tracks[:, CRY]) / FRAMES_PER_SECOND
        start_s = heard[rng.integers(len(heard))]
        return crop(layer, start_s, start_s + rng.uniform(0.25, 0.9))

    # two bursts of 0.9 s in any 5 s are less than the 2 s from which it would be crying
    shortest_s, longest_s = (1.0, 4.0) if real else (2.5, 6.0)
    pause_s = lambda: rng.uniform(shortest_s, longest_s)  # noqa: E731
    fuss = concatenate(scene.seconds, library.classes, piece, pause_s, start_s=rng.uniform(0, 4))
    near_db = rng.uniform(-3, 20)
    response = room.response(rng, near_db)
    fuss.audio = to_level(in_room(fuss.audio, response), room.cry_dbfs - rng.uniform(0, 10))
    scene.add(fuss, 0)
    return near_db


def add_parent(
    scene: Track,
    library: ClipLibrary,
    rng: Generator,
    room: Room,
    span: Span,
    manner: str | None = None,
    over_db: Span = (-5.0, 12.0),
) -> None:
    """An adult attending to the baby, in this manner or any: near, so much louder than the cry, with pauses."""
    seconds = span[1] - span[0]
    manner = manner or str(rng.choice(list(MANNERS), p=list(MANNERS.values())))
    match manner:
        case "speech":
            voice = _speech(library, rng, seconds, lambda: rng.uniform(0.1, 2.2))
        case "singing" if library.by_kind["singing"]:
            song = lambda: library.track(library.pick(rng, "singing"))  # noqa: E731
            voice = concatenate(seconds, library.classes, song, lambda: rng.uniform(0, 1))
        case "sung speech":
            voice = _speech(library, rng, seconds, lambda: rng.uniform(0.1, 1.0))
            voice.audio = soothing_sounds.sung(rng, voice.audio)
        case _:
            voice = Track.silence(seconds, library.classes)
            voice.audio = SOOTHING_GENERATORS.get(manner, soothing_sounds.lullaby)(rng, voice.seconds)
    voice.tracks[:, ATTENDING] = is_active(voice.audio)[: len(voice.tracks)]
    if rng.random() < 0.25:
        pats = to_level(soothing_sounds.patting(rng, voice.seconds), -30)
        voice.audio = to_level(voice.audio, -20) + pats * np.float32(rng.uniform(0.2, 2))
    response = room.response(rng, rng.uniform(6, 25))
    near_dbfs = min(room.cry_dbfs + rng.uniform(*over_db), -6)
    voice.audio = to_level(in_room(voice.audio, response), near_dbfs)
    scene.add(voice, step_sample(span[0]))


def add_television(scene: Track, library: ClipLibrary, rng: Generator, room: Room) -> None:
    """Talk and music without pause, from a loudspeaker across the room."""
    show = _speech(library, rng, scene.seconds, lambda: rng.uniform(0, 0.3))
    show.audio = to_level(show.audio, -20)
    for _ in range(rng.integers(0, 2 + int(scene.seconds // 20))):
        other = _speech(library, rng, rng.uniform(3, 12), lambda: rng.uniform(0, 1))
        other.audio = to_level(other.audio, -20)
        show.add(other, step_sample(rng.uniform(0, scene.seconds)))
    if rng.random() < 0.6:
        kind = "singing" if library.by_kind["singing"] and rng.random() < 0.3 else "music"
        music = concatenate(scene.seconds, library.classes, lambda: library.track(library.pick(rng, kind)), lambda: 0.0)
        music.audio = to_level(music.audio, -20 - rng.uniform(-4, 15))
        show.add(music, 0)
    loudspeaker = band_limit(show.audio, rng.uniform(100, 350), rng.uniform(4_000, 8_000))
    pressed = np.tanh(loudspeaker / np.abs(loudspeaker).max() * rng.uniform(1, 4)).astype(np.float32)
    response = room.response(rng, rng.uniform(-14, 2), room.rt60_s * rng.uniform(1, 1.3))
    show.audio = to_level(in_room(pressed, response), room.cry_dbfs - rng.uniform(-1, 22))
    scene.add(show, 0)


def add_confuser(
    scene: Track,
    library: ClipLibrary,
    rng: Generator,
    room: Room,
    dbfs: float,
    how: SceneDistribution = EVALUATION_DISTRIBUTION,
) -> float:
    """Something that is no infant's distress, now and then or again and again; how near it is, dB."""
    kinds = [kind for kind in how.kinds if kind in TONAL_GENERATORS or library.by_kind[kind]]
    weights = np.array([how.kinds[kind] for kind in kinds])
    kind = kinds[rng.choice(len(kinds), p=weights / weights.sum())]
    if kind in TONAL_GENERATORS:
        sound = Track.silence(scene.seconds, library.classes)
        sound.audio = TONAL_GENERATORS[kind](rng, scene.seconds)
    else:
        sound = _recorded(library, rng, kind, how, scene.seconds)
    near_db = rng.uniform(-6, 25)
    response = room.response(rng, near_db)
    sound.audio = to_level(in_room(sound.audio, response), dbfs)
    scene.add(sound, 0)
    return near_db


def _recorded(library: ClipLibrary, rng: Generator, kind: str, how: SceneDistribution, seconds: float) -> Track:
    """Clips of a kind, or one of them, again and again."""
    draw = library.pick_cry_like if rng.random() < how.alike else library.pick
    first = draw(rng, kind)
    again = rng.random() < 0.6
    speed = rng.uniform(*how.speeds)
    pause_s = rng.choice(how.pauses_s)

    def piece() -> Track:
        return crop(library.track(first if again else draw(rng, kind), speed), 0, rng.uniform(2, 16))

    pauses: Callable[[], float] = lambda: rng.exponential(pause_s)  # noqa: E731
    return concatenate(seconds, library.classes, piece, pauses, start_s=rng.uniform(0, 3))


def step_sample(seconds: float) -> int:
    """The sample at which the step nearest to ``seconds`` begins: tracks and audio stay in line."""
    return round(seconds * 4) * (SAMPLE_RATE // 4)


def _any_group(groups: Mapping[str, Sequence[Clip]], rng: Generator) -> Sequence[Clip]:
    names = sorted(name for name, clips in groups.items() if clips)
    return groups[names[int(rng.integers(len(names)))]]


def _longest_burst(layer: Track) -> Span:
    """When the longest unbroken cry of a layer begins and ends."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], layer.tracks[:, CRY], [0]])))
    bursts = edges.reshape(-1, 2)
    start, stop = bursts[np.argmax(bursts[:, 1] - bursts[:, 0])] / FRAMES_PER_SECOND
    return float(start), float(stop)


def _speech(library: ClipLibrary, rng: Generator, seconds: float, pause_s: Callable[[], float]) -> Track:
    """One speaker, a phrase at a time."""
    speaker = library.pick(rng, "adult_speech")
    voice = [clip for clip in library.by_kind["adult_speech"] if clip.group == speaker.group]
    speed = rng.uniform(0.92, 1.15)

    def phrase() -> Track:
        layer = library.track(voice[rng.integers(len(voice))], speed)
        start_s = rng.uniform(0, max(0.01, layer.seconds - 3))
        return crop(layer, start_s, start_s + rng.uniform(0.8, 4.5))

    return concatenate(seconds, library.classes, phrase, pause_s)

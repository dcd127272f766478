"""A night as a stream: one room, its bed and its microphone, the acts of the plan laid in one after another.

At most one act and its gap are in memory, about three minutes.
"""

import copy
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from edge.detection.features import FRAMES_PER_SECOND
from edge.records import SAMPLE_RATE, FloatArray
from training.data.manifest import Clip
from training.synthesis import distributions, sources
from training.synthesis.clip_library import ClipLibrary
from training.synthesis.microphone import NightMicrophone
from training.synthesis.mixture import ATTENDING, CRY, Track
from training.synthesis.night_plan import (
    ADULT_NEAR,
    TELEVISION,
    NightEvent,
    NightEventKind,
    PlannedEvent,
    Span,
    plan_night,
    slots,
)
from training.synthesis.room_acoustics import Generator, active_level

BED_S, BED_SEAM_S = 180.0, 1.0
_EDGE_S = 0.05


@dataclass(frozen=True, slots=True)
class NightRecipe:
    """All that a night is made from, besides the clips."""

    split: str
    seed: int
    number: int
    seconds: float


class RecordingLibrary(ClipLibrary):
    """A library that remembers which clips were asked for, and may offer fewer of them."""

    def __init__(self, library: ClipLibrary) -> None:
        self.__dict__.update(library.__dict__)
        self.used: list[Clip] = []

    def track(self, clip: Clip, speed: float = 1.0) -> Track:
        self.used.append(clip)
        return super().track(clip, speed)


def confusers(library: ClipLibrary) -> list[str]:
    """Everything the split has that is no infant's distress."""
    return [*sorted(kind for kind in distributions.CONFUSERS if library.by_kind[kind]), ADULT_NEAR, TELEVISION]


def play(recipe: NightRecipe, library: ClipLibrary) -> Iterator[tuple[FloatArray, NightEvent | None]]:
    """The night's sound in pieces without a gap, and with each piece the act that is in it, if there is one."""
    rng = np.random.default_rng([recipe.seed, recipe.number])
    cues = plan_night(rng, recipe.seconds, confusers(library))
    room = sources.draw_room(rng, library)
    bed, bed_clip = _bed(library, rng, room)
    microphone = NightMicrophone(rng)
    position = 0

    def record(sound: FloatArray) -> FloatArray:
        nonlocal position
        under = np.take(bed, np.arange(position, position + len(sound)), mode="wrap")
        position += len(sound)
        return microphone.push(sound + under)

    for index, (cue, slot) in enumerate(zip(cues, slots(cues, recipe.seconds), strict=True)):
        yield record(np.zeros(round(cue.span[0] * SAMPLE_RATE) - position, np.float32)), None
        act_rng = np.random.default_rng([recipe.seed, recipe.number, index])
        sound, act = compose_event(cue, slot, library, act_rng, room)
        bed_below_db = round(float(act.dbfs - 20 * np.log10(active_level(bed))), 1)
        about_bed = replace(act, bed=bed_clip.file, bed_below_db=bed_below_db)
        yield record(sound), replace(about_bed, night=recipe.number, microphone=microphone.response)
    yield record(np.zeros(round(recipe.seconds * SAMPLE_RATE) - position, np.float32)), None


def compose_event(
    cue: PlannedEvent, slot: Span, whole: ClipLibrary, rng: Generator, night: sources.Room
) -> tuple[FloatArray, NightEvent]:
    """The sound of one act, ``cue.span`` long, and the truth about it."""
    library = RecordingLibrary(whole)
    room = replace(night, cry_dbfs=min(night.cry_dbfs + rng.uniform(-4, 4), -8))
    seconds = cue.span[1] - cue.span[0]
    scene = Track.silence(seconds, whole.classes)
    cry = adult = near_db = None
    manner = infant = ""
    if cue.kind is NightEventKind.CRY_TELEVISION or cue.confuser == TELEVISION:
        sources.add_television(scene, library, rng, room)
    if cue.cry:
        infant = _choose_infant(library, rng)
        cry = Track.silence(cue.cry[1] - cue.cry[0], whole.classes)
        near_db = sources.add_cry(cry, library, rng, room, (0, cry.seconds), steady=True)
    if cue.adult or cue.confuser == ADULT_NEAR:
        manner = _manner(library, rng)
        comes_s, goes_s = cue.adult or cue.span
        adult = Track.silence(goes_s - comes_s, whole.classes)
        sources.add_parent(adult, library, rng, room, (0, adult.seconds))
    if cue.kind is NightEventKind.FUSS:
        near_db = sources.add_fuss(scene, library, rng, room)
        infant = library.used[0].group
    elif cue.confuser not in ("", ADULT_NEAR, TELEVISION):
        library.by_kind = defaultdict(list, {cue.confuser: whole.by_kind[cue.confuser]})
        near_db = sources.add_confuser(scene, library, rng, room, min(room.cry_dbfs + rng.uniform(-12, 6), -8))
    about = cry or adult or scene
    dbfs = 20 * np.log10(active_level(about.audio))
    over_db = 20 * np.log10(active_level(adult.audio) / active_level(cry.audio)) if adult and cry else None
    for part, span in ((cry, cue.cry), (adult, cue.adult)):
        if part:
            _fade(part.audio)
            scene.add(part, sources.step_sample((span or cue.span)[0] - cue.span[0]))
    _fade(scene.audio)
    return scene.audio, NightEvent(
        night=0,
        kind=cue.kind,
        confuser=cue.confuser,
        span=cue.span,
        slot=slot,
        cry=_heard(cry, CRY, cue.cry),
        adult=_heard(adult, ATTENDING, cue.adult),
        manner=manner,
        infant=infant,
        sources=tuple(sorted({clip.source for clip in library.used})),
        clips=tuple(sorted({clip.file for clip in library.used})),
        dbfs=round(float(dbfs), 1),
        near_db=None if near_db is None else round(float(near_db), 1),
        adult_over_cry_db=None if over_db is None else round(float(over_db), 1),
        bed="",
        bed_below_db=0.0,
        microphone=(),
    )


def _bed(library: ClipLibrary, rng: Generator, room: sources.Room) -> tuple[FloatArray, Clip]:
    """A loop of one recording of a room, whose end runs into its beginning, and which it is."""
    seam = round(BED_SEAM_S * SAMPLE_RATE)
    one = RecordingLibrary(library)
    one.by_kind = defaultdict(list, {kind: one.without_speech(kind) for kind in sources.QUIET_BEDS})
    kinds = [kind for kind, clips in one.by_kind.items() if clips]
    kind = kinds[rng.integers(len(kinds))]
    clip = one.pick(rng, kind)
    one.by_kind = defaultdict(list, {kind: [clip]})
    layer = Track.silence(BED_S, library.classes)
    sources.add_background(layer, one, rng, room)
    loop, after = layer.audio[:-seam], layer.audio[-seam:]
    rising = np.linspace(0, 1, seam, dtype=np.float32)
    loop[:seam] = loop[:seam] * rising + after * rising[::-1]
    return loop, clip


def _choose_infant(library: RecordingLibrary, rng: Generator) -> str:
    """One crier, and from here on no other in this library."""
    infants = sorted(infant for infant, clips in library.steady_criers.items() if clips)
    infant = infants[rng.integers(len(infants))]
    library.steady_criers = defaultdict(list, {infant: library.steady_criers[infant]})
    return infant


def _manner(library: ClipLibrary, rng: Generator) -> str:
    """What ``lay_parent`` is about to draw first from the same generator."""
    manner = str(copy.deepcopy(rng).choice(list(distributions.MANNERS), p=list(distributions.MANNERS.values())))
    return "lullaby" if manner == "singing" and not library.by_kind["singing"] else manner


def _fade(audio: FloatArray) -> None:
    """No click where a part begins or is cut off."""
    ramp = np.linspace(0, 1, round(_EDGE_S * SAMPLE_RATE), dtype=np.float32)
    audio[: len(ramp)] *= ramp
    audio[len(audio) - len(ramp) :] *= ramp[::-1]


def _heard(part: Track | None, track: int, planned: Span | None) -> Span | None:
    """From the first frame that sounds to the last, in seconds of the night."""
    if part is None or planned is None:
        return None
    frames = np.flatnonzero(part.tracks[:, track])
    return planned[0] + float(frames[0]) / FRAMES_PER_SECOND, planned[0] + float(frames[-1] + 1) / FRAMES_PER_SECOND

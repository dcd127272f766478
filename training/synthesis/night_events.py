"""Events of a night: the sources of a planned event are drawn, rendered, and measured for the truth about it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from edge.detection.features import FRAMES_PER_SECOND
from edge.records import SAMPLE_RATE, FloatArray
from training.data.manifest import Clip
from training.synthesis.adults import Parent, Television, draw_parent, draw_television
from training.synthesis.clip_library import ClipLibrary
from training.synthesis.infants import Infant, draw_cry, draw_fuss
from training.synthesis.mixture import ATTENDING, CRY, Track, step_sample
from training.synthesis.night_plan import ADULT_NEAR, TELEVISION, NightEvent, NightEventKind, PlannedEvent, Span
from training.synthesis.night_setting import NightSetting
from training.synthesis.room_acoustics import Generator, active_level
from training.synthesis.rooms import Room
from training.synthesis.sources import Confuser, Source, draw_confuser

LOUDEST_DBFS = -8.0
_FADE_S = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class EventSources:
    """The drawn sources of one event; None for a source that it does not have."""

    television: Television | None = None
    infant: Infant | None = None
    parent: Parent | None = None
    confuser: Confuser | None = None

    def __iter__(self) -> Iterator[Source]:
        """Yield the sources that the event has."""
        for source in (self.television, self.infant, self.parent, self.confuser):
            if source is not None:
                yield source

    @property
    def clips(self) -> tuple[Clip, ...]:
        """The clips of all sources."""
        return tuple(clip for source in self for clip in source.clips)

    @property
    def near_db(self) -> float | None:
        """Level of the direct sound over the reverberation, dB, of the infant or the confuser; None without either."""
        subject = self.infant or self.confuser
        return round(float(subject.placement.near_db), 1) if subject else None


def draw_event(planned: PlannedEvent, library: ClipLibrary, rng: Generator, room: Room) -> EventSources:
    """Draw the sources of a planned event, at a level near the night's."""
    room = replace(room, cry_dbfs=min(room.cry_dbfs + rng.uniform(-4, 4), LOUDEST_DBFS))
    start_s, stop_s = planned.span
    seconds = stop_s - start_s
    television = infant = parent = confuser = None
    if planned.kind is NightEventKind.CRY_TELEVISION or planned.confuser == TELEVISION:
        television = draw_television(library, rng, room, seconds)
    if planned.cry:
        infant = draw_cry(library, rng, room, _shift(planned.cry, -start_s), steady=True)
    if planned.adult or planned.confuser == ADULT_NEAR:
        parent = draw_parent(library, rng, room, _shift(planned.adult or planned.span, -start_s))
    if planned.kind is NightEventKind.FUSS:
        infant = draw_fuss(library, rng, room, seconds)
    elif planned.confuser not in ("", ADULT_NEAR, TELEVISION):
        view = library.restrict_kinds({planned.confuser: library.of_kind(planned.confuser)})
        dbfs = min(room.cry_dbfs + rng.uniform(-12, 6), LOUDEST_DBFS)
        confuser = draw_confuser(view, rng, room, seconds, dbfs)
    return EventSources(television, infant, parent, confuser)


def compose_event(
    planned: PlannedEvent, slot: Span, library: ClipLibrary, rng: Generator, setting: NightSetting
) -> tuple[FloatArray, NightEvent]:
    """Draw and render one event: its sound, ``planned.span`` long, and the truth about it."""
    sources = draw_event(planned, library, rng, setting.room)
    tracks = {source: source.render(library) for source in sources}
    truth = measure_event(planned, slot, sources, tracks, setting)
    return _mix(planned.span[1] - planned.span[0], tracks, library.classes), truth


def measure_event(
    planned: PlannedEvent,
    slot: Span,
    sources: EventSources,
    tracks: Mapping[Source, Track],
    setting: NightSetting,
) -> NightEvent:
    """Measure the truth on the rendered tracks: when there is cry and an adult, and how loud."""
    cry = tracks[sources.infant] if sources.infant and planned.cry else None
    adult = tracks[sources.parent] if sources.parent else None
    over_db = _level_db(adult) - _level_db(cry) if adult and cry else None
    dbfs = _level_db(cry or adult or next(iter(tracks.values())))
    return NightEvent(
        night=setting.number,
        kind=planned.kind,
        confuser=planned.confuser,
        span=planned.span,
        slot=slot,
        cry=_find_span(cry, CRY, planned.cry),
        adult=_find_span(adult, ATTENDING, planned.adult),
        manner=sources.parent.manner if sources.parent else "",
        infant=sources.infant.name if sources.infant else "",
        sources=tuple(sorted({clip.source for clip in sources.clips})),
        clips=tuple(sorted({clip.file for clip in sources.clips})),
        dbfs=round(dbfs, 1),
        near_db=sources.near_db,
        adult_over_cry_db=None if over_db is None else round(over_db, 1),
        bed=setting.background_clip.file,
        bed_below_db=round(dbfs - setting.background_dbfs, 1),
        microphone=setting.microphone.response,
    )


def _mix(seconds: float, tracks: Mapping[Source, Track], classes: int) -> FloatArray:
    scene = Track.silence(seconds, classes)
    for source, track in tracks.items():
        _fade(track.audio)
        scene.add(track, step_sample(source.start_s))
    _fade(scene.audio)
    return scene.audio


def _level_db(track: Track) -> float:
    return float(20 * np.log10(active_level(track.audio)))


def _shift(span: Span, seconds: float) -> Span:
    return span[0] + seconds, span[1] + seconds


def _fade(audio: FloatArray) -> None:
    """Fade the ends in place: a part that is cut off must not click."""
    ramp = np.linspace(0, 1, round(_FADE_S * SAMPLE_RATE), dtype=np.float32)
    audio[: len(ramp)] *= ramp
    audio[len(audio) - len(ramp) :] *= ramp[::-1]


def _find_span(part: Track | None, column: int, planned: Span | None) -> Span | None:
    """Return the time from the first frame of a truth track to the last, seconds of the night."""
    if part is None or planned is None:
        return None
    frames = np.flatnonzero(part.tracks[:, column])
    return planned[0] + float(frames[0]) / FRAMES_PER_SECOND, planned[0] + float(frames[-1] + 1) / FRAMES_PER_SECOND

"""Oversampling: more of one thing in the training scenes, aimed at a slice in which a model is weak.

An oversampled source is added to a share of all scenes, before the microphone. The truth stays right: a cry is added
only to scenes without an infant, and an adult over a cry soothes it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from training.data.attributes import clip_attributes
from training.data.manifest import Clip
from training.storage.names import share
from training.storage.paths import DataError
from training.synthesis import night_plan
from training.synthesis.adults import draw_parent, draw_television
from training.synthesis.clip_library import ClipLibrary
from training.synthesis.distributions import CONFUSERS, EVALUATION_MANNERS
from training.synthesis.infants import Infant, draw_cry
from training.synthesis.room_acoustics import Generator
from training.synthesis.rooms import Room
from training.synthesis.sources import QUIET_BACKGROUNDS, Source, draw_background, draw_confuser


@dataclass(frozen=True, slots=True)
class Oversampling:
    """One slice, and the share of scenes that get a source of it."""

    trait: str
    value: str
    share: float
    """Of all scenes, 0 to 1."""

    def __str__(self) -> str:
        """Format it as on the command line."""
        return f"{self.trait}={self.value}:{self.share:g}"


def parse_oversampling(text: str) -> Oversampling:
    """Parse ``TRAIT=VALUE:SHARE``, such as ``confuser=cat:0.3``; ValueError where it is not one."""
    what, _, part = text.rpartition(":")
    trait, _, value = what.partition("=")
    if trait not in DRAWERS or not value:
        raise ValueError(
            f"must be TRAIT=VALUE:SHARE, such as confuser=cat:0.3, with a trait of {', '.join(DRAWERS)}, not {text!r}"
        )
    known = {
        "confuser": (*CONFUSERS, night_plan.ADULT_NEAR, night_plan.TELEVISION),
        "manner": tuple(EVALUATION_MANNERS),
    }.get(trait, (value,))
    if value not in known:
        raise ValueError(f"unknown {trait} {value!r}: there is {', '.join(known)}")
    return Oversampling(trait, value, share(part))


@dataclass(frozen=True, slots=True, eq=False)
class SceneDraw:
    """A scene while it is drawn."""

    sources: tuple[Source, ...]
    """Drawn so far."""
    library: ClipLibrary
    rng: Generator
    room: Room
    seconds: float


def draw_oversampled(
    sources: Sequence[Source],
    library: ClipLibrary,
    rng: Generator,
    room: Room,
    seconds: float,
    emphases: Sequence[Oversampling],
) -> list[Source]:
    """Draw the sources to add to a scene, each slice with its share's probability.

    Without ``emphases`` no random number is drawn. DataError where the split has no clips of a slice.
    """
    scene = SceneDraw(tuple(sources), library, rng, room, seconds)
    for each in emphases:
        if rng.random() < each.share and (source := DRAWERS[each.trait](each, scene)):
            scene = replace(scene, sources=(*scene.sources, source))
    return list(scene.sources[len(sources) :])


def _draw_confuser(each: Oversampling, scene: SceneDraw) -> Source:
    match each.value:
        case night_plan.ADULT_NEAR:
            return draw_parent(scene.library, scene.rng, scene.room, (0.0, scene.seconds))
        case night_plan.TELEVISION:
            return draw_television(scene.library, scene.rng, scene.room, scene.seconds)
        case kind:
            return _draw_confuser_of(each, {kind: scene.library.of_kind(kind)}, scene)


def _draw_manner(each: Oversampling, scene: SceneDraw) -> Source:
    return draw_parent(scene.library, scene.rng, scene.room, (0.0, scene.seconds), each.value)


def _draw_background(each: Oversampling, scene: SceneDraw) -> Source:
    backgrounds = {kind: _select(each, "source", scene.library.without_speech(kind)) for kind in QUIET_BACKGROUNDS}
    view = scene.library.restrict_kinds(_require(each, backgrounds))
    return draw_background(view, scene.rng, scene.room, scene.seconds)


def _draw_infant(each: Oversampling, scene: SceneDraw) -> Source | None:
    if any(isinstance(source, Infant) for source in scene.sources):
        return None
    trait = "source" if each.trait == "infants" else each.trait
    criers = {infant: _select(each, trait, clips) for infant, clips in scene.library.criers.items()}
    view = replace(scene.library, criers=_require(each, criers))
    return draw_cry(view, scene.rng, scene.room, (0.0, scene.seconds))


def _draw_source(each: Oversampling, scene: SceneDraw) -> Source:
    kinds = {kind: _select(each, "source", scene.library.of_kind(kind)) for kind in CONFUSERS}
    return _draw_confuser_of(each, kinds, scene)


DRAWERS: Mapping[str, Callable[[Oversampling, SceneDraw], Source | None]] = MappingProxyType(
    {
        "confuser": _draw_confuser,
        "manner": _draw_manner,
        "bed": _draw_background,
        "source": _draw_source,
        "infants": _draw_infant,
        "age": _draw_infant,
        "recorder": _draw_infant,
    }
)
"""Traits that can be oversampled.

Their values: a kind of confuser, a manner of soothing, the source of a background, of other sounds without distress, of
infants, and an infant's age and phone.
"""


def _draw_confuser_of(each: Oversampling, kinds: Mapping[str, Sequence[Clip]], scene: SceneDraw) -> Source:
    """Draw a confuser at a level as in the scenes: under a cry, or at any level without one."""
    view = scene.library.restrict_kinds(_require(each, kinds))
    infants = (source for source in scene.sources if isinstance(source, Infant))
    if any(infant.cries(scene.library) for infant in infants):
        dbfs = scene.room.cry_dbfs - scene.rng.uniform(3, 20)
    else:
        dbfs = scene.rng.uniform(-45, -8)
    return draw_confuser(view, scene.rng, scene.room, scene.seconds, dbfs)


def _select(each: Oversampling, trait: str, clips: Sequence[Clip]) -> Sequence[Clip]:
    return tuple(clip for clip in clips if clip_attributes(clip).get(trait) == each.value)


def _require(each: Oversampling, groups: Mapping[str, Sequence[Clip]]) -> dict[str, Sequence[Clip]]:
    """Return the groups that hold clips; DataError where there are none."""
    filled = {name: clips for name, clips in groups.items() if clips}
    if not filled:
        raise DataError(f"--emphasize {each}: this split has no such clips")
    return filled

"""More of one thing in the training scenes: augmentation aimed at a slice in which a model is weak.

An emphasis is mixed into a share of all scenes, over what they hold already, before the microphone. The truth goes with
it: a cry is added only to scenes without an infant, and an adult laid over a cry soothes it.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from training.data.attributes import clip_attributes
from training.data.manifest import Clip
from training.storage.names import share
from training.storage.paths import DataError
from training.synthesis import night_plan
from training.synthesis.clip_library import ClipLibrary
from training.synthesis.distributions import CONFUSERS, MANNERS
from training.synthesis.mixture import CRY, WHIMPER, Track
from training.synthesis.nights import RecordingLibrary
from training.synthesis.room_acoustics import Generator
from training.synthesis.sources import (
    QUIET_BEDS,
    Room,
    add_background,
    add_confuser,
    add_cry,
    add_parent,
    add_television,
)


@dataclass(frozen=True, slots=True)
class Oversampling:
    """What is mixed in, and into how many scenes."""

    trait: str
    value: str
    share: float
    """Of all scenes, 0 to 1."""

    def __str__(self) -> str:
        """As it is typed."""
        return f"{self.trait}={self.value}:{self.share:g}"


def parse_oversampling(text: str) -> Oversampling:
    """``TRAIT=VALUE:SHARE``, such as ``confuser=cat:0.3``."""
    what, _, part = text.rpartition(":")
    trait, _, value = what.partition("=")
    if trait not in MIXERS or not value:
        raise ValueError(
            f"must be TRAIT=VALUE:SHARE, such as confuser=cat:0.3, with a trait of {', '.join(MIXERS)}, not {text!r}"
        )
    known = {"confuser": (*CONFUSERS, night_plan.ADULT_NEAR, night_plan.TELEVISION), "manner": tuple(MANNERS)}.get(
        trait, (value,)
    )
    if value not in known:
        raise ValueError(f"no {trait} {value!r}: there is {', '.join(known)}")
    return Oversampling(trait, value, share(part))


def mix_in(scene: Track, library: ClipLibrary, rng: Generator, room: Room, emphases: Sequence[Oversampling]) -> None:
    """Each emphasis into its share of scenes; without any, no random number is drawn."""
    for each in emphases:
        if rng.random() < each.share:
            MIXERS[each.trait](each, scene, library, rng, room)


def _confuser(each: Oversampling, scene: Track, library: ClipLibrary, rng: Generator, room: Room) -> None:
    match each.value:
        case night_plan.ADULT_NEAR:
            add_parent(scene, library, rng, room, (0.0, scene.seconds))
        case night_plan.TELEVISION:
            add_television(scene, library, rng, room)
        case kind:
            _lay_confuser(each, {kind: library.by_kind[kind]}, scene, library, rng, room)


def _manner(each: Oversampling, scene: Track, library: ClipLibrary, rng: Generator, room: Room) -> None:
    add_parent(scene, library, rng, room, (0.0, scene.seconds), manner=each.value)


def _bed(each: Oversampling, scene: Track, library: ClipLibrary, rng: Generator, room: Room) -> None:
    fewer = RecordingLibrary(library)
    fewer.by_kind = _filled(each, {kind: _having(each, "source", library.without_speech(kind)) for kind in QUIET_BEDS})
    add_background(scene, fewer, rng, room)


def _infant(each: Oversampling, scene: Track, library: ClipLibrary, rng: Generator, room: Room) -> None:
    if scene.tracks[:, (CRY, WHIMPER)].any():
        return
    trait = "source" if each.trait == "infants" else each.trait
    fewer = RecordingLibrary(library)
    fewer.criers = _filled(each, {infant: _having(each, trait, clips) for infant, clips in library.criers.items()})
    add_cry(scene, fewer, rng, room, (0.0, scene.seconds))


def _source(each: Oversampling, scene: Track, library: ClipLibrary, rng: Generator, room: Room) -> None:
    kinds = {kind: _having(each, "source", library.by_kind[kind]) for kind in CONFUSERS}
    _lay_confuser(each, kinds, scene, library, rng, room)


MIXERS: Mapping[str, Callable[[Oversampling, Track, ClipLibrary, Generator, Room], None]] = MappingProxyType(
    {
        "confuser": _confuser,
        "manner": _manner,
        "bed": _bed,
        "source": _source,
        "infants": _infant,
        "age": _infant,
        "recorder": _infant,
    }
)
"""What can be emphasized. Values: a kind of confuser, a manner of soothing, the source of a room's own sound, of sounds
that are no infant's, of infants, and an infant's age and phone.
"""


def _lay_confuser(
    each: Oversampling, kinds: Mapping[str, list[Clip]], scene: Track, library: ClipLibrary, rng: Generator, room: Room
) -> None:
    """As loud as in the scenes' own stories: under a cry, else at any level."""
    fewer = RecordingLibrary(library)
    fewer.by_kind = _filled(each, kinds)
    cries = scene.tracks[:, CRY].any()
    add_confuser(scene, fewer, rng, room, room.cry_dbfs - rng.uniform(3, 20) if cries else rng.uniform(-45, -8))


def _having(each: Oversampling, trait: str, clips: Sequence[Clip]) -> list[Clip]:
    return [clip for clip in clips if clip_attributes(clip).get(trait) == each.value]


def _filled(each: Oversampling, groups: Mapping[str, list[Clip]]) -> defaultdict[str, list[Clip]]:
    """Those that hold clips; DataError where none does."""
    filled = defaultdict(list, {name: clips for name, clips in groups.items() if clips})
    if not filled:
        raise DataError(f"--emphasize {each}: this split has no such clips")
    return filled

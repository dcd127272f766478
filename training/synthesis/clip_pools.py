"""Clip pools: each clip of a split sorted by its use in scenes, under a guideline's thresholds."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from label_schema import Guideline
from training.data.audio_cache import AudioCache
from training.data.manifest import Clip
from training.data.tagger_scores import CLEAN_SPEECH, TaggerScores
from training.labels.weak_labels import DistressTracks, find_distress

Pool = Mapping[str, Sequence[Clip]]
"""Group or kind -> clips; a name without clips is absent."""

STEADY = 0.6
"""Least fraction of cry from the first cry to the last: such an infant is crying in any window."""

CLEARLY_CRY = 0.5
"""An infant clip whose highest distress score is not above this may train, but no evaluation uses its label."""

SURELY_NOT_CRY = 0.04
"""An infant clip whose highest distress score is below this is a phone's recording of a quiet room."""


@dataclass(frozen=True, slots=True)
class ClipPools:
    """The clips of one split by use."""

    by_kind: Pool
    """Kind -> clips without infant distress."""
    criers: Pool
    """Infant -> clips with at least the guideline's cry of crying, and without an adult."""
    steady_criers: Pool
    """Infant -> those of ``criers`` in which, from the first cry to the last, it cries most of the time."""
    fussers: Pool
    """Infant -> clips with the guideline's distress of fussing, but less cry than crying needs."""
    usable_infants: frozenset[str]
    """Files of infant clips whose weak label evaluations may use: no adult, no uncertain distress."""
    distress: Mapping[str, DistressTracks]
    """File -> frames of cry and whimper, of every infant clip and of every clip that a person labeled."""


@dataclass(slots=True)
class PoolBuilder:
    """Pools while clips are added to them."""

    by_kind: dict[str, list[Clip]]
    criers: dict[str, list[Clip]]
    steady_criers: dict[str, list[Clip]]
    fussers: dict[str, list[Clip]]
    usable_infants: set[str]
    distress: dict[str, DistressTracks]

    @classmethod
    def empty(cls) -> "PoolBuilder":
        """Return a builder without clips."""
        return cls(defaultdict(list), defaultdict(list), defaultdict(list), defaultdict(list), set(), {})

    @classmethod
    def copy_of(cls, pools: ClipPools) -> "PoolBuilder":
        """Return a builder that holds copies of the pools."""
        return cls(
            by_kind=_copy(pools.by_kind),
            criers=_copy(pools.criers),
            steady_criers=_copy(pools.steady_criers),
            fussers=_copy(pools.fussers),
            usable_infants=set(pools.usable_infants),
            distress=dict(pools.distress),
        )

    def add_crier(self, clip: Clip, distress: DistressTracks) -> None:
        """Add an infant's clip of crying; also to the steady criers if it cries most of the time."""
        self.criers[clip.group].append(clip)
        if distress.steadiness >= STEADY:
            self.steady_criers[clip.group].append(clip)

    def build(self) -> ClipPools:
        """Return the pools, read-only."""
        return ClipPools(
            by_kind=_freeze(self.by_kind),
            criers=_freeze(self.criers),
            steady_criers=_freeze(self.steady_criers),
            fussers=_freeze(self.fussers),
            usable_infants=frozenset(self.usable_infants),
            distress=MappingProxyType(dict(self.distress)),
        )


def sort_clips(clips: Sequence[Clip], audio: AudioCache, scores: TaggerScores, guideline: Guideline) -> ClipPools:
    """Sort clips: infants by weak label, other clips by kind."""
    pools = PoolBuilder.empty()
    for clip in clips:
        if clip.kind == "infant":
            pools.distress[clip.file] = find_distress(audio[clip], scores.clips[clip.file], guideline)
            _sort_infant(clip, pools, scores, guideline)
        else:
            cat = clip.source_label == "cat" or clip.source == "catmeows"
            pools.by_kind["cat" if cat else clip.kind].append(clip)
    return pools.build()


def _sort_infant(clip: Clip, pools: PoolBuilder, scores: TaggerScores, guideline: Guideline) -> None:
    distress, peak = pools.distress[clip.file], scores.clips[clip.file].cry.max(initial=0.0)
    cries = distress.cry_s >= guideline.thresholds["crying_min_cry_s"]
    fusses = distress.cry_s + distress.whimper_s >= guideline.thresholds["fussing_min_distress_s"]
    adult = clip.source == "donateacry" and scores.peak(clip.file, "Speech") > CLEAN_SPEECH
    if cries and not adult:
        if peak <= CLEARLY_CRY:
            pools.criers[clip.group].append(clip)
            return
        pools.add_crier(clip, distress)
    elif not cries and fusses and not adult:
        pools.fussers[clip.group].append(clip)
    elif peak < SURELY_NOT_CRY:
        pools.by_kind["phone_room"].append(clip)
    else:
        return
    pools.usable_infants.add(clip.file)


def _copy(pool: Pool) -> dict[str, list[Clip]]:
    return defaultdict(list, {name: list(clips) for name, clips in pool.items()})


def _freeze(pool: Mapping[str, Sequence[Clip]]) -> Pool:
    return MappingProxyType({name: tuple(clips) for name, clips in pool.items() if clips})

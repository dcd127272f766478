"""Selection and order of a batch's clips, as pure functions of their arguments."""

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from training.labels.label_studio.batches import LABEL, SOURCE
from training.labels.label_studio.segments import Segment
from training.labels.records import AUTHORITY, PIECE_OF, Label, kind_of


@dataclass(frozen=True, slots=True)
class Candidate:
    """One position in a labeler's order."""

    clip: str
    round: int = 1


def known_labels(labels: Iterable[Label]) -> dict[str, str]:
    """Return each clip's label of the latest version and highest rank, to balance a batch by label."""
    weakest_first = sorted(labels, key=lambda label: (label.guideline, -AUTHORITY.index(kind_of(label.labeller))))
    return {label.clip: label.label for label in weakest_first if label.label}


def stratified(
    segments: Sequence[Segment],
    known: Mapping[str, str],
    by: Sequence[str],
    size: int | None,
    rng: np.random.Generator,
) -> list[Segment]:
    """Choose ``size`` segments, balanced over the strata, and over the groups within a stratum.

    Segments of one stratum share the values of ``by``: ``source``, ``label`` or any attribute. None chooses all.
    """
    strata: dict[tuple[str, ...], list[Segment]] = defaultdict(list)
    for index in rng.permutation(len(segments)):
        segment = segments[index]
        strata[tuple(_value(segment, name, known) for name in by)].append(segment)
    turns = []
    for stratum, members in sorted(strata.items()):
        seen: Counter[str] = Counter()
        ranked = []
        for member in members:
            ranked.append((seen[member.clip.group], member))
            seen[member.clip.group] += 1
        ranked.sort(key=lambda pair: pair[0])
        turns += [(turn, stratum, member) for turn, (_, member) in enumerate(ranked)]
    turns.sort(key=lambda each: each[:2])
    return [member for _, _, member in turns[:size]]


def order(clips: Sequence[str], repeats: float, rng: np.random.Generator) -> list[Candidate]:
    """Return every clip once in random order, and a share of the first third again in the last third."""
    shuffled = [Candidate(clips[index]) for index in rng.permutation(len(clips))]
    third = len(clips) // 3
    count = min(math.ceil(repeats * len(clips)), third)
    again = [Candidate(shuffled[index].clip, 2) for index in rng.permutation(third)[:count]]
    early, late = shuffled[: len(clips) - third], [*shuffled[len(clips) - third :], *again]
    return early + [late[index] for index in rng.permutation(len(late))]


def seeded_rng(*words: object) -> np.random.Generator:
    """Return a random generator that is seeded by the words."""
    named = "/".join(map(str, words))
    return np.random.default_rng(int.from_bytes(hashlib.sha256(named.encode()).digest()[:8]))


def _value(segment: Segment, name: str, known: Mapping[str, str]) -> str:
    clip = segment.clip
    if name == SOURCE:
        return clip.source
    if name == LABEL:
        return known.get(clip.clip) or known.get(clip.attributes.get(PIECE_OF, ""), "")
    return clip.attributes.get(name, "")

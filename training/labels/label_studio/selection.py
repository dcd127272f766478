"""Which clips make a batch, and in which order each labeller hears them. Nothing here reads or writes anything."""

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
    """One place in a labeller's order."""

    clip: str
    round: int = 1


def known_labels(labels: Iterable[Label]) -> dict[str, str]:
    """What each clip was last taken to be, by whomever: good enough to see that a pilot has some of every kind."""
    weakest_first = sorted(labels, key=lambda label: (label.guideline, -AUTHORITY.index(kind_of(label.labeller))))
    return {label.clip: label.label for label in weakest_first if label.label}


def stratified(
    pieces: Sequence[Segment],
    known: Mapping[str, str],
    by: Sequence[str],
    size: int | None,
    chance: np.random.Generator,
) -> list[Segment]:
    """``size`` of the pieces, as many of each stratum as there are; within one, as many infants as there are.

    A stratum is what shares the values of ``by``: ``source``, ``label`` or any attribute.
    """
    strata: dict[tuple[str, ...], list[Segment]] = defaultdict(list)
    for index in chance.permutation(len(pieces)):
        piece = pieces[index]
        strata[tuple(_value(piece, name, known) for name in by)].append(piece)
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


def order(clips: Sequence[str], repeats: float, chance: np.random.Generator) -> list[Candidate]:
    """Every clip once, in random order, and a share of them again: heard in the first third, repeated in the last."""
    shuffled = [Candidate(clips[index]) for index in chance.permutation(len(clips))]
    third = len(clips) // 3
    count = min(math.ceil(repeats * len(clips)), third)
    again = [Candidate(shuffled[index].clip, 2) for index in chance.permutation(third)[:count]]
    early, late = shuffled[: len(clips) - third], [*shuffled[len(clips) - third :], *again]
    return early + [late[index] for index in chance.permutation(len(late))]


def chance_of(*words: object) -> np.random.Generator:
    """The same words, the same chance."""
    named = "/".join(map(str, words))
    return np.random.default_rng(int.from_bytes(hashlib.sha256(named.encode()).digest()[:8]))


def _value(piece: Segment, name: str, known: Mapping[str, str]) -> str:
    clip = piece.clip
    if name == SOURCE:
        return clip.source
    if name == LABEL:
        return known.get(clip.clip) or known.get(clip.attributes.get(PIECE_OF, ""), "")
    return clip.attributes.get(name, "")

"""The consensus: one label a clip, and the labels it was derived from.

Labelers are ranked, the highest first: adjudicator; gold labels; people; labels migrated from people's; programs that
stand in for people; rules; sources; taggers. A clip's votes are its labels of the highest rank that labeled it.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np

from training.labels.dawid_skene import dawid_skene
from training.labels.rating_matrix import latest_answers
from training.labels.records import (
    CARRIED,
    PIECE_AT,
    PIECE_OF,
    PROGRAM,
    Label,
    StoredClip,
    guideline_of,
    kind_of,
    origins,
)
from training.storage.atomic import write_table

UNDECIDED = ""
COLUMNS = (
    "clip",
    "label",
    "confidence",
    "by",
    "heard",
    "votes",
    "guideline",
    "digest",
    "source",
    "group",
    "duration_s",
    PIECE_OF,
    PIECE_AT,
)
HEARD_BY = ("adjudication", "gold", "person")
_RANKS = ("adjudication", "gold", "person", "carried over from people", "program", "rule", "source", "teacher")


class Method(StrEnum):
    """The method that derives a label from several votes."""

    MAJORITY = "majority"
    DAWID_SKENE = "dawid-skene"


@dataclass(frozen=True, slots=True)
class Consensus:
    """The consensus on one clip."""

    clip: str
    label: str | None
    """None if undecided: an adjudicator must label it."""
    confidence: float
    """The label's share of the votes, or its probability by Dawid and Skene's method."""
    by: str
    """The kind of labeler that decided, and the method for several votes: ``person, majority``."""
    heard: bool
    """Whether people listened: every vote is a person's, or migrated from a person's."""
    votes: Mapping[str, str]
    """Labeler -> latest label."""


def votes(labels: Sequence[Label]) -> dict[str, list[Label]]:
    """Return each clip's votes: the latest label of each labeler of the highest rank that labeled it."""
    last = {(label.clip, label.labeller): label for label in sorted(labels, key=lambda label: label.round)}
    by_clip: dict[str, list[Label]] = defaultdict(list)
    for label in last.values():
        if label.label is not None:
            by_clip[label.clip].append(label)
    found = {}
    for clip, given in sorted(by_clip.items()):
        ranks = [_RANKS.index(_rank(label)) for label in given]
        found[clip] = [label for label, each in zip(given, ranks, strict=True) if each == min(ranks)]
    return found


def reach_consensus(labels: Sequence[Label], version: int, method: Method, sure: float) -> list[Consensus]:
    """Return the consensus of every labeled clip; one is undecided at or below the confidence ``sure``.

    Dawid and Skene's method weights people by their estimated confusion; votes of other kinds use the majority.
    """
    voted = votes([label for label in labels if label.guideline == version])
    weighted = method is Method.DAWID_SKENE
    probabilities = _dawid_skene_shares([vote for each in voted.values() for vote in each], version) if weighted else {}
    found = []
    for clip, each in voted.items():
        kind = "program" if all(map(_by_programs, each)) else kind_of(each[0].labeller)
        shares = probabilities.get(clip) or _shares(each)
        label, confidence = max(shares.items(), key=lambda item: item[1])
        how = f"{kind}, {method if clip in probabilities else Method.MAJORITY}" if len(each) > 1 else kind
        given = {vote.labeller: vote.label or UNDECIDED for vote in each}
        heard = kind != "program" and all(_is_heard(vote) for vote in each)
        found.append(Consensus(clip, label if confidence > sure else None, confidence, how, heard, given))
    return found


def is_used_in_training(row: Mapping[str, str]) -> bool:
    """Return whether training uses a row of the table: people or programs gave its label."""
    return row["heard"] == "yes" or by_programs(row)


def by_programs(row: Mapping[str, str]) -> bool:
    """Return whether only programs gave the label of a row."""
    return row["by"].startswith("program")


def _rank(label: Label) -> str:
    if _by_programs(label):
        return "program"
    carried = label.labeller.startswith(CARRIED) and _is_heard(label)
    return "carried over from people" if carried else kind_of(label.labeller)


def _is_heard(label: Label) -> bool:
    return all(kind_of(labeller) in HEARD_BY for labeller in origins(label))


def _by_programs(label: Label) -> bool:
    return all(labeller.startswith(PROGRAM) for labeller in origins(label))


def write(path: Path, settled: Sequence[Consensus], clips: Mapping[str, StoredClip], version: int) -> None:
    """Write the consensus as a CSV table; undecided clips have no label."""
    guideline = guideline_of(version)

    def row(each: Consensus) -> tuple[object, ...]:
        clip = clips[each.clip]
        all_votes = "; ".join(f"{labeller}={label}" for labeller, label in sorted(each.votes.items()))
        heard = "yes" if each.heard else "no"
        decided = (each.clip, each.label or UNDECIDED, f"{each.confidence:.4f}", each.by, heard, all_votes)
        cut_from = clip.attributes.get(PIECE_OF, ""), clip.attributes.get(PIECE_AT, "")
        return *decided, version, guideline.digest, clip.source, clip.group, clip.duration_s, *cut_from

    write_table(path, COLUMNS, map(row, settled))


def _shares(each: Sequence[Label]) -> dict[str, float]:
    counts = Counter(label.label or UNDECIDED for label in each)
    return {label: count / len(each) for label, count in counts.items()}


def _dawid_skene_shares(labels: Sequence[Label], version: int) -> dict[str, dict[str, float]]:
    people = [label for label in labels if kind_of(label.labeller) == "person"]
    if not people:
        return {}
    answers = latest_answers(people, guideline_of(version).names)
    clip, labeller = np.nonzero(answers.values >= 0)
    given = answers.values[clip, labeller].astype(int)
    estimate = dawid_skene(clip, labeller, given, len(answers.classes), len(answers.labellers))
    return {
        name: dict(zip(answers.classes, map(float, row), strict=True))
        for name, row in zip(answers.clips, estimate.probabilities, strict=True)
    }

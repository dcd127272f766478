"""One label a clip, and where it came from.

The word of an adjudicator counts alone, then a gold label, then the votes of people, then labels that were carried over
from people's, then the votes of programs that stand in for people, then a rule's, and so on down ``AUTHORITY``: the
labels of the highest kind there is are a clip's votes.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np

from training.labels.dawid_skene import dawid_skene
from training.labels.rating_matrix import latest_answers
from training.labels.records import CARRIED, PIECE_AT, PIECE_OF, PROGRAM, Clip, Label, guideline_of, kind_of, origins
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
    """How votes become a label."""

    MAJORITY = "majority"
    DAWID_SKENE = "dawid-skene"


@dataclass(frozen=True, slots=True)
class Consensus:
    """What a clip is taken to be."""

    clip: str
    label: str | None
    """None: undecided, an adjudicator must hear it."""
    confidence: float
    """Of the label: share of votes, or Dawid and Skene's probability."""
    by: str
    """The kind of labeller that decided, and how several votes did: ``person, majority``."""
    heard: bool
    """Whether people listened: every vote is theirs, or carried over by rule from theirs."""
    votes: Mapping[str, str]
    """Labeller -> label, each one's last word."""


def votes(labels: Sequence[Label]) -> dict[str, list[Label]]:
    """Clip -> the last word of each labeller of the highest kind that gave one."""
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
    """The consensus of every labeled clip under this guideline version; below or at ``sure`` it is undecided.

    Dawid and Skene weigh people by their habits; where others decide, the majority does.
    """
    given = [label for label in labels if label.guideline == version]
    voted = votes(given)
    weighed = method is Method.DAWID_SKENE
    probabilities = _weighed([vote for each in voted.values() for vote in each], version) if weighed else {}
    found = []
    for clip, each in voted.items():
        kind = "program" if all(map(_by_programs, each)) else kind_of(each[0].labeller)
        shares = probabilities.get(clip) or _shares(each)
        label, confidence = max(shares.items(), key=lambda item: item[1])
        how = f"{kind}, {method if clip in probabilities else Method.MAJORITY}" if len(each) > 1 else kind
        said = {vote.labeller: vote.label or UNDECIDED for vote in each}
        heard = kind != "program" and all(_heard(vote) for vote in each)
        found.append(Consensus(clip, label if confidence > sure else None, confidence, how, heard, said))
    return found


def teaches(row: Mapping[str, str]) -> bool:
    """Whether training follows a row of the table: people listened, or programs labeled in their stead."""
    return row["heard"] == "yes" or by_programs(row)


def by_programs(row: Mapping[str, str]) -> bool:
    """Whether a row of the table is programs' word only."""
    return row["by"].startswith("program")


def _rank(label: Label) -> str:
    if _by_programs(label):
        return "program"
    carried = label.labeller.startswith(CARRIED) and _heard(label)
    return "carried over from people" if carried else kind_of(label.labeller)


def _heard(label: Label) -> bool:
    return all(kind_of(labeller) in HEARD_BY for labeller in origins(label))


def _by_programs(label: Label) -> bool:
    return all(labeller.startswith(PROGRAM) for labeller in origins(label))


def write(path: Path, settled: Sequence[Consensus], clips: Mapping[str, Clip], version: int) -> None:
    """A table that training reads and people can check; undecided clips have no label."""
    guideline = guideline_of(version)

    def row(each: Consensus) -> tuple[object, ...]:
        clip = clips[each.clip]
        said = "; ".join(f"{labeller}={label}" for labeller, label in sorted(each.votes.items()))
        heard = "yes" if each.heard else "no"
        decided = (each.clip, each.label or UNDECIDED, f"{each.confidence:.4f}", each.by, heard, said)
        cut_from = clip.attributes.get(PIECE_OF, ""), clip.attributes.get(PIECE_AT, "")
        return *decided, version, guideline.digest, clip.source, clip.group, clip.duration_s, *cut_from

    write_table(path, COLUMNS, map(row, settled))


def _shares(each: Sequence[Label]) -> dict[str, float]:
    counted = Counter(label.label or UNDECIDED for label in each)
    return {label: count / len(each) for label, count in counted.items()}


def _weighed(labels: Sequence[Label], version: int) -> dict[str, dict[str, float]]:
    people = [label for label in labels if kind_of(label.labeller) == "person"]
    if not people:
        return {}
    answers = latest_answers(people, guideline_of(version).names)
    clip, labeller = np.nonzero(answers.values >= 0)
    said = answers.values[clip, labeller].astype(int)
    habits = dawid_skene(clip, labeller, said, len(answers.classes), len(answers.labellers))
    return {
        name: dict(zip(answers.classes, map(float, row), strict=True))
        for name, row in zip(answers.clips, habits.probabilities, strict=True)
    }

"""The clips people disagree on, grouped by what they cannot tell apart: a group is where the guideline is weak."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from label_schema import Guideline
from training.labels.rating_matrix import MISSING, first_answers, is_person
from training.labels.records import Clip, Label, kind_of


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One clip that got several labels."""

    clip: Clip
    said: Mapping[str, Sequence[str]]
    """Label -> who gave it, labels in schema order."""
    settled: str
    """What an adjudicator or a gold label says it is; empty where none does."""


@dataclass(frozen=True, slots=True)
class Group:
    """The disagreements between the same labels."""

    labels: tuple[str, ...]
    """In schema order."""
    members: Sequence[Disagreement]

    @property
    def name(self) -> str:
        """Such as ``crying or fussing``."""
        return " or ".join(self.labels)


def disagreements(labels: Sequence[Label], clips: Mapping[str, Clip], guideline: Guideline) -> list[Group]:
    """Every clip whose first answers differ; the largest group first."""
    given = [label for label in labels if label.guideline == guideline.version]
    answers = first_answers(filter(is_person, given), guideline.names)
    order = {"gold": 0, "adjudication": 1}
    higher = sorted(
        (each for each in given if kind_of(each.labeller) in order), key=lambda x: order[kind_of(x.labeller)]
    )
    settled = {label.clip: f"{label.label} ({label.labeller})" for label in higher if label.label}
    groups: dict[tuple[str, ...], list[Disagreement]] = defaultdict(list)
    for clip, row in zip(answers.clips, answers.values, strict=True):
        who = {
            name: [labeller for labeller, value in zip(answers.labellers, row, strict=True) if value == index]
            for index, name in enumerate(answers.classes)
            if index in row[row != MISSING]
        }
        if len(who) > 1:
            groups[tuple(who)].append(Disagreement(clips[clip], who, settled.get(clip, "")))
    found = [Group(names, sorted(members, key=_place)) for names, members in groups.items()]
    return sorted(found, key=lambda group: (-len(group.members), group.labels))


def _place(each: Disagreement) -> tuple[str, str, str]:
    """What sounds alike stands together."""
    return each.clip.source, each.clip.group, each.clip.clip

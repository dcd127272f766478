"""Clips with different labels, grouped by these labels: the largest group shows the guideline's weakest point."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from label_schema import Guideline
from training.labels.rating_matrix import MISSING, first_answers, is_person
from training.labels.records import Label, StoredClip, kind_of


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One clip with several labels."""

    clip: StoredClip
    labels: Mapping[str, Sequence[str]]
    """Label -> its labelers; labels in schema order."""
    settled: str
    """The label of an adjudicator or a gold label with its labeler; empty without one."""


@dataclass(frozen=True, slots=True)
class DisagreementGroup:
    """The disagreements between the same labels."""

    labels: tuple[str, ...]
    """In schema order."""
    members: Sequence[Disagreement]

    @property
    def name(self) -> str:
        """The labels as text, such as ``crying or fussing``."""
        return " or ".join(self.labels)


def disagreements(
    labels: Sequence[Label], clips: Mapping[str, StoredClip], guideline: Guideline
) -> list[DisagreementGroup]:
    """Return every clip whose first answers differ, in groups, the largest first."""
    given = [label for label in labels if label.guideline == guideline.version]
    answers = first_answers(filter(is_person, given), guideline.names)
    order = {"gold": 0, "adjudication": 1}
    higher = sorted(
        (each for each in given if kind_of(each.labeller) in order), key=lambda x: order[kind_of(x.labeller)]
    )
    settled = {label.clip: f"{label.label} ({label.labeller})" for label in higher if label.label}
    groups: dict[tuple[str, ...], list[Disagreement]] = defaultdict(list)
    for clip, row in zip(answers.clips, answers.values, strict=True):
        labellers_by_label = {
            name: [labeller for labeller, value in zip(answers.labellers, row, strict=True) if value == index]
            for index, name in enumerate(answers.classes)
            if index in row[row != MISSING]
        }
        if len(labellers_by_label) > 1:
            groups[tuple(labellers_by_label)].append(
                Disagreement(clips[clip], labellers_by_label, settled.get(clip, ""))
            )
    found = [DisagreementGroup(names, sorted(members, key=_listening_order)) for names, members in groups.items()]
    return sorted(found, key=lambda group: (-len(group.members), group.labels))


def _listening_order(each: Disagreement) -> tuple[str, str, str]:
    """Return a key that sorts clips of one source and group together, because they sound similar."""
    return each.clip.source, each.clip.group, each.clip.clip

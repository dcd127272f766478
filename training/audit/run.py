"""One audit from beginning to end."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from training.audit import duplicates, label_issues, outliers
from training.audit.descriptors import Described, describe_recordings
from training.audit.findings import Finding, FindingKind, ranked
from training.audit.inputs import Recording
from training.audit.label_issues import FEWEST, FOLDS, PlantedNoiseCheck
from training.labels.records import LabelError


@dataclass(frozen=True, slots=True)
class LabelFigures:
    """How the labels fare as a whole."""

    labels: int
    suspected: int
    planted: PlantedNoiseCheck


@dataclass(frozen=True, slots=True)
class Audit:
    """What was found in which recordings."""

    recordings: Sequence[Recording]
    heard: Sequence[Described]
    findings: Sequence[Finding]
    labels: LabelFigures | None
    """None: too few labels of too few kinds to learn from."""

    def of(self, kind: FindingKind) -> list[Finding]:
        """The findings of one kind, most suspicious first."""
        return [finding for finding in self.findings if finding.kind is kind]


def audit(recordings: Sequence[Recording], names: Sequence[str], label_s: float, jobs: int) -> Audit:
    """Hear all recordings and say what is wrong; ``names`` are the guideline's labels, about ``label_s`` seconds."""
    if not recordings:
        raise LabelError("nothing to audit: there are no clips")
    heard = describe_recordings([recording.path for recording in recordings], label_s, jobs)
    twins = duplicates.find_duplicates(recordings, heard, jobs)
    wrong, figures = _labels(recordings, heard, duplicates.merge_groups(recordings, twins), names, jobs)
    found = [
        *duplicates.as_findings(twins, recordings),
        *wrong,
        *outliers.damaged(heard),
        *outliers.outliers(recordings, heard),
    ]
    return Audit(recordings, heard, ranked(found), figures)


def _labels(
    recordings: Sequence[Recording], heard: Sequence[Described], groups: Sequence[str], names: Sequence[str], jobs: int
) -> tuple[list[Finding], LabelFigures | None]:
    chosen = list(_learnable(recordings, groups, names))
    if not chosen:
        return [], None
    described = np.array([heard[index].described for index in chosen])
    labels = np.array([names.index(recordings[index].label or "") for index in chosen])
    mine = [groups[index] for index in chosen]
    probabilities = label_issues.out_of_fold_probabilities(described, labels, mine, len(names), jobs)
    planted = label_issues.check_with_planted_noise(described, labels, mine, len(names), jobs)
    found = []
    for each in label_issues.label_issues(probabilities, labels):
        said, sounds = (probabilities[each.index, label] for label in (labels[each.index], each.likely))
        likely = names[each.likely]
        why = f"sounds like {likely} ({sounds:.0%}), not like {names[labels[each.index]]} ({said:.0%})"
        found.append(Finding(FindingKind.LABEL, each.margin, chosen[each.index], why, likely=likely))
    return found, LabelFigures(len(chosen), len(found), planted)


def _learnable(recordings: Sequence[Recording], groups: Sequence[str], names: Sequence[str]) -> Iterator[int]:
    """Recordings whose label has enough clips of enough groups, if at least two labels have."""
    members = {name: [at for at, each in enumerate(recordings) if each.label == name] for name in names}
    enough = {
        name: mine
        for name, mine in members.items()
        if len(mine) >= FEWEST and len({groups[at] for at in mine}) >= FOLDS
    }
    if len(enough) >= 2:
        yield from sorted(at for mine in enough.values() for at in mine)

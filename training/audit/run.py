"""The run of an audit, from recordings to ranked findings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from training.audit import duplicates, label_issues, outliers
from training.audit.descriptors import Descriptor, describe_recordings
from training.audit.findings import Finding, FindingKind, rank
from training.audit.inputs import Recording
from training.audit.label_issues import FEWEST, FOLDS, PlantedNoiseCheck
from training.labels.records import LabelError


@dataclass(frozen=True, slots=True)
class LabelFigures:
    """Counts of audited and suspected labels."""

    labels: int
    suspected: int
    planted: PlantedNoiseCheck


@dataclass(frozen=True, slots=True)
class Audit:
    """The result of an audit."""

    recordings: Sequence[Recording]
    descriptors: Sequence[Descriptor]
    findings: Sequence[Finding]
    labels: LabelFigures | None
    """None if there are too few labels of too few kinds."""

    def of(self, kind: FindingKind) -> list[Finding]:
        """Return the findings of one kind, most suspicious first."""
        return [finding for finding in self.findings if finding.kind is kind]


def audit(recordings: Sequence[Recording], names: Sequence[str], label_s: float, jobs: int) -> Audit:
    """Audit the recordings; LabelError if there are none.

    ``names`` are the guideline's labels, each about the first ``label_s`` seconds of a recording.
    """
    if not recordings:
        raise LabelError("there are no clips to audit: import some, or choose others with --of")
    described = describe_recordings([recording.path for recording in recordings], label_s, jobs)
    pairs = duplicates.find_duplicates(recordings, described, jobs)
    wrong, figures = _labels(recordings, described, duplicates.merge_groups(recordings, pairs), names, jobs)
    found = [
        *duplicates.as_findings(pairs, recordings),
        *wrong,
        *outliers.damaged(described),
        *outliers.outliers(recordings, described),
    ]
    return Audit(recordings, described, rank(found), figures)


def _labels(
    recordings: Sequence[Recording],
    descriptors: Sequence[Descriptor],
    groups: Sequence[str],
    names: Sequence[str],
    jobs: int,
) -> tuple[list[Finding], LabelFigures | None]:
    chosen = list(_choose_recordings(recordings, groups, names))
    if not chosen:
        return [], None
    vectors = np.array([descriptors[index].vector for index in chosen])
    labels = np.array([names.index(recordings[index].label or "") for index in chosen])
    mine = [groups[index] for index in chosen]
    probabilities = label_issues.out_of_fold_probabilities(vectors, labels, mine, len(names), jobs)
    planted = label_issues.check_with_planted_noise(vectors, labels, mine, len(names), jobs)
    found = []
    for each in label_issues.label_issues(probabilities, labels):
        given, suggested = (probabilities[each.index, label] for label in (labels[each.index], each.likely))
        likely = names[each.likely]
        why = f"sounds like {likely} ({suggested:.0%}), not like {names[labels[each.index]]} ({given:.0%})"
        found.append(Finding(FindingKind.LABEL, each.margin, chosen[each.index], why, likely=likely))
    return found, LabelFigures(len(chosen), len(found), planted)


def _choose_recordings(recordings: Sequence[Recording], groups: Sequence[str], names: Sequence[str]) -> Iterator[int]:
    """Yield recordings whose label has enough clips of enough groups, if at least two labels have enough."""
    members = {name: [at for at, each in enumerate(recordings) if each.label == name] for name in names}
    enough = {
        name: mine
        for name, mine in members.items()
        if len(mine) >= FEWEST and len({groups[at] for at in mine}) >= FOLDS
    }
    if len(enough) >= 2:
        yield from sorted(at for mine in enough.values() for at in mine)

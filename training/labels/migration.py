"""Migration to a new guideline version: labels that carry over by rule, and clips to relabel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import label_schema
from training.labels.consensus import votes
from training.labels.label_studio.segments import planned_segments
from training.labels.rating_matrix import is_person
from training.labels.records import CARRIED, PIECE_OF, Label, LabelError, StoredClip, guideline_of, kind_of, origins
from training.storage.atomic import write_table

COLUMNS = ("clip", "guideline", "was", "why", "source", "group", "duration_s")


@dataclass(frozen=True, slots=True)
class QueuedClip:
    """A clip to relabel."""

    clip: str
    was: str
    """The clip's labels under the old version."""
    why: str


@dataclass(frozen=True, slots=True)
class MigrationPlan:
    """The migration from one version to another."""

    old: int
    new: int
    carried: Sequence[Label]
    """Rows of the new version that the rules give."""
    queue: Sequence[QueuedClip]
    audio_s: float
    """Total length of the queue's clips, seconds."""
    label_s: float | None
    """Median time to label a clip under the old version, seconds; None if not measured."""

    def as_text(self) -> str:
        """Return the number of labels that carry over and the cost of relabeling, a line each."""
        cost = f"{len(self.queue)} clips must be relabeled: {self.audio_s / 3600:.2f} h of audio"
        if self.label_s:
            label_h = self.label_s * len(self.queue) / 3600
            cost += f", about {label_h:.2f} h a labeler at {self.label_s:.1f} s a clip"
        return f"{len(self.carried)} clips carry over by rule\n{cost}"


def plan_migration(labels: Sequence[Label], clips: Mapping[str, StoredClip], old: int, new: int) -> MigrationPlan:
    """Plan the migration of each clip that is labeled under ``old`` and not yet under ``new``.

    A label carries over if every vote on its clip carries over to the same label. So a clip with a disagreement is
    relabeled even if most of its votes carry over. A long clip is not relabeled if all its segments are labeled.
    Raises LabelError if ``old`` is not the older version.
    """
    if old >= new:
        raise LabelError(f"--from must be an older version than --to, but they are {old} and {new}")
    guideline_of(old)
    guideline = guideline_of(new)
    rule = f"{CARRIED}-{old}-{new}"
    done = {label.clip for label in labels if label.guideline == new and label.label and _is_final(label, rule)}
    before = [label for label in labels if label.guideline == old and label.clip not in done]
    voted = votes(before)
    in_segments = _labeled_in_segments(clips, done | {label.clip for label in before}, guideline.clip_seconds)
    now = datetime.now(UTC)
    carried, queue = [], []
    for clip in sorted({label.clip for label in before}):
        carried_to = {vote.label: _carry(vote.label, old, new) for vote in voted.get(clip, []) if vote.label}
        becomes = set(carried_to.values())
        if len(becomes) == 1 and None not in becomes:
            note = "; ".join(f"{labeller}={vote.label}" for vote in voted[clip] for labeller in origins(vote))
            carried.append(Label(clip, rule, becomes.pop(), new, guideline.digest, now, note=note))
        elif clip not in in_segments:
            queue.append(
                QueuedClip(clip, "; ".join(sorted(map(str, carried_to))) or "skipped", _reason(carried_to, old))
            )
    times = [label.seconds for label in labels if is_person(label) and label.guideline == old and label.seconds]
    audio_s = sum(clips[each.clip].duration_s for each in queue)
    return MigrationPlan(old, new, carried, queue, audio_s, median(times) if times else None)


def write_queue(path: Path, plan: MigrationPlan, clips: Mapping[str, StoredClip]) -> None:
    """Write the clips to relabel as a CSV table."""

    def row(each: QueuedClip) -> tuple[object, ...]:
        clip = clips[each.clip]
        return each.clip, plan.new, each.was, each.why, clip.source, clip.group, clip.duration_s

    write_table(path, COLUMNS, map(row, plan.queue))


def _is_final(label: Label, rule: str) -> bool:
    """Return whether a label of the new version makes relabeling unnecessary; a weak one does not."""
    return label.labeller == rule or kind_of(label.labeller) in ("adjudication", "gold", "person")


def _labeled_in_segments(clips: Mapping[str, StoredClip], labeled: set[str], clip_s: float) -> set[str]:
    """Return the long clips whose segments are all cut and labeled."""
    possible = planned_segments(clips, clip_s)
    parents = {parent for clip in clips.values() if (parent := clip.attributes.get(PIECE_OF))}
    left = {piece.clip.clip for piece in possible if piece.at_s is not None}
    left |= {piece.clip.attributes.get(PIECE_OF, "") for piece in possible if piece.clip.clip not in labeled}
    return parents - left


def _carry(label: str, old: int, new: int) -> str | None:
    try:
        return label_schema.carry_over(label, old, new)
    except label_schema.GuidelineError as error:
        raise LabelError(str(error)) from error


def _reason(carried_to: Mapping[str, str | None], old: int) -> str:
    if not carried_to:
        return f"skipped under version {old}"
    again = sorted(label for label, becomes in carried_to.items() if becomes is None)
    if again:
        return f"{' and '.join(again)} of version {old} must be relabeled"
    return f"labelers disagreed under version {old}"

"""What a new guideline version costs: labels that carry over by rule, and the clips that must be heard again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import label_schema
from training.labels.consensus import votes
from training.labels.label_studio.segments import planned_segments
from training.labels.rating_matrix import is_person
from training.labels.records import CARRIED, PIECE_OF, Clip, Label, LabelError, guideline_of, kind_of, origins
from training.storage.atomic import write_table

COLUMNS = ("clip", "guideline", "was", "why", "source", "group", "duration_s")


@dataclass(frozen=True, slots=True)
class QueuedClip:
    """A clip in the queue."""

    clip: str
    was: str
    """Its labels under the old version."""
    why: str


@dataclass(frozen=True, slots=True)
class MigrationPlan:
    """The way from one version to another."""

    old: int
    new: int
    carried: Sequence[Label]
    """Rows of the new version, by rule."""
    queue: Sequence[QueuedClip]
    audio_s: float
    """Of the queue."""
    label_s: float | None
    """A labeller's median time for a clip under the old version; None where nobody measured."""


def plan_migration(labels: Sequence[Label], clips: Mapping[str, Clip], old: int, new: int) -> MigrationPlan:
    """What becomes of each clip labeled under ``old`` and by nobody yet under ``new``.

    A clip's label carries over where every vote on it does, to one and the same label: a clip that people disagreed on
    is heard again even if most of its votes would carry. A long one is not if all its pieces were labeled: they are.
    """
    if old >= new:
        raise LabelError(f"--from must be an older version than --to, not {old} and {new}")
    guideline_of(old)
    guideline = guideline_of(new)
    rule = f"{CARRIED}-{old}-{new}"
    done = {label.clip for label in labels if label.guideline == new and label.label and _stands(label, rule)}
    before = [label for label in labels if label.guideline == old and label.clip not in done]
    voted = votes(before)
    in_pieces = _heard_in_pieces(clips, done | {label.clip for label in before}, guideline.clip_seconds)
    now = datetime.now(UTC)
    carried, queue = [], []
    for clip in sorted({label.clip for label in before}):
        said = {vote.label: _carry(vote.label, old, new) for vote in voted.get(clip, []) if vote.label}
        becomes = set(said.values())
        if len(becomes) == 1 and None not in becomes:
            note = "; ".join(f"{labeller}={vote.label}" for vote in voted[clip] for labeller in origins(vote))
            carried.append(Label(clip, rule, becomes.pop(), new, guideline.digest, now, note=note))
        elif clip not in in_pieces:
            queue.append(QueuedClip(clip, "; ".join(sorted(map(str, said))) or "skipped", _why(said, old)))
    times = [label.seconds for label in labels if is_person(label) and label.guideline == old and label.seconds]
    audio_s = sum(clips[each.clip].duration_s for each in queue)
    return MigrationPlan(old, new, carried, queue, audio_s, median(times) if times else None)


def write_queue(path: Path, relabeling: MigrationPlan, clips: Mapping[str, Clip]) -> None:
    """The clips to hear again, as a table."""

    def row(each: QueuedClip) -> tuple[object, ...]:
        clip = clips[each.clip]
        return each.clip, relabeling.new, each.was, each.why, clip.source, clip.group, clip.duration_s

    write_table(path, COLUMNS, map(row, relabeling.queue))


def _stands(label: Label, rule: str) -> bool:
    """Whether a label of the new version makes hearing the clip again needless: a weak one does not."""
    return label.labeller == rule or kind_of(label.labeller) in ("adjudication", "gold", "person")


def _heard_in_pieces(clips: Mapping[str, Clip], labeled: set[str], clip_s: float) -> set[str]:
    """Long clips of which every piece was labeled, and nothing is left to cut."""
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


def _why(said: Mapping[str, str | None], old: int) -> str:
    if not said:
        return f"skipped under version {old}"
    again = sorted(label for label, becomes in said.items() if becomes is None)
    if again:
        return f"{' and '.join(again)} of version {old} must be heard again"
    return f"labellers disagreed under version {old}"

"""The choice of a batch's clips from the store: its queue, and gold clips to hide among them."""

import math
from collections.abc import Mapping, Sequence

from label_schema import Guideline
from training.labels.label_studio.batches import BatchSettings, Plan
from training.labels.label_studio.segments import Segment, planned_segments
from training.labels.label_studio.selection import known_labels, seeded_rng, stratified
from training.labels.records import CARRIED, PIECE_OF, Label, LabelError, StoredClip, kind_of


def wanted_clips(clips: Mapping[str, StoredClip], queue: Sequence[str] | None) -> dict[str, StoredClip]:
    """Return the clips of a queue and their segments; LabelError if one is not in the store."""
    names = set(clips) if queue is None else set(queue)
    unknown = sorted(names - clips.keys())
    if unknown:
        raise LabelError(
            f"clip {unknown[0][:12]} of the queue is not in this store ({len(unknown)} such clips): import it first"
        )
    return {name: clip for name, clip in clips.items() if not names.isdisjoint((name, clip.attributes.get(PIECE_OF)))}


def labeled_clips(labels: Sequence[Label], plans: Sequence[Plan], version: int) -> dict[str, set[str]]:
    """Return labeler -> clips that are labeled or planned under this version."""
    clips: dict[str, set[str]] = {}
    for label in labels:
        if label.guideline == version:
            clips.setdefault(label.labeller, set()).add(label.clip)
    for plan in plans:
        clips.setdefault(plan.labeller, set()).update(task.clip for task in plan.tasks)
    return clips


def choose(
    clips: Mapping[str, StoredClip],
    labels: Sequence[Label],
    labeled: Mapping[str, set[str]],
    guideline: Guideline,
    settings: BatchSettings,
) -> list[Segment]:
    """Choose the clips that all labelers of the batch label; LabelError if they have labeled all of them."""
    done = set.intersection(*(labeled.get(labeller, set()) for labeller in settings.labellers))
    done |= _gold_labels(labels, guideline.version).keys()
    if settings.queue is None:
        done |= _carried(labels, guideline.version)
    possible = planned_segments(wanted_clips(clips, settings.queue), guideline.clip_seconds)
    todo = [segment for segment in possible if segment.at_s is not None or segment.clip.clip not in done]
    if not todo:
        raise LabelError(f"these labelers have labeled every clip under guideline version {guideline.version}")
    rng = seeded_rng(settings.seed, guideline.version, settings.batch)
    return stratified(todo, known_labels(labels), settings.by, settings.size, rng)


def hidden_gold(
    clips: Mapping[str, StoredClip],
    labels: Sequence[Label],
    shared: Sequence[str],
    guideline: Guideline,
    settings: BatchSettings,
) -> dict[str, str]:
    """Choose gold clips to hide in the batch; returns clip -> labeler of the gold label."""
    known = _gold_labels(labels, guideline.version)
    whole = {each.clip.clip for each in planned_segments(clips, guideline.clip_seconds) if each.at_s is None}
    usable = sorted(known.keys() & whole - set(shared))
    rng = seeded_rng(settings.seed, guideline.version, settings.batch, "gold")
    count = math.ceil(settings.gold * len(shared))
    return {usable[index]: known[usable[index]] for index in rng.permutation(len(usable))[:count]}


def _carried(labels: Sequence[Label], version: int) -> set[str]:
    """Return the clips with a label that was migrated by rule, which need no new label."""
    return {label.clip for label in labels if label.guideline == version and label.labeller.startswith(CARRIED)}


def _gold_labels(labels: Sequence[Label], version: int) -> dict[str, str]:
    """Return clip -> labeler of its gold label."""
    return {
        label.clip: label.labeller
        for label in labels
        if label.guideline == version and label.label and kind_of(label.labeller) == "gold"
    }

"""Which clips of the store may be heard in a batch: those of its queue, and gold ones to hide among them."""

import math
from collections.abc import Mapping, Sequence

from label_schema import Guideline
from training.labels.label_studio.batches import BatchSettings, Plan
from training.labels.label_studio.segments import Segment, planned_segments
from training.labels.label_studio.selection import chance_of, known_labels, stratified
from training.labels.records import CARRIED, PIECE_OF, Clip, Label, LabelError, kind_of


def wanted_clips(clips: Mapping[str, Clip], queue: Sequence[str] | None) -> dict[str, Clip]:
    """The clips of a queue and what was cut from them; LabelError where one is not in the store."""
    names = set(clips) if queue is None else set(queue)
    unknown = sorted(names - clips.keys())
    if unknown:
        raise LabelError(f"clip {unknown[0][:12]} of the queue is not in this store ({len(unknown)} such clips)")
    return {name: clip for name, clip in clips.items() if not names.isdisjoint((name, clip.attributes.get(PIECE_OF)))}


def labeled_clips(labels: Sequence[Label], plans: Sequence[Plan], version: int) -> dict[str, set[str]]:
    """Labeller -> clips heard, or about to be, under this version."""
    heard: dict[str, set[str]] = {}
    for label in labels:
        if label.guideline == version:
            heard.setdefault(label.labeller, set()).add(label.clip)
    for plan in plans:
        heard.setdefault(plan.labeller, set()).update(task.clip for task in plan.tasks)
    return heard


def choose(
    clips: Mapping[str, Clip],
    labels: Sequence[Label],
    heard: Mapping[str, set[str]],
    guideline: Guideline,
    settings: BatchSettings,
) -> list[Segment]:
    """What everybody in the batch hears; LabelError where all of them have heard all of it."""
    done = set.intersection(*(heard.get(labeller, set()) for labeller in settings.labellers))
    done |= _gold_labels(labels, guideline.version).keys()
    if settings.queue is None:
        done |= _carried(labels, guideline.version)
    possible = planned_segments(wanted_clips(clips, settings.queue), guideline.clip_seconds)
    todo = [piece for piece in possible if piece.at_s is not None or piece.clip.clip not in done]
    if not todo:
        raise LabelError(f"nothing left to hear under guideline version {guideline.version} for these labellers")
    chance = chance_of(settings.seed, guideline.version, settings.batch)
    return stratified(todo, known_labels(labels), settings.by, settings.size, chance)


def hidden_gold(
    clips: Mapping[str, Clip],
    labels: Sequence[Label],
    shared: Sequence[str],
    guideline: Guideline,
    settings: BatchSettings,
) -> dict[str, str]:
    """Gold clips to hide in the batch, and who gave their labels."""
    known = _gold_labels(labels, guideline.version)
    whole = {piece.clip.clip for piece in planned_segments(clips, guideline.clip_seconds) if piece.at_s is None}
    usable = sorted(known.keys() & whole - set(shared))
    chance = chance_of(settings.seed, guideline.version, settings.batch, "gold")
    count = math.ceil(settings.gold * len(shared))
    return {usable[index]: known[usable[index]] for index in chance.permutation(len(usable))[:count]}


def _carried(labels: Sequence[Label], version: int) -> set[str]:
    """Clips whose label the migration rules brought over from an older version: nobody needs to hear them again."""
    return {label.clip for label in labels if label.guideline == version and label.labeller.startswith(CARRIED)}


def _gold_labels(labels: Sequence[Label], version: int) -> dict[str, str]:
    """Clip -> who gave the gold label."""
    return {
        label.clip: label.labeller
        for label in labels
        if label.guideline == version and label.label and kind_of(label.labeller) == "gold"
    }

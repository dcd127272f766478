"""Planning of a batch: each labeler's tasks, planned once and stored before they are sent."""

import csv
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

from label_schema import Guideline
from training.labels.agreement import measure_agreement
from training.labels.import_row import unreadable
from training.labels.label_studio.batches import PILOT, BatchSettings, Plan, Task, read_plans, write_plan
from training.labels.label_studio.candidates import choose, hidden_gold, labeled_clips, wanted_clips
from training.labels.label_studio.segments import cut_segments
from training.labels.label_studio.selection import order, seeded_rng
from training.labels.records import Label, LabelError, StoredClip, check_labeller, kind_of
from training.labels.report import verdict
from training.labels.store import LabelStore


def plan_batch(store: LabelStore, guideline: Guideline, settings: BatchSettings) -> list[Plan]:
    """Return the labelers' plans, existing ones unchanged; LabelError if a labeler has no clip left to label."""
    for labeller in settings.labellers:
        check_labeller(labeller)
    with store.writing():  # a second push waits, and then reads these plans
        plans = [plan for plan in read_plans(store.folder) if plan.guideline == guideline.version]
        of_batch = {plan.labeller: plan for plan in plans if plan.batch == settings.batch}
        for plan in of_batch.values():
            check_wording(plan, guideline)
        clips = store.clips()
        shared = _shared(of_batch, clips, settings.queue)
        missing = [labeller for labeller in settings.labellers if labeller not in of_batch]
        if missing:
            labels = store.labels()
            _check_ready(labels, clips, guideline, settings)
            labeled = labeled_clips(labels, plans, guideline.version)
            if not shared:
                chosen = choose(clips, labels, labeled, guideline, settings)
                shared = [cut_segments(store, segment, guideline.clip_seconds).clip for segment in chosen]
            gold = hidden_gold(store.clips(), labels, shared, guideline, settings)
            for labeller in missing:
                of_batch[labeller] = _plan(labeller, shared, gold, labeled.get(labeller, set()), guideline, settings)
                write_plan(store.folder, of_batch[labeller])
    return [of_batch[labeller] for labeller in settings.labellers]


def check_wording(plan: Plan, guideline: Guideline) -> None:
    """Raise LabelError if the published guideline was edited after the batch was planned."""
    if plan.digest != guideline.digest:
        raise LabelError(
            f"batch {plan.batch} was planned under another text of guideline version {plan.guideline} (digest"
            f" {plan.digest[:12]}, here {guideline.digest[:12]}): restore the published text"
        )


def read_queue(table: Path) -> list[str]:
    """Return the clips of a table with a column ``clip``; if it has a column ``label``, those without a label."""
    try:
        with table.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise unreadable(table, error) from error
    clips = [row["clip"] for row in rows if row.get("clip") and not row.get("label")]
    if not clips:
        raise LabelError(f"{table}: no clip to label; the table needs a column clip, as migrate and consensus write it")
    return clips


def _check_ready(
    labels: Sequence[Label], clips: Mapping[str, StoredClip], guideline: Guideline, settings: BatchSettings
) -> None:
    """Raise LabelError if people would label more than a pilot before their agreement on one suffices."""
    people = any(kind_of(labeller) == "person" for labeller in settings.labellers)
    if settings.batch == PILOT or settings.anyway or not people:
        return
    try:
        agreement = measure_agreement(labels, clips, guideline.version)
    except LabelError as error:
        raise LabelError(f"{error}; begin with the batch {PILOT}, or add --anyway") from error
    if not agreement.ready:
        raise LabelError(f"{verdict(agreement)}, or add --anyway")


def _shared(of_batch: Mapping[str, Plan], clips: Mapping[str, StoredClip], queue: Sequence[str] | None) -> list[str]:
    """Return the clips that all labelers of a planned batch label; LabelError if the queue names others."""
    shared = {task.clip for plan in of_batch.values() for task in plan.tasks if not task.gold}
    if not shared <= wanted_clips(clips, queue).keys():
        raise LabelError(
            f"batch {next(iter(of_batch.values())).batch} is already planned with other clips: choose a new name"
        )
    return sorted(shared)


def _plan(
    labeller: str,
    shared: Sequence[str],
    gold: Mapping[str, str],
    labeled: set[str],
    guideline: Guideline,
    settings: BatchSettings,
) -> Plan:
    """Plan one labeler's tasks; only people get hidden gold clips and repeats."""
    person = kind_of(labeller) == "person"
    clips = sorted({*shared, *(gold if person else ())} - labeled)
    if not clips:
        raise LabelError(f"{labeller} has labeled every clip of batch {settings.batch}")
    rng = seeded_rng(settings.seed, guideline.version, settings.batch, labeller)
    tasks = tuple(
        Task(secrets.token_hex(8), each.clip, each.round, gold.get(each.clip, "") if person else "")
        for each in order(clips, settings.repeats if person else 0, rng)
    )
    return Plan(guideline.version, guideline.digest, settings.batch, labeller, tasks)

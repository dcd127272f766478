"""What each labeller hears in a batch: planned once, and kept before Label Studio hears of it."""

import csv
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

from label_schema import Guideline
from training.labels.agreement import measure_agreement
from training.labels.label_studio.batches import PILOT, BatchSettings, Plan, Task, read_plans, write_plan
from training.labels.label_studio.candidates import choose, hidden_gold, labeled_clips, wanted_clips
from training.labels.label_studio.segments import cut_segments
from training.labels.label_studio.selection import chance_of, order
from training.labels.records import Clip, Label, LabelError, check_labeller, kind_of
from training.labels.report import verdict
from training.labels.store import LabelStore


def plan_batch(store: LabelStore, guideline: Guideline, settings: BatchSettings) -> list[Plan]:
    """The plans of these labellers, those kept already as they are; LabelError where there is nothing to hear."""
    for labeller in settings.labellers:
        check_labeller(labeller)
    with store.writing():  # another ``tasks`` waits, and then finds these plans
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
            heard = labeled_clips(labels, plans, guideline.version)
            if not shared:
                chosen = choose(clips, labels, heard, guideline, settings)
                shared = [cut_segments(store, piece, guideline.clip_seconds).clip for piece in chosen]
            gold = hidden_gold(store.clips(), labels, shared, guideline, settings)
            for labeller in missing:
                of_batch[labeller] = _plan(labeller, shared, gold, heard.get(labeller, set()), guideline, settings)
                write_plan(store.folder, of_batch[labeller])
    return [of_batch[labeller] for labeller in settings.labellers]


def check_wording(plan: Plan, guideline: Guideline) -> None:
    """LabelError where a published version was edited after tasks were made from it."""
    if plan.digest != guideline.digest:
        raise LabelError(
            f"batch {plan.batch} was planned under another wording of guideline version {plan.guideline} (digest"
            f" {plan.digest[:12]}, ours is {guideline.digest[:12]}): a published version is never edited, put it back"
        )


def read_queue(table: Path) -> list[str]:
    """The clips of a table with a column ``clip``; where it has a column ``label``, those still without one."""
    try:
        with table.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise LabelError(f"{table}: cannot be read: {error}") from error
    clips = [row["clip"] for row in rows if row.get("clip") and not row.get("label")]
    if not clips:
        raise LabelError(f"{table}: names no clip to hear; it needs a column clip, as relabel and consensus write it")
    return clips


def _check_ready(
    labels: Sequence[Label], clips: Mapping[str, Clip], guideline: Guideline, settings: BatchSettings
) -> None:
    """LabelError where people shall hear more than a pilot and did not agree on it."""
    people = any(kind_of(labeller) == "person" for labeller in settings.labellers)
    if settings.batch == PILOT or settings.anyway or not people:
        return
    try:
        found = measure_agreement(labels, clips, guideline.version)
    except LabelError as error:
        raise LabelError(f"{error}: begin with the batch {PILOT}, or say --anyway") from error
    if not found.ready:
        raise LabelError(f"{verdict(found)}, or say --anyway")


def _shared(of_batch: Mapping[str, Plan], clips: Mapping[str, Clip], queue: Sequence[str] | None) -> list[str]:
    """The clips everybody in the batch hears, where it is planned; LabelError where the queue names others."""
    shared = {task.clip for plan in of_batch.values() for task in plan.tasks if not task.gold}
    if not shared <= wanted_clips(clips, queue).keys():
        raise LabelError(
            f"batch {next(iter(of_batch.values())).batch} is planned already, of other clips: take a new name"
        )
    return sorted(shared)


def _plan(
    labeller: str,
    shared: Sequence[str],
    gold: Mapping[str, str],
    heard: set[str],
    guideline: Guideline,
    settings: BatchSettings,
) -> Plan:
    """Experts are neither measured by gold clips nor by repeats."""
    person = kind_of(labeller) == "person"
    clips = sorted({*shared, *(gold if person else ())} - heard)
    if not clips:
        raise LabelError(f"{labeller} has heard every clip of batch {settings.batch}")
    chance = chance_of(settings.seed, guideline.version, settings.batch, labeller)
    tasks = tuple(
        Task(secrets.token_hex(8), each.clip, each.round, gold.get(each.clip, "") if person else "")
        for each in order(clips, settings.repeats if person else 0, chance)
    )
    return Plan(guideline.version, guideline.digest, settings.batch, labeller, tasks)

"""A desk without Label Studio: a store with sounds, and exports as Label Studio writes them."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import label_schema
from tests.support.small_store import sound
from training.labels import importers
from training.labels.label_studio.batches import BatchSettings, Plan
from training.labels.label_studio.media import task_data
from training.labels.label_studio.planning import plan_batch
from training.labels.run_import import ImportSettings, import_all
from training.labels.store import LabelStore

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)
GUIDELINE = label_schema.load(2)


def furnished(folder: Path, each: int = 3, seconds: float = 0.25) -> LabelStore:
    """A store with some sounds of every label; the caller closes it."""
    for number, name in enumerate(GUIDELINE.names):
        for index in range(each):
            sound(folder / "clips" / name / f"{index}.wav", 100 * number + index, seconds)
    store = LabelStore(folder / "store", create=True)
    import_all(store, importers.folder(folder / "clips"), ImportSettings(labeller="teacher:tagger"))
    return store


def pilot(store: LabelStore, *labellers: str, **settings: Any) -> list[Plan]:
    """A planned pilot."""
    return plan_batch(store, GUIDELINE, BatchSettings("pilot", labellers, **settings))


def annotation(said: str | None, account: int = 7, after_s: float = 0, seconds: float | None = 4.5) -> dict[str, Any]:
    """One answer; None: skipped."""
    choice = {"from_name": "label", "to_name": "audio", "type": "choices", "value": {"choices": [said]}}
    at = (NINE + timedelta(seconds=after_s)).isoformat().replace("+00:00", "Z")
    return {
        "id": 1,
        "completed_by": account,
        "result": [choice] if said else [],
        "was_cancelled": said is None,
        "created_at": at,
        "updated_at": at,
        "lead_time": seconds,
    }


def exported(plan: Plan, given: Mapping[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """What Label Studio exports of a plan: ``given`` is task name -> annotations."""
    return [
        {"id": number, "data": task_data(plan, task.name), "annotations": given.get(task.name, [])}
        for number, task in enumerate(plan.tasks, 1)
    ]


def answered(plan: Plan, said: Mapping[str, str | None], account: int = 7) -> bytes:
    """An export in which every clip got this label."""
    return json.dumps(
        exported(plan, {task.name: [annotation(said[task.clip], account)] for task in plan.tasks})
    ).encode()

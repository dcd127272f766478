"""What labellers answered, read from Label Studio's JSON export: everything is checked before any of it is believed."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from label_schema import Guideline
from training.labels.import_row import refuse
from training.labels.label_studio.batches import Plan, Task
from training.labels.label_studio.layout import CHOICE
from training.labels.records import Label, LabelError


@dataclass(frozen=True, slots=True)
class StudioAnswer:
    """One answer to one task."""

    where: str
    """The export and Label Studio's number of the task, to name in an error."""
    task: str
    account: str
    """Label Studio's number of who answered."""
    label: str | None
    """None: skipped."""
    at: datetime
    """When it was last changed."""
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Export:
    """One file of Label Studio's, or one project."""

    tasks: frozenset[str]
    """Answered or not."""
    answers: Sequence[StudioAnswer]


def read_export(content: bytes, where: str, guideline: Guideline) -> Export:
    """The answers in an export; LabelError where it is damaged, no export, or made under another guideline."""
    try:
        exported = json.loads(content)
    except ValueError as error:
        raise LabelError(f"nothing was imported: {where} is no JSON, or cut off ({error}): export again") from error
    if not isinstance(exported, list) or not all(isinstance(each, dict) for each in exported):
        raise LabelError(f"nothing was imported: {where} is not what Label Studio exports as JSON: export again so")
    names: set[str] = set()
    answers: list[StudioAnswer] = []
    problems: list[str] = []
    others: dict[str, None] = {}
    for each in exported:
        place = f"{where}: task {each.get('id')}"
        try:
            name, version, digest = (_data(each)[key] for key in ("task", "guideline", "digest"))
            if (version, digest) != (guideline.version, guideline.digest):
                others[f"version {version} (digest {str(digest)[:12]})"] = None
                continue
            names.add(str(name))
            answers += _answers(each, str(name), place, guideline)
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            what = f"has no {error}" if isinstance(error, KeyError) else error
            problems.append(f"{place} is none of ours or damaged: {what}")
    if others:
        ours = f"version {guideline.version} (digest {guideline.digest[:12]})"
        raise LabelError(
            f"nothing was imported: {where} was labeled under guideline {' and '.join(others)}, not {ours}:"
            " name that version with --guideline, or put back its text if it was edited"
        )
    refuse(problems)
    return Export(frozenset(names), answers)


def last_words(answers: Sequence[StudioAnswer]) -> list[StudioAnswer]:
    """One answer a task and account: the one that was changed last."""
    last = {(answer.task, answer.account): answer for answer in sorted(answers, key=lambda answer: answer.at)}
    return list(last.values())


def as_label(answer: StudioAnswer, plan: Plan, task: Task) -> Label:
    """The row for the store."""
    hidden = "hidden repeat" if task.round > 1 else f"hidden {task.gold}" if task.gold else ""
    note = ", ".join(filter(None, (f"Label Studio, batch {plan.batch}", hidden)))
    return Label(
        task.clip, plan.labeller, answer.label, plan.guideline, plan.digest, answer.at, answer.seconds, task.round, note
    )


def _data(exported: Mapping[str, Any]) -> Mapping[str, Any]:
    data = exported["data"]
    if not isinstance(data, dict):
        raise TypeError("its data is no object")
    return data


def _answers(exported: Mapping[str, Any], task: str, where: str, guideline: Guideline) -> Iterator[StudioAnswer]:
    for given in exported["annotations"]:
        label = None if given["was_cancelled"] else _choice(given["result"], guideline)
        seconds = given.get("lead_time")
        if seconds is not None and not 0 <= float(seconds) < math.inf:
            raise ValueError(f"lead_time {seconds}")
        at = datetime.fromisoformat(given["updated_at"])
        if at.utcoffset() is None:
            raise ValueError(f"the time {given['updated_at']} has no zone")
        account = given["completed_by"]
        number = account["id"] if isinstance(account, dict) else account
        yield StudioAnswer(where, task, str(number), label, at, None if seconds is None else float(seconds))


def _choice(result: Any, guideline: Guideline) -> str:
    chosen = [choice for each in result if each["from_name"] == CHOICE for choice in each["value"]["choices"]]
    if len(chosen) != 1:
        raise ValueError(f"{len(chosen)} labels in one answer")
    if chosen[0] not in guideline.names:
        raise ValueError(f"{chosen[0]!r} is no label of guideline version {guideline.version}")
    return str(chosen[0])

"""The reader of Label Studio's JSON export, which validates every answer."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from label_schema import Guideline
from training.labels.import_row import raise_problems
from training.labels.label_studio.batches import Plan, Task
from training.labels.label_studio.layout import CHOICE
from training.labels.records import Label, LabelError


@dataclass(frozen=True, slots=True)
class StudioAnswer:
    """One answer to one task."""

    where: str
    """The export and Label Studio's number of the task, for error messages."""
    task: str
    """The task's name."""
    account: str
    """Label Studio's number of the labeler's account."""
    label: str | None
    """None if skipped."""
    at: datetime
    """Time of the last change, with a time zone."""
    seconds: float | None
    """Time the labeler took, seconds; None if not measured."""


@dataclass(frozen=True, slots=True)
class Export:
    """The tasks and answers of one exported file or project."""

    tasks: frozenset[str]
    """Names of all tasks, with or without an answer."""
    answers: Sequence[StudioAnswer]


def read_export_file(path: Path, guideline: Guideline) -> Export:
    """Read and parse an exported file; LabelError as for :func:`read_export`, or if the file cannot be read."""
    try:
        return read_export(path.read_bytes(), str(path), guideline)
    except OSError as error:
        raise LabelError(f"{path}: cannot be read: {error.strerror}") from error


def read_export(content: bytes, where: str, guideline: Guideline) -> Export:
    """Parse an export; LabelError if it is damaged, not an export, or of another guideline.

    ``where`` names the export in errors.
    """
    try:
        exported = json.loads(content)
    except ValueError as error:
        raise LabelError(f"nothing was imported: {where} is not complete JSON ({error}): export again") from error
    if not isinstance(exported, list) or not all(isinstance(each, dict) for each in exported):
        raise LabelError(f"nothing was imported: {where} is not Label Studio's JSON format: export as JSON")
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
            what = f"key {error} is missing" if isinstance(error, KeyError) else error
            problems.append(f"{place} is damaged or not a hushd task: {what}")
    if others:
        ours = f"version {guideline.version} (digest {guideline.digest[:12]})"
        raise LabelError(
            f"nothing was imported: {where} was labeled under guideline {' and '.join(others)}, not {ours}:"
            " name that version with --guideline, or restore its text if it was edited"
        )
    raise_problems(problems)
    return Export(frozenset(names), answers)


def latest_answers(answers: Sequence[StudioAnswer]) -> list[StudioAnswer]:
    """Return the latest answer of each task and account."""
    last = {(answer.task, answer.account): answer for answer in sorted(answers, key=lambda answer: answer.at)}
    return list(last.values())


def as_label(answer: StudioAnswer, plan: Plan, task: Task) -> Label:
    """Return the store's row of an answer."""
    hidden = "hidden repeat" if task.round > 1 else f"hidden {task.gold}" if task.gold else ""
    note = ", ".join(filter(None, (f"Label Studio, batch {plan.batch}", hidden)))
    return Label(
        task.clip, plan.labeller, answer.label, plan.guideline, plan.digest, answer.at, answer.seconds, task.round, note
    )


def _data(exported: Mapping[str, Any]) -> Mapping[str, Any]:
    data = exported["data"]
    if not isinstance(data, dict):
        raise TypeError("data is not an object")
    return data


def _answers(exported: Mapping[str, Any], task: str, where: str, guideline: Guideline) -> Iterator[StudioAnswer]:
    for given in exported["annotations"]:
        label = None if given["was_cancelled"] else _choice(given["result"], guideline)
        seconds = given.get("lead_time")
        if seconds is not None and not 0 <= float(seconds) < math.inf:
            raise ValueError(f"lead_time is {seconds}, but must be a number of seconds from 0")
        at = datetime.fromisoformat(given["updated_at"])
        if at.utcoffset() is None:
            raise ValueError(f"the time {given['updated_at']} has no time zone")
        account = given["completed_by"]
        number = account["id"] if isinstance(account, dict) else account
        yield StudioAnswer(where, task, str(number), label, at, None if seconds is None else float(seconds))


def _choice(result: Any, guideline: Guideline) -> str:
    chosen = [choice for each in result if each["from_name"] == CHOICE for choice in each["value"]["choices"]]
    if len(chosen) != 1:
        raise ValueError(f"an answer has {len(chosen)} labels, but must have one")
    if chosen[0] not in guideline.names:
        raise ValueError(f"{chosen[0]!r} is not a label of guideline version {guideline.version}")
    return str(chosen[0])

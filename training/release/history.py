"""The current model and its predecessors: the device reads ``models/current``, ``history.jsonl`` records each switch.

A line of the history is on disk before ``current`` is switched, so that the previous model is known whenever the new
one ships. A line without its switch (kill -9 between the two) leads to no later line, and is skipped.
"""

import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import label_schema
from edge.detection.classifier import Classifier
from edge.errors import ModelError, StorageError
from training.evaluation.error_analysis.benchmark import Benchmark
from training.model.files import file_digest, model_file
from training.release.record import Record, commit, now
from training.storage.atomic import write_whole

CURRENT, HISTORY = "current", "history.jsonl"
PROMOTE, ROLLBACK = "promote", "rollback"


@dataclass(frozen=True, slots=True)
class PromotionRecord:
    """One switch of the current model."""

    action: str
    """``PROMOTE`` or ``ROLLBACK``."""
    model_id: str
    sha256: str
    before: str
    """The model that was current."""
    before_sha256: str
    at: str
    commit: str
    anyway: str = ""
    """The reason to ship without a record that passed; empty with one."""


def current_model(models: Path) -> str:
    """Return the name in ``models/current``; ModelError where it cannot be read."""
    try:
        return (models / CURRENT).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ModelError(
            f"{models / CURRENT} cannot be read: {error.strerror}; name the folder of models with --models"
        ) from error


def promote(models: Path, candidate: str, anyway: str = "") -> PromotionRecord:
    """Make a candidate current.

    ModelError unless its record passed for exactly these files, or ``anyway`` gives a reason to ship without one.
    """
    with _switching(models) as before:
        path = model_file(models, candidate)
        Classifier.load(path, label_schema.load())  # the device must accept it
        if candidate == before:
            raise ModelError(f"{candidate} is the current model already: name another candidate")
        digests = file_digest(path), file_digest(model_file(models, before))
        if not anyway and (refused := _refusal(models / candidate, before, *digests)):
            raise ModelError(f"{candidate} is not promoted: {refused}; to ship it without that, add --anyway REASON")
        return _switch(
            models, PromotionRecord(PROMOTE, candidate, digests[0], before, digests[1], now(), commit(), anyway)
        )


def rollback(models: Path) -> PromotionRecord:
    """Make the previous model current again.

    ModelError where there is no previous one, its file has changed, or the device refuses it because the guideline
    has changed.
    """
    with _switching(models) as current:
        came = _promotions(read_history(models), current)
        if not came:
            raise ModelError(f"nothing to roll back to: {models / HISTORY} names no model before {current}")
        path = model_file(models, came[-1].before)
        digest = file_digest(path)
        if digest != came[-1].before_sha256:
            raise ModelError(
                f"{path} is not the file that was current then ({digest[:12]}, not {came[-1].before_sha256[:12]}):"
                f" restore it, or promote it as it is with --anyway REASON"
            )
        try:
            Classifier.load(path, label_schema.load())
        except ModelError as error:
            raise ModelError(f"not rolled back: {error}; or install the hushd of that guideline") from error
        digests = digest, file_digest(model_file(models, current))
        return _switch(
            models, PromotionRecord(ROLLBACK, came[-1].before, digests[0], current, digests[1], now(), commit())
        )


def read_history(models: Path) -> list[PromotionRecord]:
    """Return every step, the oldest first; StorageError names the line that is wrong."""
    path = models / HISTORY
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    steps = []
    for number, line in enumerate(lines, start=1):
        try:
            steps.append(PromotionRecord(**json.loads(line)))
        except (ValueError, TypeError) as error:
            raise StorageError(
                f"{path}:{number} is not a valid history line ({error});"
                f" restore it with `git -C {models} checkout -- {HISTORY}`"
            ) from error
    return steps


def _refusal(folder: Path, before: str, candidate_digest: str, before_digest: str) -> str:
    """Return the reason to refuse by the record; empty if it passed for these files."""
    record, least = Record.read(folder), Benchmark()
    if record.candidate.sha256 != candidate_digest:
        return (
            f"its record is of another file ({record.candidate.sha256[:12]}, this is {candidate_digest[:12]}):"
            " run `compare` again"
        )
    if record.current.sha256 != before_digest:
        return f"it was compared with another file than the current {before}: run `compare` again"
    if record.exam.hours < least.hours or record.exam.episodes < least.episodes or record.exam.split != least.split:
        return (
            f"it was compared on {record.exam.hours:g} h and {record.exam.episodes} episodes of the {record.exam.split}"
            f" split, but at least {least.hours:g} h and {least.episodes} of {least.split} are needed:"
            " run `compare` again"
        )
    return "" if record.decision.passed else "; ".join(record.decision.why)


def _promotions(steps: Sequence[PromotionRecord], current: str) -> list[PromotionRecord]:
    """Return the promotions behind the current model that were not rolled back, the oldest first."""
    happened, after = [], current
    for step in reversed(steps):
        if step.model_id == after:
            happened.append(step)
            after = step.before
    came: list[PromotionRecord] = []
    for step in reversed(happened):
        if step.action == PROMOTE:
            came.append(step)
        else:
            del came[-1:]
    return came


@contextmanager
def _switching(models: Path) -> Iterator[str]:
    """Yield the current model; a lock keeps others from switching it meanwhile."""
    try:
        folder = os.open(models, os.O_RDONLY)
    except OSError as error:
        raise StorageError(f"no folder of models at {models}: {error.strerror}; name it with --models") from error
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield current_model(models)
    finally:
        os.close(folder)


def _switch(models: Path, step: PromotionRecord) -> PromotionRecord:
    path = models / HISTORY
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    write_whole(path, f"{before}{json.dumps(asdict(step))}\n")
    write_whole(models / CURRENT, f"{step.model_id}\n")
    return step

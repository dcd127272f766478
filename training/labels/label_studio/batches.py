"""Plans of batches: the clip of each task, kept beside the store because labelers must not see it.

A plan is one file a labeler, ``STORE/label_studio/v2/pilot/HASH.json``. It is written before any task is sent and never
changes, so another ``label-studio push`` sends the missing tasks of the same plan.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from edge.errors import StorageError
from training.storage.atomic import write_whole

PILOT = "pilot"
SOURCE = "source"
LABEL = "label"
FOLDER = "label_studio"


@dataclass(frozen=True, slots=True)
class Task:
    """One labeling task."""

    name: str
    """Random name, the only part that the labeler can see."""
    clip: str
    round: int = 1
    """2 for a hidden repeat."""
    gold: str = ""
    """Labeler of the gold label that the answer is compared with; empty for other clips."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The tasks of one labeler in one batch, in order."""

    guideline: int
    digest: str
    """Digest of the guideline."""
    batch: str
    labeller: str
    tasks: tuple[Task, ...]

    @property
    def key(self) -> str:
        """Name of the plan's files, which reveals neither labeler nor batch."""
        named = "/".join((str(self.guideline), self.batch, self.labeller))
        return f"v{self.guideline}-{hashlib.sha256(named.encode()).hexdigest()[:12]}"


@dataclass(frozen=True, slots=True)
class BatchSettings:
    """Settings of a batch."""

    batch: str
    """``pilot``, or the name of a larger batch."""
    labellers: Sequence[str]
    size: int | None = None
    """Number of clips; None for all."""
    queue: Sequence[str] | None = None
    """The only allowed clips; None for any."""
    by: Sequence[str] = (SOURCE, LABEL)
    """Attributes that define the strata."""
    gold: float = 0.1
    """Share of hidden gold clips in the batch."""
    repeats: float = 0.1
    """Share of hidden repeats in the batch."""
    seed: int = 0
    anyway: bool = False
    """Plan a large batch even if the pilot's agreement does not suffice."""


def write_plan(store: Path, plan: Plan) -> None:
    """Write a plan atomically."""
    write_whole(
        store / FOLDER / f"v{plan.guideline}" / plan.batch / f"{plan.key}.json", json.dumps(asdict(plan), indent=1)
    )


def read_plans(store: Path) -> list[Plan]:
    """Return every plan; StorageError if one is damaged."""
    return [_read(path) for path in sorted((store / FOLDER).glob("*/*/*.json"))]


def _read(path: Path) -> Plan:
    try:
        kept = json.loads(path.read_bytes())
        return Plan(**{**kept, "tasks": tuple(Task(**task) for task in kept["tasks"])})
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise StorageError(f"{path} is damaged ({error}): restore it from a backup") from error

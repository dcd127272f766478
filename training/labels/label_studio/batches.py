"""A batch as it was planned: which task is which clip. Kept beside the store, for the labellers cannot be told.

``STORE/label_studio/v2/pilot/HASH.json``, a file a labeller, written whole before Label Studio hears of any task, and
never changed: whoever runs ``tasks`` again sends what is missing of the same plan.
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
    """One clip to be heard once."""

    name: str
    """Random; all that the labeller could see of the task."""
    clip: str
    round: int = 1
    """2: a hidden repeat."""
    gold: str = ""
    """Who gave the gold label this answer is measured by; empty for an ordinary clip."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What one labeller hears in one batch, in this order."""

    guideline: int
    digest: str
    """Of the guideline."""
    batch: str
    labeller: str
    tasks: tuple[Task, ...]

    @property
    def key(self) -> str:
        """Names the plan's files; tells neither labeller nor batch."""
        named = "/".join((str(self.guideline), self.batch, self.labeller))
        return f"v{self.guideline}-{hashlib.sha256(named.encode()).hexdigest()[:12]}"


@dataclass(frozen=True, slots=True)
class BatchSettings:
    """What to plan."""

    batch: str
    """``pilot``, or what the larger one is called."""
    labellers: Sequence[str]
    size: int | None = None
    """Clips; None: all there are."""
    queue: Sequence[str] | None = None
    """Only these clips; None: any."""
    by: Sequence[str] = (SOURCE, LABEL)
    """What the strata share."""
    gold: float = 0.1
    """Hidden gold clips, as a share of the batch."""
    repeats: float = 0.1
    """Clips heard again, as a share of the batch."""
    seed: int = 0
    anyway: bool = False
    """A large batch though the pilot did not say that the guideline is ready."""


def write_plan(store: Path, plan: Plan) -> None:
    """Keep a plan; whole or not at all."""
    write_whole(
        store / FOLDER / f"v{plan.guideline}" / plan.batch / f"{plan.key}.json", json.dumps(asdict(plan), indent=1)
    )


def read_plans(store: Path) -> list[Plan]:
    """Every plan there is; StorageError where one is damaged."""
    return [_read(path) for path in sorted((store / FOLDER).glob("*/*/*.json"))]


def _read(path: Path) -> Plan:
    try:
        kept = json.loads(path.read_bytes())
        return Plan(**{**kept, "tasks": tuple(Task(**task) for task in kept["tasks"])})
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise StorageError(f"{path} is damaged ({error}): restore it from a backup") from error

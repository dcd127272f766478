"""The workspace: data folder, clips, work folder and number of processes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from training.data.manifest import Clip


@dataclass(frozen=True, slots=True)
class Workplace:
    """What a worker process needs to open its own library."""

    data: Path
    clips: Sequence[Clip]
    work: Path
    jobs: int

"""One JSON object a line for each outcome, on disk before the next is begun: an interrupted study loses one at most."""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from training.experiments.label_noise.grid import GridPoint, Result
from training.experiments.label_noise.noise import Noise, NoiseKind


@dataclass(frozen=True, slots=True)
class ResultsLog:
    """A file that only grows."""

    path: Path

    def read(self) -> Iterator[Result]:
        """Every outcome so far. A last line that was cut off is taken away: its cell is run again."""
        if not self.path.exists():
            return
        with self.path.open("r+b") as file:
            whole = file.read()
            kept = whole[: whole.rfind(b"\n") + 1]
            file.truncate(len(kept))
        for line in kept.splitlines():
            row = json.loads(line)
            noise = Noise(NoiseKind(row.pop("kind")), row.pop("rate"))
            yield Result(GridPoint(row.pop("examples"), noise, row.pop("seed")), **row)

    def append(self, outcome: Result) -> None:
        """Onto the disk, not only into the system's memory."""
        row = asdict(outcome)
        cell = row.pop("cell")
        line = json.dumps({**cell.pop("noise"), **cell, **row})
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
            file.flush()
            os.fsync(file.fileno())

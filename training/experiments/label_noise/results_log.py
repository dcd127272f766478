"""A log of results, a JSON object a line. Each is on disk before the next, so an interrupted run loses at most one."""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from training.experiments.label_noise.grid import GridPoint, Result
from training.experiments.label_noise.noise import Noise, NoiseKind


@dataclass(frozen=True, slots=True)
class ResultsLog:
    """An append-only file."""

    path: Path

    def read(self) -> Iterator[Result]:
        """Return every result so far. A last line that was cut off is removed, so that its point is run again."""
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

    def append(self, result: Result) -> None:
        """Append a result and flush it to disk."""
        row = asdict(result)
        cell = row.pop("cell")
        line = json.dumps({**cell.pop("noise"), **cell, **row})
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
            file.flush()
            os.fsync(file.fileno())

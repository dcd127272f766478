"""What hushd costs its little computer, beside YAMNet in the same run.

Every figure comes from fresh processes (``probe``), one after another so that none disturbs the next,
hushd's and YAMNet's in turn so that a busy machine slows both; the table shows medians.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from edge.errors import HushdError
from training.storage.paths import REPOSITORY

GOAL_SHARE = 1 / 3
"""Of YAMNet's processor time, at most."""
GOAL_MB = 80.0
GOAL_READY_S = 1.5


class CostError(HushdError):
    """A measurement could not be made."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Medians of several runs."""

    quiet_ms: float
    """Processor time a second of audio of a quiet room, ms."""
    loud_ms: float
    """The same of a loud one, as when the baby cries."""
    yamnet_ms: float
    """YAMNet's for a second of audio, any."""
    peak_mb: float
    """Most memory that was ever resident, 2^20 bytes, with everything loaded that the daemon loads."""
    ready_s: float
    """From the start of the process to the first window classified, its sound given at once."""
    model_kb: float
    yamnet_kb: float
    forbidden: tuple[str, ...]
    """The training stack's modules that were loaded; none should be."""

    @property
    def share(self) -> float:
        """Of YAMNet's processor time, in a loud room."""
        return self.loud_ms / self.yamnet_ms

    def table(self) -> str:
        """Markdown."""
        rows = [
            ("processor time a second of audio, quiet room", self._times(self.quiet_ms), ""),
            ("processor time a second of audio, crying", self._times(self.loud_ms), f"at most {GOAL_SHARE:.0%}"),
            ("YAMNet's, every 0.4875 s", f"{self.yamnet_ms:.2f} ms", ""),
            ("peak memory", f"{self.peak_mb:.0f} MB", f"at most {GOAL_MB:.0f} MB"),
            ("start to the first window", f"{self.ready_s:.2f} s", f"under {GOAL_READY_S} s"),
            ("model file", f"{self.model_kb:.0f} kB, YAMNet's {self.yamnet_kb:.0f} kB", ""),
        ]
        lines = ["| | hushd | goal |", "|---|---|---|", *(f"| {what} | {is_} | {goal} |" for what, is_, goal in rows)]
        return "\n".join(lines)

    def _times(self, milliseconds: float) -> str:
        return f"{milliseconds:.2f} ms, {milliseconds / self.yamnet_ms:.0%} of YAMNet's"


def measure(model: Path, yamnet: Path, repeats: int = 5) -> Cost:
    """All figures; CostError or the probe's own message on stderr where one cannot be made."""
    if not yamnet.is_file():
        raise CostError(f"YAMNet not found at {yamnet}: name its .tflite file with --yamnet")
    if not model.is_file():
        raise CostError(f"model {model} not found: name an existing .onnx file")
    runs = [
        (_probe("quiet", model)[0], _probe("loud", model)[0], _probe("yamnet", yamnet)[0], _probe("start", model))
        for _ in range(repeats)
    ]
    starts = [start for *_, start in runs]
    return Cost(
        quiet_ms=1000 * median(quiet for quiet, *_ in runs),
        loud_ms=1000 * median(loud for _, loud, *_ in runs),
        yamnet_ms=1000 * median(heard for _, _, heard, _ in runs),
        peak_mb=median(end["peak_mb"] for _, _, end in starts),
        ready_s=median(ready_s for _, ready_s, _ in starts),
        model_kb=model.stat().st_size / 1000,
        yamnet_kb=yamnet.stat().st_size / 1000,
        forbidden=tuple(starts[0][2]["forbidden"]),
    )


def _probe(what: str, file: Path) -> Sequence[Any]:
    """What the probe printed; for ``start`` also, in the middle, the seconds until its first line."""
    # ALSA's plugins (a package of their own, which a speaker does not need) would bring ffmpeg into the process.
    environment = os.environ | {"ALSA_PLUGIN_DIR": os.devnull}
    command = [sys.executable, "-m", "training.benchmarks.probe", what, str(file)]
    started_s = time.monotonic()
    with subprocess.Popen(
        command, cwd=REPOSITORY, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as probe:
        assert probe.stdout
        first = probe.stdout.readline()
        ready_s = time.monotonic() - started_s
        rest, complaint = probe.communicate()
    if probe.returncode:
        raise CostError(f"cannot measure {what} of {file}: {complaint.strip().splitlines()[-1]}")
    return [json.loads(first)] if not rest else [json.loads(first), ready_s, json.loads(rest)]

"""Processor time, memory and start-up of hushd, beside YAMNet in the same run.

Every figure comes from fresh processes (``probe``) that run one after another. hushd's and YAMNet's alternate, so that
a busy machine slows both. The table shows medians.
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
from training.evaluation.goals import PEAK_MEMORY_MB, PROCESSOR_SHARE, READY_S
from training.rendering import markdown_table
from training.storage.paths import REPOSITORY


class CostError(HushdError):
    """A measurement could not be made."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Medians of several runs."""

    quiet_ms: float
    """Processor time for a second of audio of a quiet room, ms."""
    loud_ms: float
    """The same of a loud room, as when the infant cries, ms."""
    yamnet_ms: float
    """YAMNet's for a second of any audio, ms."""
    peak_mb: float
    """Peak resident memory, 2^20 bytes, with all that the daemon loads."""
    ready_s: float
    """From the start of the process to the first classified window, with its audio given at once, seconds."""
    model_kb: float
    yamnet_kb: float
    forbidden: tuple[str, ...]
    """Modules of the training stack that were loaded; the goal is an empty list."""

    @property
    def share(self) -> float:
        """Processor time in a loud room as a share of YAMNet's."""
        return self.loud_ms / self.yamnet_ms

    def table(self) -> str:
        """Format the figures and goals in Markdown."""
        rows = [
            ("processor time a second of audio, quiet room", self._times(self.quiet_ms), ""),
            ("processor time a second of audio, crying", self._times(self.loud_ms), f"at most {PROCESSOR_SHARE:.0%}"),
            ("YAMNet's, every 0.4875 s", f"{self.yamnet_ms:.2f} ms", ""),
            ("peak memory", f"{self.peak_mb:.0f} MB", f"at most {PEAK_MEMORY_MB:.0f} MB"),
            ("start to the first window", f"{self.ready_s:.2f} s", f"under {READY_S} s"),
            ("model file", f"{self.model_kb:.0f} kB, YAMNet's {self.yamnet_kb:.0f} kB", ""),
        ]
        return markdown_table(["", "hushd", "goal"], rows)

    def _times(self, milliseconds: float) -> str:
        return f"{milliseconds:.2f} ms, {milliseconds / self.yamnet_ms:.0%} of YAMNet's"


def measure(model: Path, yamnet: Path, repeats: int = 5) -> Cost:
    """Measure all figures; CostError where one cannot be measured."""
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
        yamnet_ms=1000 * median(yamnet_s for _, _, yamnet_s, _ in runs),
        peak_mb=median(end["peak_mb"] for _, _, end in starts),
        ready_s=median(ready_s for _, ready_s, _ in starts),
        model_kb=model.stat().st_size / 1000,
        yamnet_kb=yamnet.stat().st_size / 1000,
        forbidden=tuple(starts[0][2]["forbidden"]),
    )


def _probe(what: str, file: Path) -> Sequence[Any]:
    """Return the lines of the probe; for ``start`` with the seconds until its first line in the middle."""
    # ALSA's plugins, a package that a device does not need, would load ffmpeg into the process.
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
        reason = (complaint.strip().splitlines() or ["it printed no reason"])[-1]
        raise CostError(
            f"the `{what}` measurement of {file} failed (exit code {probe.returncode}): {reason};"
            f" run `{' '.join(command[1:4])} {what} {file}` to see it fail"
        )
    return [json.loads(first)] if not rest else [json.loads(first), ready_s, json.loads(rest)]

"""Recordings made on the spot."""

from pathlib import Path

import numpy as np
import soundfile

from edge.records import SAMPLE_RATE, FloatArray


def hiss(seconds: float, rms: float) -> FloatArray:
    """White noise, the same each time."""
    noise = np.random.default_rng(0).normal(0, rms, round(seconds * SAMPLE_RATE))
    return noise.clip(-1, 1).astype(np.float32)


def quiet_then_loud(path: Path, quiet_s: float, loud_s: float) -> Path:
    """A quiet room, then something loud."""
    soundfile.write(path, np.concatenate([hiss(quiet_s, 0.001), hiss(loud_s, 0.2)]), SAMPLE_RATE)
    return path

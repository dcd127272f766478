"""Clips of tones in a data folder."""

from pathlib import Path

import numpy as np
import soundfile

from edge.records import SAMPLE_RATE, FloatArray
from training.data.manifest import Clip


def tone(hz: float) -> FloatArray:
    """Return one second of a sine, float32 [samples]."""
    return (0.5 * np.sin(2 * np.pi * hz * np.arange(SAMPLE_RATE) / SAMPLE_RATE)).astype(np.float32)


def write_clip(data: Path, file: str, samples: FloatArray) -> Clip:
    """Write ``clips/FILE`` in a data folder; return its row of the manifest."""
    path = data / "clips" / file
    path.parent.mkdir(exist_ok=True)
    soundfile.write(path, samples, SAMPLE_RATE)
    return Clip(file, "esc", f"esc:{file}", "animal", "dog", "CC0", len(samples) / SAMPLE_RATE, "train")

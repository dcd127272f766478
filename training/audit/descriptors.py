"""Every recording heard once: what all later steps look at."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from joblib import Parallel, delayed
from tqdm import tqdm

from edge.detection.features import log_mel
from edge.records import SAMPLE_RATE, FloatArray
from training.audit.fingerprints import Marks, marks
from training.audit.signal_quality import Fault, faults
from training.data.audio_files import decode_partial

_TREMORS = 32
"""Rates at which loudness comes and goes, in steps of 1/8 Hz: a cry's breaths among them."""


@dataclass(frozen=True, slots=True)
class Described:
    """One recording."""

    digest: str
    """SHA-256 (hex) of the file; empty where it cannot be read."""
    seconds: float
    """What could be decoded."""
    described: FloatArray
    """float32 [d]: spectrum, its spread and its movement, whatever the gain."""
    marks: Marks
    faults: Sequence[Fault]


def describe_recordings(paths: Sequence[Path], label_s: float, jobs: int) -> list[Described]:
    """All of them; labels are about the first ``label_s`` seconds of a recording."""
    shown = tqdm(paths, desc="hearing clips", unit="clip", disable=None)
    return list(Parallel(n_jobs=jobs, batch_size=16)(delayed(_hear)(path, label_s) for path in shown))


def describe(samples: FloatArray) -> FloatArray:
    """A recording as one vector, float32 [4 * mels + 32]."""
    values = log_mel(np.pad(samples, (0, max(0, 1_000 - len(samples)))))
    loudness = values.mean(axis=1)
    values = values - np.quantile(loudness, 0.98)
    moving = np.diff(values, axis=0)
    tremor = np.abs(np.fft.rfft(loudness - loudness.mean(), 512))[:_TREMORS] / len(loudness)
    parts = [values.mean(axis=0), values.std(axis=0), np.quantile(values, 0.9, axis=0), moving.std(axis=0), tremor]
    return np.concatenate(parts).astype(np.float32)


def _hear(path: Path, label_s: float) -> Described:
    samples, damage = decode_partial(path)
    seconds = len(samples) / SAMPLE_RATE
    return Described(
        digest=hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
        seconds=seconds,
        described=describe(samples[: round(label_s * SAMPLE_RATE)]),
        marks=marks(samples),
        faults=faults(samples, damage.replace(str(path), "the file"), 1 - seconds / _promised_s(path) if damage else 0),
    )


def _promised_s(path: Path) -> float:
    """What the header says; endless where it cannot be read."""
    try:
        return float(soundfile.info(path).duration)
    except soundfile.LibsndfileError:
        return math.inf

"""Descriptors of recordings: each file is decoded once, and all later steps use the result."""

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
from training.audit.signal_quality import Fault, find_faults
from training.data.audio_files import decode_partial

_MODULATION_RATES = 32
"""Number of loudness modulation rates, in steps of 1/8 Hz; a cry's breathing is among them."""


@dataclass(frozen=True, slots=True)
class Descriptor:
    """The descriptor of one recording."""

    digest: str
    """SHA-256 (hex) of the file; empty if it cannot be read."""
    seconds: float
    """Length of the decoded part, seconds."""
    vector: FloatArray
    """float32 [4 * mels + 32], independent of the gain; see ``describe``."""
    marks: Marks
    """Fingerprint."""
    faults: Sequence[Fault]


def describe_recordings(paths: Sequence[Path], label_s: float, jobs: int) -> list[Descriptor]:
    """Return the descriptors in order; the vector covers the first ``label_s`` seconds, which the label is about."""
    shown = tqdm(paths, desc="describing clips", unit="clip", disable=None)
    return list(Parallel(n_jobs=jobs, batch_size=16)(delayed(_describe_file)(path, label_s) for path in shown))


def describe(samples: FloatArray) -> FloatArray:
    """Return a recording's vector, float32 [4 * mels + 32].

    It holds each band's mean, spread, 90th percentile and spread of change, and then the loudness modulation.
    """
    values = log_mel(np.pad(samples, (0, max(0, 1_000 - len(samples)))))
    loudness = values.mean(axis=1)
    values = values - np.quantile(loudness, 0.98)
    change = np.diff(values, axis=0)
    modulation = np.abs(np.fft.rfft(loudness - loudness.mean(), 512))[:_MODULATION_RATES] / len(loudness)
    parts = [values.mean(axis=0), values.std(axis=0), np.quantile(values, 0.9, axis=0), change.std(axis=0), modulation]
    return np.concatenate(parts).astype(np.float32)


def _describe_file(path: Path, label_s: float) -> Descriptor:
    samples, damage = decode_partial(path)
    seconds = len(samples) / SAMPLE_RATE
    return Descriptor(
        digest=hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
        seconds=seconds,
        vector=describe(samples[: round(label_s * SAMPLE_RATE)]),
        marks=marks(samples),
        faults=find_faults(
            samples, damage.replace(str(path), "the file"), 1 - seconds / _header_duration_s(path) if damage else 0
        ),
    )


def _header_duration_s(path: Path) -> float:
    """Return the duration in the file's header, seconds; infinity if the header cannot be read."""
    try:
        return float(soundfile.info(path).duration)
    except soundfile.LibsndfileError:
        return math.inf

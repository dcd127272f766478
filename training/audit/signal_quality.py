"""Faults of a recording: truncation, silence, clipping, DC offset, missing high frequencies."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from edge.detection.features import level_dbfs
from edge.records import SAMPLE_RATE, FloatArray

SILENT_DBFS = -80.0
"""Level of silence, below a quiet room through any microphone."""
MOSTLY = 0.9
"""Share of silent frames from which a recording is silent."""
FULL_SCALE = 0.99
CLIPPED_RUN = 3
"""Consecutive samples at full scale that count as clipped; an unclipped tone has fewer."""
MANY_CLIPPED = 0.001
"""Share of clipped samples that is a fault."""
OFF_CENTER = 0.02
"""Median sample, relative to full scale, that is a fault; converters stay far below, and a knock does not change it."""
DULL_HZ = 2_000.0
"""A recording without energy above this frequency has only the lowest harmonics of a cry."""
DULL_DB = 50.0
"""Level below the loudest band that counts as no energy, dB."""
_FRAME = 250
"""Samples of a frame."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a recording."""

    severity: float
    """Severity for ranking, 0 to 1."""
    why: str


def find_faults(samples: FloatArray, damage: str = "", missing: float = 0.0) -> list[Fault]:
    """Return the faults, the worst first.

    ``samples`` is float32 [n] at 16 kHz, ``damage`` the decoder's message, ``missing`` the share of lost audio.
    """
    return sorted(_iterate_faults(samples, damage, missing), key=lambda fault: -fault.severity)


def _iterate_faults(samples: FloatArray, damage: str, missing: float) -> Iterator[Fault]:
    if damage:
        yield Fault(0.1 + 0.9 * missing, damage)
    if not len(samples):
        return
    frames = np.pad(samples, (0, -len(samples) % _FRAME)).reshape(-1, _FRAME)
    silent = float(np.mean((frames**2).mean(axis=1) < 10 ** (SILENT_DBFS / 10)))
    if silent > MOSTLY:
        yield Fault(0.5 + silent / 4, f"{silent:.0%} of the recording is silent (below {SILENT_DBFS:.0f} dBFS)")
    clipped = _clipped_share(samples)
    if clipped > MANY_CLIPPED:
        yield Fault(min(0.9, 0.3 + 5 * clipped), f"{clipped:.1%} of the samples are clipped")
    center = float(np.median(samples))
    if abs(center) > OFF_CENTER:
        yield Fault(min(0.9, 0.3 + 2 * abs(center)), f"the DC offset is {center:+.2f} of full scale")
    highest_hz = _highest_hz(samples)
    if silent <= MOSTLY and highest_hz < DULL_HZ:
        yield Fault(0.2 + 0.3 * (1 - highest_hz / DULL_HZ), f"no energy above {highest_hz / 1000:.1f} kHz")


def _clipped_share(samples: FloatArray) -> float:
    """Return the share of samples in runs at full scale."""
    full = np.abs(samples) >= FULL_SCALE
    edges = np.flatnonzero(np.diff(np.concatenate([[False], full, [False]]).astype(np.int8))).reshape(-1, 2)
    lengths = edges[:, 1] - edges[:, 0]
    return float(lengths[lengths >= CLIPPED_RUN].sum()) / len(samples)


def _highest_hz(samples: FloatArray) -> float:
    """Return the upper edge of the highest 250 Hz band with energy, Hz; the lowest band, rumble, does not count."""
    if level_dbfs(samples) < SILENT_DBFS:
        return SAMPLE_RATE / 2
    size = SAMPLE_RATE // 125  # 8 ms: bins of 125 Hz
    framed = np.pad(samples, (0, -len(samples) % size)).reshape(-1, size) * np.hanning(size)
    power = (np.abs(np.fft.rfft(framed, axis=1)) ** 2).mean(axis=0)
    bands = power[: size // 2].reshape(-1, 2).sum(axis=1)
    bands[0] = 0
    return float((np.flatnonzero(bands >= bands.max() * 10 ** (-DULL_DB / 10))[-1] + 1) * 250)

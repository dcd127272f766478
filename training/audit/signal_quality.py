"""What is wrong with a sound by itself: truncated, silent, clipped, off center, dull."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from edge.detection.features import level_dbfs
from edge.records import SAMPLE_RATE, FloatArray

SILENT_DBFS = -80.0
"""Quieter than a quiet room through any microphone."""
MOSTLY = 0.9
FULL_SCALE = 0.99
CLIPPED_RUN = 3
"""Samples at full scale one after another: a tone touches it, a clipped one stays."""
MANY_CLIPPED = 0.001
OFF_CENTER = 0.02
"""Median, of full scale: microphones and converters stay far below, and a knock does not move it."""
DULL_HZ = 2_000.0
"""Nothing above this: of a cry, its lowest harmonics are left."""
DULL_DB = 50.0
"""How far below the loudest band nothing is."""
_FRAME = 250


@dataclass(frozen=True, slots=True)
class Fault:
    """One of them."""

    severity: float
    """0 to 1, to rank by."""
    why: str


def faults(samples: FloatArray, damage: str = "", missing: float = 0.0) -> list[Fault]:
    """The worst first; ``damage`` is what the decoder complained of, ``missing`` the share of the sound it cost."""
    return sorted(_faults(samples, damage, missing), key=lambda fault: -fault.severity)


def _faults(samples: FloatArray, damage: str, missing: float) -> Iterator[Fault]:
    if damage:
        yield Fault(0.1 + 0.9 * missing, damage)
    if not len(samples):
        return
    frames = np.pad(samples, (0, -len(samples) % _FRAME)).reshape(-1, _FRAME)
    silent = float(np.mean((frames**2).mean(axis=1) < 10 ** (SILENT_DBFS / 10)))
    if silent > MOSTLY:
        yield Fault(0.5 + silent / 4, f"{silent:.0%} of it is silent (below {SILENT_DBFS:.0f} dBFS)")
    clipped = _clipped(samples)
    if clipped > MANY_CLIPPED:
        yield Fault(min(0.9, 0.3 + 5 * clipped), f"{clipped:.1%} of the samples are clipped")
    center = float(np.median(samples))
    if abs(center) > OFF_CENTER:
        yield Fault(min(0.9, 0.3 + 2 * abs(center)), f"its zero lies at {center:+.2f} of full scale (DC offset)")
    highest_hz = _highest_hz(samples)
    if silent <= MOSTLY and highest_hz < DULL_HZ:
        yield Fault(0.2 + 0.3 * (1 - highest_hz / DULL_HZ), f"it holds nothing above {highest_hz / 1000:.1f} kHz")


def _clipped(samples: FloatArray) -> float:
    """Share of the samples in runs at full scale."""
    full = np.abs(samples) >= FULL_SCALE
    edges = np.flatnonzero(np.diff(np.concatenate([[False], full, [False]]).astype(np.int8))).reshape(-1, 2)
    lengths = edges[:, 1] - edges[:, 0]
    return float(lengths[lengths >= CLIPPED_RUN].sum()) / len(samples)


def _highest_hz(samples: FloatArray) -> float:
    """Of the bands of 250 Hz, the upper edge of the highest that holds something; rumble is nothing."""
    if level_dbfs(samples) < SILENT_DBFS:
        return SAMPLE_RATE / 2
    size = SAMPLE_RATE // 125  # 8 ms: bins of 125 Hz
    framed = np.pad(samples, (0, -len(samples) % size)).reshape(-1, size) * np.hanning(size)
    power = (np.abs(np.fft.rfft(framed, axis=1)) ** 2).mean(axis=0)
    bands = power[: size // 2].reshape(-1, 2).sum(axis=1)
    bands[0] = 0
    return float((np.flatnonzero(bands >= bands.max() * 10 ** (-DULL_DB / 10))[-1] + 1) * 250)

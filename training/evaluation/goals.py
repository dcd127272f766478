"""The goals that questions, plots, reports, the release gate and the cost table read.

The names of the figures are stored in ``figures.json`` and ``release.json``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

SOOTHED_WITHIN_S = 12.0
"""From the adult's first sound to the message that the infant is soothed."""
RESUMED_WITHIN_S = 20.0
"""From the adult's last sound to the alert, where the infant still cries."""

CRYING_FOUND = "crying found"
CRYING_FOUND_TELEVISION = "crying found, television on"
SOOTHED_RANG = "soothed from the start, rang"
FUSSING_RANG = "fussing that rang"
FALSE_ALERTS = "false alerts in 8 h"
SECONDS_MEDIAN = "seconds to the alert, median"
SECONDS_P95 = "seconds to the alert, 95th percentile"
SOOTHED_LATE = f"soothed late: told within {SOOTHED_WITHIN_S:g} s"
SOOTHING_STOPS = f"soothing stops: rang within {RESUMED_WITHIN_S:g} s"


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound on a figure, in the figure's unit; exactly one is set."""

    at_least: float | None = None
    at_most: float | None = None

    @property
    def bound(self) -> float:
        """The number that the figure is compared with."""
        number = self.at_least if self.at_least is not None else self.at_most
        assert number is not None
        return number

    def is_met(self, value: float) -> bool:
        """Return whether a value keeps the bound; NaN does not."""
        return value >= self.bound if self.at_least is not None else value <= self.bound

    def __str__(self) -> str:
        return f"{'>=' if self.at_least is not None else '<='} {self.bound:g}"


GOALS: Mapping[str, Goal] = MappingProxyType(
    {
        CRYING_FOUND: Goal(at_least=98),
        CRYING_FOUND_TELEVISION: Goal(at_least=95),
        SOOTHED_RANG: Goal(at_most=10),
        FUSSING_RANG: Goal(at_most=5),
        FALSE_ALERTS: Goal(at_most=0.5),
        SOOTHED_LATE: Goal(at_least=80),
        SOOTHING_STOPS: Goal(at_least=90),
        SECONDS_MEDIAN: Goal(at_most=7),
        SECONDS_P95: Goal(at_most=12),
    }
)
"""Per cent of night events, alerts in 8 hours, and seconds; a figure without an entry has no goal."""

RELEASE_MARGINS: Mapping[str, float] = MappingProxyType(
    {
        CRYING_FOUND: 1.0,
        CRYING_FOUND_TELEVISION: 2.0,
        SOOTHED_RANG: 3.0,
        FUSSING_RANG: 3.0,
        FALSE_ALERTS: 0.5,
        SECONDS_MEDIAN: 0.5,
    }
)
"""The figures that decide a release, and how much worse a candidate may be, in points, alerts in 8 hours or seconds."""

PROCESSOR_SHARE = 1 / 3
"""Processor time of the device as a share of YAMNet's, at most."""
PEAK_MEMORY_MB = 80.0
"""Peak resident memory, 2^20 bytes, at most."""
READY_S = 1.5
"""From the start of the process to the first classified window, less than."""

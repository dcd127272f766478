"""The monotonic clock and the time of day."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """The two clocks of the outside world; tests turn them by hand."""

    steady_s: Callable[[], float] = time.monotonic
    """Seconds that never jump."""
    utc: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    """The time of day, which may jump when the network corrects it."""

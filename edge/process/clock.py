"""The monotonic clock and the time of day."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """The two clocks; tests replace them."""

    steady_s: Callable[[], float] = time.monotonic
    """Monotonic seconds."""
    utc: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    """The time of day, which jumps when the network corrects it."""

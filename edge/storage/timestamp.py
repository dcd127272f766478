"""Timestamps whose age can be computed on a board whose clock may jump."""

import time
from dataclasses import dataclass
from pathlib import Path

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class BootAwareTimestamp:
    """A point in time that can be stored and compared after a restart."""

    boot: str
    """Id of the current boot of the machine."""
    uptime_s: float
    """Seconds since the boot, including sleep; it never jumps, and goes on over restarts of the daemon."""
    utc_s: float
    """Seconds since 1970; the only measure after a reboot, and wrong until the network has set the clock."""

    @classmethod
    def now(cls) -> "BootAwareTimestamp":
        """Return the current time."""
        return cls(_BOOT_ID.read_text().strip(), time.clock_gettime(time.CLOCK_BOOTTIME), time.time())

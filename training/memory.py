"""Keep what was freed: a net's tables are asked for anew at every step, and clearing their pages each time takes the
kernel a sixth to a quarter of the step.
"""

import ctypes

_TRIM_THRESHOLD, _MMAP_MAX = -1, -4
"""Parameters of mallopt(3)."""


def keep_freed(most: int = 1 << 30) -> None:
    """From now on the process gives no memory back, but what lies free beyond ``most`` bytes. Nothing where the C
    library has no mallopt, as glibc has: then it only takes longer.
    """
    tune = getattr(ctypes.CDLL(None), "mallopt", None)
    if tune:
        tune(_MMAP_MAX, 0)
        tune(_TRIM_THRESHOLD, most)

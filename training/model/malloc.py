"""Keep what was freed: a net's tables are asked for anew at every step, and clearing their pages each time takes the
kernel a sixth to a quarter of the step.
"""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _MMAP_MAX = -1, -3, -4
"""Parameters of mallopt(3); what they are by default is said there, too."""
_LARGE = 32 << 20
"""Bytes. The C library learns from what is freed what is large, up to this; once told anything, it learns no more."""
_MOST = 1 << 30
"""Bytes that may lie free."""


@contextmanager
def keep_freed_memory() -> Iterator[None]:
    """Within, the process gives no memory back; afterwards, all that is free. Nothing where the C library cannot be
    told so, as glibc can: then it only takes longer.
    """
    library = ctypes.CDLL(None)
    if not hasattr(library, "mallopt"):
        yield
        return
    library.mallopt(_MMAP_MAX, 0)
    library.mallopt(_TRIM_THRESHOLD, _MOST)
    try:
        yield
    finally:
        library.mallopt(_MMAP_MAX, 65_536)
        library.mallopt(_MMAP_THRESHOLD, _LARGE)
        library.mallopt(_TRIM_THRESHOLD, 2 * _LARGE)
        library.malloc_trim(0)

"""Raises malloc's trim threshold so that tensors freed in one training step are reused in the next.

Otherwise the kernel clears their pages again at every step, which takes a sixth to a quarter of the step.
"""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _MMAP_MAX = -1, -3, -4
"""Parameters of mallopt(3), which also lists their defaults."""
_LARGE = 32 << 20
"""Bytes: the largest value to which the C library raises its mmap threshold by itself.

Setting any parameter switches this adaptation off, so the value is set explicitly afterwards.
"""
_MOST = 1 << 30
"""Bytes that may stay free in the process."""


@contextmanager
def keep_freed_memory() -> Iterator[None]:
    """Keep freed memory in the process within the context, and return it to the kernel afterwards.

    Without mallopt (glibc has it) it does nothing, and training only takes longer.
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

"""Freed memory stays in the process where the C library has mallopt."""

import ctypes
import subprocess
import sys

import pytest

FAULTS = """
import resource
import numpy as np
from training.model.malloc import keep_freed_memory

def faults(numbers: int) -> int:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    np.ones(numbers)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

with keep_freed_memory():
    within = [faults(12_000_000) for _ in range(3)]
smaller = [faults(500_000) for _ in range(3)]
print(within[-1], faults(12_000_000), smaller[-1])
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallopt"), reason="this C library has no mallopt")
def test_freed_tables_are_reused_and_returned_at_the_end() -> None:
    """Counts page faults of a table of 96 MB after one of that size was freed; 4 MB are reused in any case."""
    ran = subprocess.run([sys.executable, "-c", FAULTS], capture_output=True, text=True, check=True)
    within, afterwards, smaller = map(int, ran.stdout.split())
    assert within < 10 < afterwards
    assert smaller < 10

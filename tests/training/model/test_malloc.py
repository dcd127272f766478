"""What is freed is kept, where the C library can be told so."""

import ctypes
import subprocess
import sys

import pytest

FAULTS = """
import resource
import numpy as np
from training.model.malloc import freed_is_kept

def faults(numbers: int) -> int:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    np.ones(numbers)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

with freed_is_kept():
    within = [faults(12_000_000) for _ in range(3)]
smaller = [faults(500_000) for _ in range(3)]
print(within[-1], faults(12_000_000), smaller[-1])
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallopt"), reason="this C library has no mallopt")
def test_freed_tables_are_used_again_and_given_back_at_the_end() -> None:
    """In pages that the kernel hands out for a table of 96 MB, the last of which was freed; 4 MB are kept as ever."""
    ran = subprocess.run([sys.executable, "-c", FAULTS], capture_output=True, text=True, check=True)
    within, afterwards, smaller = map(int, ran.stdout.split())
    assert within < 10 < afterwards
    assert smaller < 10

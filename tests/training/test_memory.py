"""What is freed is kept, where the C library can be told so."""

import ctypes
import subprocess
import sys

import pytest

FAULTS = """
import resource
import numpy as np
from training.memory import keep_freed
{first}
for _ in range(3):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    np.ones(12_000_000)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def _faults(first: str) -> int:
    """Pages that the kernel handed out for a third table of 96 MB, the first two of which were freed."""
    ran = subprocess.run([sys.executable, "-c", FAULTS.format(first=first)], capture_output=True, text=True, check=True)
    return int(ran.stdout)


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallopt"), reason="this C library has no mallopt")
def test_freed_tables_are_used_again() -> None:
    assert _faults("keep_freed()") < 10 < _faults("")

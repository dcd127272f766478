"""hushd on the device: microphone -> classifier -> decision -> alert."""

import os

# The mel matrix is too small to share: more OpenBLAS threads cost processor time and save none. OpenBLAS reads this
# when numpy is first imported, which is after this line in every hushd process.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

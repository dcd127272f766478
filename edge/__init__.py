"""hushd on the device: microphone -> classifier -> decision -> alert."""

import os

# The mel matrix is too small to share: OpenBLAS's other threads cost processor time and bring none. It reads this when
# numpy is first imported, which is after this line wherever hushd is what runs.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

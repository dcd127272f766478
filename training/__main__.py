"""``python -m training COMMAND``: the training commands; they need the extra ``training``."""

import os
import sys

# Set before torch loads: an idle OpenMP thread must not spin while another program needs its core.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

try:
    from training.cli.main import main
except ModuleNotFoundError as error:  # the base installation is for the device
    sys.exit(f"training: {error.name} is not installed; install the extra: pip install --editable '.[training]'")

if __name__ == "__main__":
    sys.exit(main())

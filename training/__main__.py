"""``python -m training VERB``: the workshop's commands, once the workshop is installed."""

import os
import sys

# Before torch is loaded: a core that waits for the other's half must not spin while a third program has that one.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

try:
    from training.cli.main import main
except ModuleNotFoundError as error:  # the base install is the device's
    sys.exit(f"training: {error.name} is not installed; the workshop needs: pip install --editable '.[training]'")

if __name__ == "__main__":
    sys.exit(main())

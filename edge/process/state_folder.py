"""The folder that systemd gives a service for data that outlives it."""

import os
from pathlib import Path


def service_state_folder() -> Path | None:
    """Return ``STATE_DIRECTORY``; None outside a service that has one."""
    state = os.environ.get("STATE_DIRECTORY")
    return Path(state) if state else None

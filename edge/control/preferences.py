"""The parents' preferences, stored over restarts in one small JSON file."""

import json
import logging
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Self

from edge.detection.decision_settings import Sensitivity
from edge.protocol import json_record
from edge.storage.atomic_write import replace_file

_log = logging.getLogger(__name__)

_VERSION = 1


@dataclass(frozen=True, slots=True)
class Preferences:
    """Settings made by commands; fields and keys of the file have the same names."""

    alerts: bool = True
    """Whether events may ring."""
    snoozed_at: datetime | None = None
    """UTC at which the snooze began."""
    snoozed_until: datetime | None = None
    """UTC at which it ends."""
    sensitivity: Sensitivity | None = None
    """None: the configured one."""
    instead_of: Sensitivity | None = None
    """The configured sensitivity when the command came. Once it changes, the configuration is newer and wins."""

    def current(self, utc: datetime) -> Self:
        """Return these preferences without a snooze that is over at ``utc``.

        A clock that shows a time before the snooze began is wrong, and may stay wrong for hours. The snooze then ends,
        too: an alert too many is better than a missed cry.
        """
        if self.snoozed_at and self.snoozed_until and not self.snoozed_at <= utc < self.snoozed_until:
            return replace(self, snoozed_at=None, snoozed_until=None)
        return self


def load(path: Path) -> Preferences:
    """Return the preferences in a file; the defaults where it is missing or, with a warning, cannot be read."""
    try:
        return json_record.decode(Preferences, json_record.parse(path.read_bytes(), _VERSION))
    except FileNotFoundError:
        return Preferences()
    except (OSError, ValueError) as error:
        _log.warning("%s cannot be read (%s): alerts are on, sensitivity is as configured", path, error)
        return Preferences()


def save(path: Path, preferences: Preferences) -> None:
    """Replace the file atomically; raise OSError where the disk refuses."""
    replace_file(path, json.dumps({"v": _VERSION, **json_record.encode(preferences)}))

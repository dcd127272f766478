"""What the parents have asked for, kept over restarts in one small file."""

import json
import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from edge.detection.decision_settings import Sensitivity
from edge.storage.atomic_write import replace_file

_log = logging.getLogger(__name__)

_VERSION = 1


@dataclass(frozen=True, slots=True)
class Preferences:
    """What hushd was asked to do, until it is asked otherwise."""

    alerts: bool = True
    """Whether events may ring."""
    snoozed_at: datetime | None = None
    """UTC at which the snooze began."""
    snoozed_until: datetime | None = None
    """UTC at which it ends."""
    sensitivity: Sensitivity | None = None
    """None: as the configuration says."""
    instead_of: Sensitivity | None = None
    """What the configuration said when it was asked for; once that changes, the configuration is the newer wish."""

    def now(self, utc: datetime) -> Self:
        """These wishes without a snooze that is over.

        A clock that shows a time before the snooze was asked for is wrong, and may stay wrong for hours: then, too,
        it is over. An alert too many is better than a cry nobody is told of.
        """
        if self.snoozed_at and self.snoozed_until and not self.snoozed_at <= utc < self.snoozed_until:
            return replace(self, snoozed_at=None, snoozed_until=None)
        return self


def load(path: Path) -> Preferences:
    """The wishes in a file; none where there is no file, or none that can be read."""
    try:
        return _read(path.read_bytes())
    except FileNotFoundError:
        return Preferences()
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        _log.warning("%s cannot be read (%s): alerts are on, sensitivity is as configured", path, error)
        return Preferences()


def save(path: Path, wishes: Preferences) -> None:
    """Replace the file; OSError where the disk refuses."""
    replace_file(path, _written(wishes))


def _written(wishes: Preferences) -> str:
    return json.dumps(
        {
            "v": _VERSION,
            "alerts": wishes.alerts,
            "snoozed_at": wishes.snoozed_at and wishes.snoozed_at.isoformat(),
            "snoozed_until": wishes.snoozed_until and wishes.snoozed_until.isoformat(),
            "sensitivity": wishes.sensitivity,
            "instead_of": wishes.instead_of,
        }
    )


def _read(content: bytes) -> Preferences:
    fields = json.loads(content)
    if fields["v"] != _VERSION or not isinstance(fields["alerts"], bool):
        raise ValueError("it was not written by this hushd")
    return Preferences(
        fields["alerts"],
        _time(fields["snoozed_at"]),
        _time(fields["snoozed_until"]),
        _sensitivity(fields["sensitivity"]),
        _sensitivity(fields["instead_of"]),
    )


def _sensitivity(text: str | None) -> Sensitivity | None:
    return None if text is None else Sensitivity(text)


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)

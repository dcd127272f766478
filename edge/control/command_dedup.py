"""Commands that come twice or too late: refused, over a restart of hushd, too.

Only a command that says who it is (``id``) or when it was given (``at``) can be known again.
"""

import json
import logging
from collections import deque
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from edge.protocol.commands import Command
from edge.protocol.messages import iso
from edge.storage.atomic_write import replace_file

_log = logging.getLogger(__name__)

_VERSION = 1
_REMEMBERED_IDS = 64
_CLOCKS_DIFFER = timedelta(minutes=5)
"""Between the one who gave a command and this speaker; what is older than that is late, not merely slow."""


class CommandDeduplicator:
    """Which commands have come."""

    def __init__(self, file: Path | None) -> None:
        """``file`` keeps what must be kept."""
        self._file = file
        self._ids: deque[str] = deque(maxlen=_REMEMBERED_IDS)
        self._last_at: dict[str, datetime] = {}
        if file is not None:
            self._load(file)

    def reject_reason(self, name: str, order: Command, utc: datetime) -> str | None:
        """Why this command must not be obeyed now; None where it may, and then never again."""
        if order.id in self._ids:
            return "it came before: its id has been used"
        if order.at is not None:
            if order.at > utc + _CLOCKS_DIFFER:
                return f"it comes from the future; here it is {iso(utc)}: set the clocks"
            if order.at < utc - _CLOCKS_DIFFER:
                return f"it was given at {iso(order.at)} and comes too late; here it is {iso(utc)}"
            if order.at < self._last_at.get(name, order.at):
                return f"it is older than the last one, of {iso(self._last_at[name])}"
            self._last_at[name] = order.at
        if order.id is not None:
            self._ids.append(order.id)
        if order.id is not None or order.at is not None:
            self._save()
        return None

    def _load(self, file: Path) -> None:
        try:
            self._read(json.loads(file.read_bytes()))
        except FileNotFoundError:
            pass
        except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
            _log.warning("%s cannot be read (%s): a command that came before it may be obeyed again", file, error)

    def _read(self, fields: dict[str, Any]) -> None:
        if fields["v"] != _VERSION:
            raise ValueError("it was not written by this hushd")
        self._ids.extend(str(each) for each in fields["ids"])
        self._last_at = {name: datetime.fromisoformat(at).astimezone(UTC) for name, at in fields["last_at"].items()}

    def _save(self) -> None:
        if self._file is None:
            return
        last_at = {name: at.isoformat() for name, at in self._last_at.items()}
        try:
            replace_file(self._file, json.dumps({"v": _VERSION, "ids": list(self._ids), "last_at": last_at}))
        except OSError as error:
            _log.warning("%s cannot be written (%s)", self._file, error.strerror)

"""Rejection of commands that come twice or too late, also after a restart of hushd.

Only a command with an ``id`` or the time ``at`` of sending can be recognized again.
"""

import json
import logging
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from edge.protocol import json_record
from edge.protocol.commands import Command
from edge.protocol.messages import iso
from edge.storage.atomic_write import replace_file

_log = logging.getLogger(__name__)

_VERSION = 1
_MAX_IDS = 64
_MAX_AGE = timedelta(minutes=5)
"""Maximum accepted age of a command, and how far a sender's clock may be ahead of the speaker's."""


@dataclass(frozen=True, slots=True)
class _Accepted:
    """Content of the file; fields and JSON keys have the same names."""

    ids: tuple[str, ...]
    """Of the last commands accepted, oldest first."""
    last_at: dict[str, datetime]
    """Name of a command -> UTC at which the newest one accepted was sent."""


class CommandDeduplicator:
    """Memory of the commands accepted."""

    def __init__(self, file: Path | None) -> None:
        """``file`` keeps the memory over restarts; None keeps it in this object only."""
        self._file = file
        accepted = _load(file) if file else _Accepted((), {})
        self._ids = deque(accepted.ids, maxlen=_MAX_IDS)
        self._last_at = accepted.last_at

    def reject_reason(self, name: str, command: Command, utc: datetime) -> str | None:
        """Return why the command must not be applied; None accepts it, once."""
        if command.id in self._ids:
            return "it came before: its id has been used"
        if command.at is not None:
            if command.at > utc + _MAX_AGE:
                return f"it comes from the future; here it is {iso(utc)}: set the clocks"
            if command.at < utc - _MAX_AGE:
                return f"it was given at {iso(command.at)} and comes too late; here it is {iso(utc)}"
            if command.at < self._last_at.get(name, command.at):
                return f"it is older than the last one, of {iso(self._last_at[name])}"
            self._last_at[name] = command.at
        if command.id is not None:
            self._ids.append(command.id)
        if command.id is not None or command.at is not None:
            self._save()
        return None

    def _save(self) -> None:
        if self._file is None:
            return
        fields = json_record.encode(_Accepted(tuple(self._ids), self._last_at))
        try:
            replace_file(self._file, json.dumps({"v": _VERSION, **fields}))
        except OSError as error:
            _log.warning("%s cannot be written (%s)", self._file, error.strerror)


def _load(file: Path) -> _Accepted:
    try:
        return json_record.decode(_Accepted, json_record.parse(file.read_bytes(), _VERSION))
    except FileNotFoundError:
        pass
    except (OSError, ValueError) as error:
        _log.warning("%s cannot be read (%s): a command that came before may be applied again", file, error)
    return _Accepted((), {})

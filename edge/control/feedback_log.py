"""The file ``feedback.jsonl``: one JSON line for each verdict of a parent."""

import json
import os
from datetime import datetime
from pathlib import Path

from edge.errors import StorageError
from edge.protocol.commands import Feedback
from edge.protocol.messages import iso

_MAX_BYTES = 1_000_000
"""Maximum size of the file (about 10,000 nights)."""


class FeedbackLog:
    """Append-only file of verdicts in the state folder."""

    def __init__(self, folder: Path | None) -> None:
        """``folder`` is the state folder; None where there is no such folder."""
        self._folder = folder

    def append(self, feedback: Feedback, utc: datetime) -> None:
        """Write one line to the disk; raise StorageError with the reason where that fails."""
        if self._folder is None:
            raise StorageError("hushd was started without a state directory to keep it in")
        path = self._folder / "feedback.jsonl"
        fields = {"v": 1, "episode_id": feedback.episode_id, "verdict": feedback.verdict, "utc": iso(utc)}
        try:
            with path.open("a", encoding="utf-8") as file:
                if file.tell() > _MAX_BYTES:
                    raise StorageError(f"{path} is full: move it away")
                file.write(json.dumps(fields) + "\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise StorageError(f"{path} cannot be written: {error.strerror}") from error

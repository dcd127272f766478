"""The lines that hushd prints for people."""

import logging
import os
import sys
from datetime import UTC, datetime, timedelta
from typing import TextIO

from edge.records import Event, MicrophoneHealth, MicrophoneState, Scores

_log = logging.getLogger(__name__)


class Console:
    """Lines on stdout, with local time; a full disk does not end the process."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stdout
        self._is_writable = True

    def event(self, event: Event, at: datetime, muted: str | None = None) -> None:
        """Print an event."""
        self._print(f"{_local_time(at)}  {format_event(event, muted)}")

    def microphone(self, health: MicrophoneHealth, at: datetime) -> None:
        """Print the microphone's health."""
        is_well = health.state is MicrophoneState.LISTENING
        self._print(f"{_local_time(at)}  microphone {'listening' if is_well else f'{health.state}: {health.detail}'}")

    def note(self, text: str) -> None:
        """Print any text with the current time."""
        self._print(f"{_local_time(datetime.now(UTC))}  {text}")

    def _print(self, line: str) -> None:
        try:
            print(line, file=self._out, flush=True)
        except BrokenPipeError:
            raise
        except OSError as error:  # a full disk must not end the daemon
            if self._is_writable:
                _log.warning("cannot write this output any more: %s", error.strerror)
            self._is_writable = False
            _drop_unwritten(self._out)


def format_event(event: Event, muted: str | None = None) -> str:
    """Return ``RING  cry started: crying for 9 s, ...``, with info in place of RING where no phone rings."""
    rings = event.kind.rings and muted is None
    mute_note = f" ({muted})" if event.kind.rings and muted else ""
    return f"{'RING' if rings else 'info'}  {event.kind.replace('_', ' ')}: {event.why}{mute_note}"


def format_scores(scores: Scores) -> str:
    """Return ``none             crying 0.01  fussing 0.02  soothed-crying 0.00  none 0.97``."""
    shares = "  ".join(f"{label} {probability:.2f}" for label, probability in scores.probabilities.items())
    return f"{scores.label:<16} {shares}"


def format_stream_time(stream_s: float) -> str:
    """Return the stream time as ``0:01:10``."""
    return str(timedelta(seconds=int(stream_s)))


def format_problem(error: Exception) -> str:
    """Return an error as one line for stderr, also where a file's name contains line breaks."""
    return f"hushd: {' '.join(str(error).split())}"


def _drop_unwritten(out: TextIO) -> None:
    """Empty the buffer into /dev/null: Python would write it again at the end, and fail."""
    kept = os.dup(out.fileno())
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, out.fileno())
    out.flush()
    os.dup2(kept, out.fileno())
    os.close(null)
    os.close(kept)


def _local_time(at: datetime) -> str:
    return at.astimezone().strftime("%H:%M:%S")

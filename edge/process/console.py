"""What hushd prints to a person: one line each, the same words wherever they appear."""

import logging
import os
import sys
from datetime import UTC, datetime, timedelta
from typing import TextIO

from edge.records import Event, MicrophoneHealth, MicrophoneState, Scores

_log = logging.getLogger(__name__)


class Console:
    """Lines on stdout as they happen, in the time of the person who reads them."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stdout
        self._well = True

    def event(self, event: Event, at: datetime, muted: str | None = None) -> None:
        """What a phone would get."""
        self._print(f"{_local(at)}  {event_text(event, muted)}")

    def microphone(self, health: MicrophoneHealth, at: datetime) -> None:
        """The microphone has become well, or is not."""
        well = health.state is MicrophoneState.LISTENING
        self._print(f"{_local(at)}  microphone {'listening' if well else f'{health.state}: {health.detail}'}")

    def note(self, text: str) -> None:
        """Anything else worth knowing, now."""
        self._print(f"{_local(datetime.now(UTC))}  {text}")

    def _print(self, line: str) -> None:
        try:
            print(line, file=self._out, flush=True)
        except BrokenPipeError:
            raise
        except OSError as error:  # a full disk ends no alarm
            if self._well:
                _log.warning("cannot write this output any more: %s", error.strerror)
            self._well = False
            _drop_unwritten(self._out)


def event_text(event: Event, muted: str | None = None) -> str:
    """``RING  cry started: crying for 9 s, nobody is heard soothing``; info instead of RING where no phone rings."""
    rings = event.kind.rings and muted is None
    silenced = f" ({muted})" if event.kind.rings and muted else ""
    return f"{'RING' if rings else 'info'}  {event.kind.replace('_', ' ')}: {event.why}{silenced}"


def scores_text(scores: Scores) -> str:
    """``none             crying 0.01  fussing 0.02  soothed-crying 0.00  none 0.97``."""
    shares = "  ".join(f"{label} {probability:.2f}" for label, probability in scores.probabilities.items())
    return f"{scores.label:<16} {shares}"


def stream_time(stream_s: float) -> str:
    """``0:01:10`` into a recording."""
    return str(timedelta(seconds=int(stream_s)))


def problem_line(error: Exception) -> str:
    """The one line on stderr, even where a file's name holds line breaks."""
    return f"hushd: {' '.join(str(error).split())}"


def _drop_unwritten(out: TextIO) -> None:
    """Empty the buffer into nothing: what could not be written would be tried again and fail the program at its end."""
    place = os.dup(out.fileno())
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, out.fileno())
    out.flush()
    os.dup2(place, out.fileno())
    os.close(nowhere)
    os.close(place)


def _local(at: datetime) -> str:
    return at.astimezone().strftime("%H:%M:%S")

"""The microphone (being written: names are settled)."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from edge.liveness import MicrophoneHealth
from edge.records import AudioBlock


@dataclass(frozen=True, slots=True)
class MicrophoneSettings:
    """Which microphone, and how patient to be with it."""

    name: str | None = None
    block_seconds: float = 0.1
    queue_seconds: float = 5.0
    no_frames_seconds: float = 3.0
    deaf_seconds: float = 9.0
    retry_seconds: float = 5.0


class Microphone:
    """A microphone that recovers by itself."""

    def __init__(self, settings: MicrophoneSettings) -> None:
        self._settings = settings

    def __enter__(self) -> Self:
        raise NotImplementedError

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        raise NotImplementedError

    def stream(self, stop: threading.Event) -> Iterator[AudioBlock | MicrophoneHealth]:
        """Blocks and health until ``stop`` is set."""
        raise NotImplementedError

"""Settings of the microphone."""

from dataclasses import dataclass

from edge.audio.liveness import DEAF_AFTER_S, NO_FRAMES_AFTER_S, REOPEN_SILENT_EVERY_S

FIRST_RETRY_S = 0.5
"""Pause before the second attempt to open a device; it doubles up to ``retry_seconds``."""


@dataclass(frozen=True, slots=True)
class MicrophoneSettings:
    """The microphone and its timeouts."""

    name: str | None = None
    """Name of the microphone or a part of it, in any case; without it, the default of the machine."""
    block_seconds: float = 0.1
    """Length of a block, 0.02..1 s."""
    queue_seconds: float = 5.0
    """Length of the sound that waits for a busy pipeline, 0.5..60 s; more is lost and counted."""
    no_frames_seconds: float = NO_FRAMES_AFTER_S
    """A device without frames for this long is opened again, 1..10 s. PulseAudio needs 2 s for its first frame."""
    deaf_seconds: float = DEAF_AFTER_S
    """Zeros, one value or clipping for this long raise an alarm, 1..60 s; 9 s raise it within 10 s."""
    reopen_silent_seconds: float = REOPEN_SILENT_EVERY_S
    """Interval at which a device with only zeros is opened again, 10..3600 s."""
    retry_seconds: float = 5.0
    """Maximum pause between attempts to open a missing or busy device, 0.5..60 s."""

    def __post_init__(self) -> None:
        """Raise ValueError for a value outside its range."""
        for name, least, most in (
            ("block_seconds", 0.02, 1.0),
            ("queue_seconds", 0.5, 60.0),
            ("no_frames_seconds", 1.0, 10.0),
            ("deaf_seconds", 1.0, 60.0),
            ("reopen_silent_seconds", 10.0, 3600.0),
            ("retry_seconds", FIRST_RETRY_S, 60.0),
        ):
            if not least <= getattr(self, name) <= most:
                raise ValueError(f"{name} must be between {least:g} and {most:g}, not {getattr(self, name):g}")
        if self.name is not None and not self.name.strip():
            raise ValueError("name must not be empty; leave it out for the default microphone")

"""Sources of sound: a microphone, or a recording in real time."""

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event as Flag

from edge.audio.capture import Microphone
from edge.audio.settings import MicrophoneSettings
from edge.records import AudioBlock, MicrophoneHealth

Item = AudioBlock | MicrophoneHealth


@dataclass(frozen=True, slots=True)
class Source:
    """A source that can be opened repeatedly."""

    name: Callable[[MicrophoneSettings], str]
    """Returns the name for messages."""
    open: Callable[[MicrophoneSettings, Flag], Generator[Item, None, None]]
    """Returns the items, which end when the flag is set or the source ends."""


def open_source(option: str) -> Source:
    """Return the source of the option ``--source``: microphone, microphone:NAME, or a recording's path."""
    kind, _, name = option.partition(":")
    if kind == "microphone":
        return _microphone(name or None)
    from edge.audio.recordings import read  # noqa: PLC0415 - loads libsndfile, which a microphone does not need

    return play_blocks(option, lambda: read(Path(option)))


def play_blocks(name: str, blocks: Callable[[], Iterator[AudioBlock]]) -> Source:
    """Return a source of these blocks in real time."""

    def play(_: MicrophoneSettings, stop: Flag) -> Generator[Item, None, None]:
        from edge.audio.recordings import real_time  # noqa: PLC0415 - as above

        yield from real_time(blocks(), pause=stop.wait)

    return Source(lambda _: name, play)


def _microphone(name: str | None) -> Source:
    def name_for(settings: MicrophoneSettings) -> str:
        chosen = name or settings.name
        return f"microphone {chosen}" if chosen else "the default microphone"

    def listen(settings: MicrophoneSettings, stop: Flag) -> Generator[Item, None, None]:
        with Microphone(replace(settings, name=name or settings.name)) as microphone:
            yield from microphone.stream(stop)

    return Source(name_for, listen)

"""What can be listened to: a microphone, or a recording played as if it were one."""

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event as Flag

from edge.audio.capture import Microphone, MicrophoneSettings
from edge.records import AudioBlock, MicrophoneHealth

Item = AudioBlock | MicrophoneHealth


@dataclass(frozen=True, slots=True)
class Source:
    """Something that can be opened again and again."""

    name: Callable[[MicrophoneSettings], str]
    """What it is called, to a person."""
    open: Callable[[MicrophoneSettings, Flag], Generator[Item, None, None]]
    """Its items; they end when the flag is set, or by themselves."""


def open_source(option: str) -> Source:
    """The source that ``--source`` names: microphone, microphone:NAME, or a recording's path."""
    kind, _, name = option.partition(":")
    if kind == "microphone":
        return _microphone(name or None)
    from edge.audio.recordings import read  # noqa: PLC0415 - libsndfile, which a microphone does without

    return play_file(option, lambda: read(Path(option)))


def play_file(name: str, blocks: Callable[[], Iterator[AudioBlock]]) -> Source:
    """Blocks in real time, as a microphone would give them."""

    def play(_: MicrophoneSettings, stop: Flag) -> Generator[Item, None, None]:
        from edge.audio.recordings import real_time  # noqa: PLC0415 - as above

        yield from real_time(blocks(), pause=stop.wait)

    return Source(lambda _: name, play)


def _microphone(name: str | None) -> Source:
    def called(settings: MicrophoneSettings) -> str:
        chosen = name or settings.name
        return f"microphone {chosen}" if chosen else "the default microphone"

    def listen(settings: MicrophoneSettings, stop: Flag) -> Generator[Item, None, None]:
        with Microphone(replace(settings, name=name or settings.name)) as microphone:
            yield from microphone.stream(stop)

    return Source(called, listen)

"""Selection of a microphone by name, and detection of the program that holds a busy one."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from edge.errors import MicrophoneError

CARD_NUMBER = re.compile(r"\s*\(hw:\d+,\d+\)$")
"""Suffix that PortAudio appends to a sound card's name; it changes when the card is plugged in again."""


class MissingMicrophoneError(MicrophoneError):
    """There is no such microphone now; it may be plugged in later."""


class BusyMicrophoneError(MicrophoneError):
    """Another program holds the microphone."""


@dataclass(frozen=True, slots=True)
class InputDevice:
    """A recording device, as PortAudio lists it."""

    index: int
    """PortAudio's number, valid until PortAudio is initialized again."""
    name: str
    """Such as ``USB PnP Sound Device: Audio (hw:1,0)``, or the name of an ALSA pcm: ``default``."""
    channels: int
    """Maximum number of channels."""
    rate: int
    """Native sample rate, Hz."""
    is_default: bool
    """Whether it is used without a name."""


@dataclass(frozen=True, slots=True)
class BusyCard:
    """A sound card from which another program records."""

    name: str
    """As PortAudio would list it."""
    holder: str
    """The other program, such as ``pulseaudio (process 812)``."""


def find_device(devices: Sequence[InputDevice], name: str | None) -> InputDevice:
    """Return the device of that name, or the default one; raise MissingMicrophoneError that lists the others.

    A name may be a part and in any case; a full match wins over a part. A card's number counts only where it makes a
    difference, because it may have changed since the name was written down.
    """
    if not devices:
        raise MissingMicrophoneError(
            "no microphone found: plug one in, or start the sound server; `arecord -L` lists them"
        )
    if name is None:
        return next((device for device in devices if device.is_default), devices[0])
    matching = [device for device in devices if _matches(device.name, name)]
    for same in (str.casefold, _stable):
        exact = [device for device in matching if same(device.name) == same(name)]
        if exact:
            return exact[0]
    if len(matching) == 1:
        return matching[0]
    if matching:
        raise MissingMicrophoneError(
            f"{name!r} matches several microphones: {_names(matching)}; use a longer part of the name"
        )
    raise MissingMicrophoneError(f"no microphone is called {name!r}; there are: {_names(devices)}")


def busy_error(name: str | None, held: Sequence[BusyCard]) -> BusyMicrophoneError | None:
    """Return an error that names the program on the microphone ``name`` (any if None); None where it is free."""
    for card in held:
        if name is None or _matches(card.name, name):
            return BusyMicrophoneError(
                f"{card.name} is busy: {card.holder} uses it; stop that program, or share the card through PipeWire or"
                " an ALSA dsnoop device"
            )
    return None


def find_busy_cards(processes: Path = Path("/proc")) -> list[BusyCard]:
    """Return the sound cards from which other programs record, by the kernel's ``/proc/asound``."""
    cards = []
    for status in sorted(processes.glob("asound/card*/pcm*c/sub*/status")):
        owner = re.search(r"^owner_pid\s*: (\d+)", _read_text(status), re.MULTILINE)
        if owner is None or int(owner[1]) == os.getpid():
            continue
        device = status.parent.parent
        card_number, device_number = (re.sub(r"\D", "", part.name) for part in (device.parent, device))
        card = re.search(
            rf"^\s*{card_number} \[.*?\]: .*? - (.+)$", _read_text(processes / "asound/cards"), re.MULTILINE
        )
        pcm = re.search(r"^name: (.+)$", _read_text(device / "info"), re.MULTILINE)
        label = f"{card[1] if card else 'sound card'}: {pcm[1] if pcm else '-'} (hw:{card_number},{device_number})"
        program = _read_text(processes / owner[1] / "comm").strip() or "another program"
        cards.append(BusyCard(label, f"{program} (process {owner[1]})"))
    return cards


def _matches(device_name: str, name: str) -> bool:
    return name.casefold() in device_name.casefold() or _stable(name) in _stable(device_name)


def _stable(name: str) -> str:
    return CARD_NUMBER.sub("", name).casefold()


def _names(devices: Sequence[InputDevice]) -> str:
    return ", ".join(device.name for device in devices)


def _read_text(path: Path) -> str:
    """Return the file's text; an empty one where it has disappeared or is not readable."""
    try:
        return path.read_text()
    except OSError:
        return ""

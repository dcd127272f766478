"""Which microphones there are, which one a name means, and who holds one that is busy."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from edge.errors import MicrophoneError

CARD_NUMBER = re.compile(r"\s*\(hw:\d+,\d+\)$")
"""What PortAudio appends to a sound card's name. It changes when the card is plugged in again."""


class MissingMicrophoneError(MicrophoneError):
    """No such microphone now; it may be plugged in later."""


class BusyMicrophoneError(MicrophoneError):
    """Another program holds the microphone."""


@dataclass(frozen=True, slots=True)
class InputDevice:
    """A device that records, as PortAudio lists it."""

    index: int
    """PortAudio's number for it, good until PortAudio is initialized again."""
    name: str
    """Such as ``USB PnP Sound Device: Audio (hw:1,0)``, or the name of an ALSA pcm: ``default``."""
    channels: int
    """Most channels it records."""
    rate: int
    """Its own sample rate, Hz."""
    is_default: bool
    """Whether it is the one taken when no name is given."""


@dataclass(frozen=True, slots=True)
class HeldCard:
    """A sound card some other program is recording from."""

    name: str
    """As PortAudio would list it."""
    holder: str
    """Who holds it: ``pulseaudio (process 812)``."""


def pick(devices: Sequence[InputDevice], name: str | None) -> InputDevice:
    """The device of that name, or the default one; raises MissingMicrophoneError with what there is instead.

    A name may be partial and in any case; the whole name wins over a part of one. A card's number is ignored where
    it does not help, because it may have changed since the name was noted down.
    """
    if not devices:
        raise MissingMicrophoneError(
            "no microphone found: plug one in, or start the sound server; `arecord -L` lists them"
        )
    if name is None:
        return next((device for device in devices if device.is_default), devices[0])
    fitting = [device for device in devices if _fits(device.name, name)]
    for same in (str.casefold, _stable):
        exact = [device for device in fitting if same(device.name) == same(name)]
        if exact:
            return exact[0]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise MissingMicrophoneError(f"{name!r} could be several microphones: {_names(fitting)}; say more of its name")
    raise MissingMicrophoneError(f"no microphone is called {name!r}; there are: {_names(devices)}")


def busy(name: str | None, held: Sequence[HeldCard]) -> BusyMicrophoneError | None:
    """The error that says who holds the microphone of that name (any, if None); None if nobody does."""
    for card in held:
        if name is None or _fits(card.name, name):
            return BusyMicrophoneError(
                f"{card.name} is busy: {card.holder} holds it; stop that, or share the card through PipeWire or"
                " an ALSA dsnoop device"
            )
    return None


def held_cards(processes: Path = Path("/proc")) -> list[HeldCard]:
    """The sound cards that other programs record from, as the kernel tells."""
    cards = []
    for status in sorted(processes.glob("asound/card*/pcm*c/sub*/status")):
        owner = re.search(r"^owner_pid\s*: (\d+)", _text(status), re.MULTILINE)
        if owner is None or int(owner[1]) == os.getpid():
            continue
        device = status.parent.parent
        card_number, device_number = (re.sub(r"\D", "", part.name) for part in (device.parent, device))
        card = re.search(rf"^\s*{card_number} \[.*?\]: .*? - (.+)$", _text(processes / "asound/cards"), re.MULTILINE)
        pcm = re.search(r"^name: (.+)$", _text(device / "info"), re.MULTILINE)
        label = f"{card[1] if card else 'sound card'}: {pcm[1] if pcm else '-'} (hw:{card_number},{device_number})"
        program = _text(processes / owner[1] / "comm").strip() or "another program"
        cards.append(HeldCard(label, f"{program} (process {owner[1]})"))
    return cards


def _fits(device_name: str, name: str) -> bool:
    return name.casefold() in device_name.casefold() or _stable(name) in _stable(device_name)


def _stable(name: str) -> str:
    return CARD_NUMBER.sub("", name).casefold()


def _names(devices: Sequence[InputDevice]) -> str:
    return ", ".join(device.name for device in devices)


def _text(path: Path) -> str:
    """What the kernel says there; nothing where it is gone meanwhile or hidden from us."""
    try:
        return path.read_text()
    except OSError:
        return ""

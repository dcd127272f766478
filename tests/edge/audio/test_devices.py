"""Devices: selection by name, and the program on a busy one."""

import os
from pathlib import Path

import pytest

from edge.audio.devices import BusyCard, InputDevice, MissingMicrophoneError, busy_error, find_busy_cards, find_device


def device(index: int, name: str, is_default: bool = False) -> InputDevice:
    return InputDevice(index, name, channels=1, rate=48_000, is_default=is_default)


ONBOARD = device(0, "HDA Intel PCH: ALC257 Analog (hw:0,0)")
USB = device(3, "USB PnP Sound Device: Audio (hw:1,0)")
RESPEAKER = device(4, "ReSpeaker 4 Mic Array (UAC1.0): USB Audio (hw:2,0)")
ROOM = device(5, "room")
ROOM_TOO = device(6, "Living room")
DEFAULT = device(7, "default", is_default=True)
DEVICES = [ONBOARD, USB, RESPEAKER, ROOM, ROOM_TOO, DEFAULT]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (None, DEFAULT),
        ("default", DEFAULT),
        ("room", ROOM),  # a full match wins over a part of another name
        ("ROOM", ROOM),
        ("living", ROOM_TOO),
        ("pnp", USB),
        ("respeaker", RESPEAKER),
        ("USB PnP Sound Device: Audio (hw:1,0)", USB),
        ("USB PnP Sound Device: Audio (hw:5,0)", USB),  # the card had another number when the name was written down
        ("hw:0,0", ONBOARD),
    ],
)
def test_a_name_finds_its_device(name: str | None, expected: InputDevice) -> None:
    assert find_device(DEVICES, name) is expected


def test_two_of_a_kind_differ_by_their_card() -> None:
    twin = device(8, "USB PnP Sound Device: Audio (hw:4,0)")

    assert find_device([USB, twin], "USB PnP Sound Device: Audio (hw:4,0)") is twin


def test_without_a_default_the_first_is_taken() -> None:
    assert find_device([ONBOARD, USB], None) is ONBOARD


@pytest.mark.parametrize(
    ("devices", "name", "says"),
    [
        ([], None, "no microphone found"),
        ([], "usb", "no microphone found"),
        (
            [ONBOARD, ROOM],
            "usb",
            "no microphone is called 'usb'; there are: HDA Intel PCH: ALC257 Analog (hw:0,0), room",
        ),
        ([USB, RESPEAKER], "usb", "matches several"),
    ],
)
def test_a_name_without_a_match_is_one_line(devices: list[InputDevice], name: str | None, says: str) -> None:
    with pytest.raises(MissingMicrophoneError) as caught:
        find_device(devices, name)

    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.fixture
def processes(tmp_path: Path) -> Path:
    """Return a fake /proc in which arecord records from card 1, and card 0 is free."""
    for path, text in {
        "asound/cards": (
            " 0 [PCH            ]: HDA-Intel - HDA Intel PCH\n"
            "                      HDA Intel PCH at 0xb1228000 irq 143\n"
            " 1 [Device         ]: USB-Audio - USB PnP Sound Device\n"
            "                      C-Media Electronics Inc. USB PnP Sound Device at usb-1, full speed\n"
        ),
        "asound/card0/pcm0c/info": "card: 0\ndevice: 0\nstream: CAPTURE\nid: ALC257 Analog\nname: ALC257 Analog\n",
        "asound/card0/pcm0c/sub0/status": "closed\n",
        "asound/card1/pcm0c/info": "card: 1\ndevice: 0\nstream: CAPTURE\nid: USB Audio\nname: Audio\n",
        "asound/card1/pcm0c/sub0/status": "state: RUNNING\nowner_pid   : 812\ntrigger_time: 100.5\n",
        "asound/card1/pcm0p/sub0/status": "state: RUNNING\nowner_pid   : 900\n",
        "812/comm": "arecord\n",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def test_the_kernel_names_the_program_on_a_card(processes: Path) -> None:
    assert find_busy_cards(processes) == [BusyCard(USB.name, "arecord (process 812)")]


def test_a_program_without_a_readable_name_is_reported(processes: Path) -> None:
    (processes / "812/comm").unlink()

    assert find_busy_cards(processes) == [BusyCard(USB.name, "another program (process 812)")]


def test_our_own_process_does_not_count(processes: Path) -> None:
    (processes / "asound/card1/pcm0c/sub0/status").write_text(f"state: RUNNING\nowner_pid   : {os.getpid()}\n")

    assert find_busy_cards(processes) == []


def test_a_machine_without_sound_cards_has_no_busy_card(tmp_path: Path) -> None:
    assert find_busy_cards(tmp_path) == []


@pytest.mark.parametrize("name", [None, "pnp", "USB PnP Sound Device: Audio (hw:3,0)"])
def test_a_busy_error_names_the_program_and_the_remedy(name: str | None) -> None:
    error = busy_error(name, [BusyCard(USB.name, "arecord (process 812)")])

    assert error is not None
    assert "arecord (process 812)" in str(error)
    assert "dsnoop" in str(error)
    assert "PipeWire" in str(error)


def test_a_card_of_another_name_is_ignored() -> None:
    assert busy_error("respeaker", [BusyCard(USB.name, "arecord (process 812)")]) is None

"""The daemon's loop, with fakes at its seams and time turned by hand."""

import io
import json
import socket
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event as Flag
from typing import Any

import pytest

from edge.app.daemon import Daemon
from edge.app.ports import DaemonDependencies
from edge.audio.sources import Item
from edge.control.controller import AlertController
from edge.detection.decision_settings import Sensitivity
from edge.process.clock import Clock
from edge.process.console import Console
from edge.process.sd_notify import Notifier
from edge.protocol.commands import Message
from edge.records import SAMPLE_RATE, AudioBlock, MicrophoneHealth, MicrophoneState
from edge.storage.outbox import Outbox, OutboxSettings
from tests.support.fakes import FakePublisher, HandClock, blocks, crying_between, decision, pipeline

CRY = crying_between(10, 20)
MISSING = MicrophoneHealth(MicrophoneState.MISSING, "no microphone found", 0)
LISTENING = MicrophoneHealth(MicrophoneState.LISTENING, "listening", 0)


class House:
    """A daemon whose every output can be looked at."""

    def __init__(self, clock: HandClock, **changes: Any) -> None:
        self.publisher = FakePublisher()
        self.outbox: Outbox = changes.pop("outbox", None) or Outbox(OutboxSettings())
        self.sensed: list[Sensitivity] = []
        self.terminal = io.StringIO()
        decides = decision()
        self.parts = DaemonDependencies(
            device="nursery",
            version="1.2.3",
            model="fake-1",
            heartbeat_s=10,
            source=(),
            pipeline=pipeline(CRY, decides),
            decision=decides,
            outbox=self.outbox,
            publisher=self.publisher,
            controller=AlertController(Sensitivity.NORMAL, self.sensed.append),
            notifier=Notifier(None, None),
            console=Console(self.terminal),
            clock=Clock(clock.steady_s, clock.utc),
        )
        self.parts = replace(self.parts, **changes)

    def hears(self, source: Iterable[Item]) -> None:
        Daemon(replace(self.parts, source=source)).run(Flag())

    def events(self) -> list[dict[str, Any]]:
        """What waits in the outbox, in order; it is empty after."""
        found = []
        while waiting := self.outbox.due():
            found.append(json.loads(waiting.text))
            self.outbox.delivered(waiting.id)
        return found


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def house(clock: HandClock) -> Iterator[House]:
    house = House(clock)
    yield house
    house.outbox.close()


def in_real_time(items: Iterable[AudioBlock], clock: HandClock) -> Iterator[AudioBlock]:
    """Turns the clock to when a microphone would have given each block."""
    for block in items:
        clock.now_s = (block.start_sample + len(block.samples)) / SAMPLE_RATE
        yield block


def test_a_cry_goes_to_the_outbox_and_wakes_the_publisher(house: House, clock: HandClock) -> None:
    house.hears(in_real_time(blocks(60), clock))
    started, ended = house.events()
    assert (started["kind"], started["rings"], started["at_s"]) == ("cry_started", True, 12.0)
    assert started["at"] == "2026-01-31T03:00:12.000Z"
    assert (ended["kind"], ended["episode_id"]) == ("cry_ended", started["episode_id"])
    assert house.publisher.woken == 2


def test_the_terminal_shows_what_a_phone_would_get(house: House, clock: HandClock) -> None:
    house.hears(in_real_time(blocks(60), clock))
    listening, ring, info = house.terminal.getvalue().splitlines()
    assert listening.endswith("microphone listening")
    assert "  RING  cry started: crying for" in ring
    assert "  info  cry ended: no crying for 30 s" in info


def test_utc_follows_the_wall_clock_when_the_network_corrects_it(house: House, clock: HandClock) -> None:
    def corrected(items: Iterable[AudioBlock]) -> Iterator[AudioBlock]:
        for block in items:
            clock.now_s = block.start_sample / SAMPLE_RATE + 0.5 + (3600 if block.start_sample else 0)
            yield block

    house.hears(corrected(blocks(15)))
    assert house.events()[0]["at"] == "2026-01-31T04:00:12.000Z"


def test_state_beats_every_heartbeat_and_at_once_when_it_changes(house: House, clock: HandClock) -> None:
    house.hears(in_real_time(blocks(60), clock))
    beats = [(json.loads(text)["utc"][17:19], json.loads(text)["state"]) for text in house.publisher.states]
    assert beats == [
        ("00", "quiet"), ("10", "fussing"), ("12", "crying"), ("22", "crying"), ("32", "crying"), ("42", "crying"),
        ("50", "quiet"), ("00", "quiet"),
    ]  # fmt: skip
    last = json.loads(house.publisher.states[-1])
    assert (last["device"], last["model"], last["version"]) == ("nursery", "fake-1", "1.2.3")
    assert last["label"] == "none"
    assert json.loads(house.publisher.states[0])["label"] is None


def test_the_heart_beats_on_while_the_microphone_is_missing(house: House, clock: HandClock) -> None:
    def missing() -> Iterator[Item]:
        for clock.now_s in range(25):
            yield MISSING

    house.hears(missing())
    assert len(house.publisher.states) == 3
    assert house.publisher.listening == [False, False]  # when it was found missing, and at the end
    health = json.loads(house.publisher.healths[-1])
    assert health["microphone"] == {"state": "missing", "detail": "no microphone found", "lost_samples": 0}


def test_listening_follows_the_microphone(house: House) -> None:
    silent = MicrophoneHealth(MicrophoneState.SILENT, "digital silence", 0)
    house.hears([LISTENING, *blocks(1), silent, *blocks(1, 1), LISTENING, MISSING, MISSING])
    assert house.publisher.listening == [True, False, True, False, False]
    states = [json.loads(text)["microphone"]["state"] for text in house.publisher.healths]
    assert states[-4:] == ["listening", "silent", "listening", "missing"]


def test_lost_sound_is_reported(house: House, clock: HandClock) -> None:
    house.hears(in_real_time([*blocks(5), *blocks(10, start_s=7, lost_before=2 * SAMPLE_RATE)], clock))
    assert json.loads(house.publisher.states[-1])["lost_samples"] == 2 * SAMPLE_RATE
    assert json.loads(house.publisher.healths[-1])["microphone"]["lost_samples"] == 2 * SAMPLE_RATE


def test_a_broker_that_comes_or_goes_is_told_in_health(house: House) -> None:
    def broken() -> Iterator[Item]:
        yield LISTENING
        house.publisher.connected, house.publisher.problem = False, "broker x refuses connections"
        yield from blocks(1)

    house.hears(broken())
    assert json.loads(house.publisher.healths[-1])["broker"] == {"problem": "broker x refuses connections"}


def test_events_that_were_lost_are_told_in_health(clock: HandClock) -> None:
    house = House(clock, outbox=Outbox(OutboxSettings(max_events=1)))
    house.hears(in_real_time(blocks(70), clock))
    assert json.loads(house.publisher.healths[-1])["outbox"] == {
        "waiting": 1,
        "dropped": 1,
        "expired": 0,
        "problem": None,
    }
    house.outbox.close()


def test_what_waited_is_said_to_be_delivered_as_soon_as_it_is(house: House, clock: HandClock) -> None:
    def delivered_later() -> Iterator[Item]:
        for block in in_real_time(blocks(40), clock):
            if block.start_sample == 35 * SAMPLE_RATE:
                house.events()
            yield block

    house.hears(delivered_later())
    said = [json.loads(text) for text in house.publisher.healths]
    waits = [(each["utc"][17:19], each["outbox"]["waiting"]) for each in said if each["utc"] > "2026-01-31T03:00:05"]
    assert waits == [("22", 1), ("35", 0)]  # not at 12 s, when there had been no time to deliver it


def test_a_cry_goes_out_although_the_disk_keeps_nothing(clock: HandClock, tmp_path: Path) -> None:
    house = House(clock, outbox=Outbox(OutboxSettings(tmp_path / "no such folder" / "outbox.sqlite")))
    house.hears(in_real_time(blocks(15), clock))
    assert "check that its folder exists" in json.loads(house.publisher.healths[-1])["outbox"]["problem"]
    assert [event["kind"] for event in house.events()] == ["cry_started"]
    house.outbox.close()


def commanded(
    clock: HandClock, house: House, at_s: float, commands: dict[str, str], minutes: int = 1
) -> Iterator[AudioBlock]:
    """Sound, with commands that come at this second."""
    for block in in_real_time(blocks(minutes * 60), clock):
        if block.start_sample == at_s * SAMPLE_RATE:
            house.publisher.sent += [Message(name, text.encode(), False) for name, text in commands.items()]
        yield block


@pytest.mark.parametrize(("name", "text"), [("alerts", "off"), ("snooze", "5")])
def test_a_muted_cry_is_told_and_does_not_ring(house: House, clock: HandClock, name: str, text: str) -> None:
    house.hears(commanded(clock, house, 5, {name: text}))
    started, ended = house.events()
    because = "alerts off" if name == "alerts" else "snoozed until 2026-01-31T03:05:05.500Z"
    assert (started["kind"], started["rings"], started["muted"]) == ("cry_started", False, because)
    assert (ended["kind"], ended["rings"], ended["muted"]) == ("cry_ended", False, None)
    assert "RING" not in house.terminal.getvalue()
    assert f"info  cry started: crying for 4 s, nobody is heard soothing ({because})" in house.terminal.getvalue()


def test_a_snooze_that_is_over_rings_and_state_says_so_at_once(house: House, clock: HandClock) -> None:
    house.hears(commanded(clock, house, 0, {"snooze": "0.1"}))
    assert [event["rings"] for event in house.events()] == [True, False]
    snoozed = [json.loads(text)["snoozed_until"] for text in house.publisher.states]
    assert snoozed[:2] == ["2026-01-31T03:00:06.500Z", None]
    assert json.loads(house.publisher.states[1])["utc"] == "2026-01-31T03:00:06.500Z"


def test_state_follows_a_command_at_once(house: House, clock: HandClock) -> None:
    house.hears(commanded(clock, house, 3, {"sensitivity": "high", "alerts": "off"}))
    first, then, *_ = [json.loads(text) for text in house.publisher.states]
    assert (first["sensitivity"], first["alerts"], first["acknowledged"]) == ("normal", True, None)
    assert (then["sensitivity"], then["alerts"], then["utc"]) == ("high", False, "2026-01-31T03:00:03.500Z")
    assert house.sensed == [Sensitivity.HIGH]


@pytest.mark.parametrize(
    ("commands", "kinds"),
    [
        ({}, ["cry_started", "cry_reminder", "cry_reminder", "cry_ended"]),
        ({"acknowledge": "latest"}, ["cry_started", "cry_ended"]),
    ],
)
def test_an_acknowledged_episode_brings_no_reminders(
    clock: HandClock, commands: dict[str, str], kinds: list[str]
) -> None:
    decides = decision()
    house = House(clock, decision=decides, pipeline=pipeline(crying_between(10, 160), decides))
    house.hears(commanded(clock, house, 20, commands, minutes=4))
    assert [event["kind"] for event in house.events()] == kinds
    house.outbox.close()


def test_commands_are_answered_in_health(house: House, clock: HandClock) -> None:
    house.publisher.lost_commands = 2
    house.hears(commanded(clock, house, 3, {"alerts": "off", "snooze": "for ever"}))
    commands = json.loads(house.publisher.healths[-1])["commands"]
    assert commands["lost"] == 2
    assert [(each["name"], each["accepted"]) for each in commands["answers"]] == [("snooze", False), ("alerts", True)]
    assert "must be a number from 0 to 720, not 'for ever'" in commands["answers"][0]["detail"]


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(str(tmp_path / "notify"))
        receiver.settimeout(0.1)
        yield receiver


def told(manager: socket.socket) -> list[str]:
    messages = []
    while True:
        try:
            messages.append(manager.recv(4096).decode().splitlines()[0])
        except TimeoutError:
            return messages


def test_systemd_is_told_by_classified_windows_only(clock: HandClock, manager: socket.socket) -> None:
    house = House(clock, notifier=Notifier(manager.getsockname(), watchdog_s=4, clock=clock.steady_s))
    house.hears(in_real_time(blocks(4.5), clock))
    assert told(manager) == ["STATUS=microphone listening: hearing sound"]
    house.hears([MISSING] * 30)
    assert "WATCHDOG=1" not in told(manager)
    house.hears(in_real_time(blocks(9, start_s=20), clock))
    assert told(manager)[1:] == ["READY=1", *["WATCHDOG=1"] * 5]  # 9 windows, at most one ping in 2 s
    house.outbox.close()


def test_stop_ends_the_loop_after_the_item_at_hand(house: House) -> None:
    stop = Flag()

    def endless() -> Iterator[Item]:
        while True:
            stop.set()
            yield MISSING

    Daemon(replace(house.parts, source=endless())).run(stop)
    assert house.publisher.listening[-1] is False


def test_a_reload_that_stands_ready_ends_the_loop(house: House) -> None:
    answers = iter([False, False, True])
    Daemon(replace(house.parts, source=[MISSING] * 9)).run(Flag(), lambda: next(answers))
    assert list(answers) == []


def test_a_successor_goes_on_with_the_episode_and_rings_nobody_twice(clock: HandClock) -> None:
    def made(source: Iterable[Item], outbox: Outbox, device: str = "nursery") -> Daemon:
        decides = decision()
        house = House(clock, outbox=outbox, decision=decides, pipeline=pipeline(crying_between(10, 200), decides))
        return Daemon(replace(house.parts, source=source, device=device))

    def after(start_s: float) -> Iterator[AudioBlock]:
        for block in blocks(60):
            clock.now_s = start_s + (block.start_sample + len(block.samples)) / SAMPLE_RATE
            yield block

    outbox = Outbox(OutboxSettings())
    house = House(clock, outbox=outbox)
    first = made(in_real_time(blocks(20), clock), outbox)
    first.run(Flag())
    clock.now_s += 2
    second = made(after(22), outbox)
    second.restore(first.snapshot())
    second.run(Flag())
    started, reminder = house.events()
    assert (started["kind"], reminder["kind"]) == ("cry_started", "cry_reminder")
    assert (reminder["episode_id"], reminder["seq"]) == (started["episode_id"], 2)
    assert (reminder["at_s"], reminder["unanswered_s"]) == (72.0, 60.0)
    assert (reminder["onset"], reminder["at"]) == (started["onset"], "2026-01-31T03:01:12.000Z")

    renamed = made(after(90), outbox, device="cradle")
    renamed.restore(second.snapshot())
    renamed.run(Flag())
    assert house.events()[0]["kind"] == "cry_started"
    outbox.close()

"""The daemon's loop, with fakes at its ports and a manual clock."""

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
from edge.protocol.commands import CommandMessage
from edge.records import SAMPLE_RATE, AudioBlock, MicrophoneHealth, MicrophoneState
from edge.storage.outbox import Outbox, OutboxSettings
from tests.support.fakes import FakePublisher, HandClock, blocks, crying_between, decision, pipeline

CRY = crying_between(10, 20)
MISSING = MicrophoneHealth(MicrophoneState.MISSING, "no microphone found", 0)
LISTENING = MicrophoneHealth(MicrophoneState.LISTENING, "listening", 0)


class DaemonBench:
    """A daemon with fakes that record its output."""

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

    def run(self, source: Iterable[Item]) -> None:
        Daemon(replace(self.parts, source=source)).run(Flag())

    def events(self) -> list[dict[str, Any]]:
        """Take all events from the outbox, in order."""
        found = []
        while waiting := self.outbox.due():
            found.append(json.loads(waiting.text))
            self.outbox.delete(waiting.id)
        return found


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def bench(clock: HandClock) -> Iterator[DaemonBench]:
    bench = DaemonBench(clock)
    yield bench
    bench.outbox.close()


def in_real_time(items: Iterable[AudioBlock], clock: HandClock) -> Iterator[AudioBlock]:
    """Yield the blocks, and set the clock to the end of each."""
    for block in items:
        clock.now_s = (block.start_sample + len(block.samples)) / SAMPLE_RATE
        yield block


def test_a_cry_goes_to_the_outbox_and_wakes_the_publisher(bench: DaemonBench, clock: HandClock) -> None:
    bench.run(in_real_time(blocks(60), clock))
    started, ended = bench.events()
    assert (started["kind"], started["rings"], started["at_s"]) == ("cry_started", True, 12.0)
    assert started["at"] == "2026-01-31T03:00:12.000Z"
    assert (ended["kind"], ended["episode_id"]) == ("cry_ended", started["episode_id"])
    assert bench.publisher.woken == 2


def test_the_terminal_shows_what_a_phone_would_get(bench: DaemonBench, clock: HandClock) -> None:
    bench.run(in_real_time(blocks(60), clock))
    listening, ring, info = bench.terminal.getvalue().splitlines()
    assert listening.endswith("microphone listening")
    assert "  RING  cry started: crying for" in ring
    assert "  info  cry ended: no crying for 30 s" in info


def test_utc_follows_the_wall_clock_when_the_network_corrects_it(bench: DaemonBench, clock: HandClock) -> None:
    def corrected(items: Iterable[AudioBlock]) -> Iterator[AudioBlock]:
        for block in items:
            clock.now_s = block.start_sample / SAMPLE_RATE + 0.5 + (3600 if block.start_sample else 0)
            yield block

    bench.run(corrected(blocks(15)))
    assert bench.events()[0]["at"] == "2026-01-31T04:00:12.000Z"


def test_state_is_published_every_heartbeat_and_at_once_when_it_changes(bench: DaemonBench, clock: HandClock) -> None:
    bench.run(in_real_time(blocks(60), clock))
    beats = [(json.loads(text)["utc"][17:19], json.loads(text)["state"]) for text in bench.publisher.states]
    assert beats == [
        ("00", "quiet"), ("10", "fussing"), ("12", "crying"), ("22", "crying"), ("32", "crying"), ("42", "crying"),
        ("50", "quiet"), ("00", "quiet"),
    ]  # fmt: skip
    last = json.loads(bench.publisher.states[-1])
    assert (last["device"], last["model"], last["version"]) == ("nursery", "fake-1", "1.2.3")
    assert last["label"] == "none"
    assert json.loads(bench.publisher.states[0])["label"] is None


def test_the_heartbeat_continues_while_the_microphone_is_missing(bench: DaemonBench, clock: HandClock) -> None:
    def missing() -> Iterator[Item]:
        for clock.now_s in range(25):
            yield MISSING

    bench.run(missing())
    assert len(bench.publisher.states) == 3
    assert bench.publisher.listening == [False, False]  # when it is missing, and at the end
    health = json.loads(bench.publisher.healths[-1])
    assert health["microphone"] == {"state": "missing", "detail": "no microphone found", "lost_samples": 0}


def test_listening_follows_the_microphone(bench: DaemonBench) -> None:
    silent = MicrophoneHealth(MicrophoneState.SILENT, "digital silence", 0)
    bench.run([LISTENING, *blocks(1), silent, *blocks(1, 1), LISTENING, MISSING, MISSING])
    assert bench.publisher.listening == [True, False, True, False, False]
    states = [json.loads(text)["microphone"]["state"] for text in bench.publisher.healths]
    assert states[-4:] == ["listening", "silent", "listening", "missing"]


def test_lost_sound_is_reported(bench: DaemonBench, clock: HandClock) -> None:
    bench.run(in_real_time([*blocks(5), *blocks(10, start_s=7, lost_before=2 * SAMPLE_RATE)], clock))
    assert json.loads(bench.publisher.states[-1])["lost_samples"] == 2 * SAMPLE_RATE
    assert json.loads(bench.publisher.healths[-1])["microphone"]["lost_samples"] == 2 * SAMPLE_RATE


def test_a_change_of_the_connection_is_in_health(bench: DaemonBench) -> None:
    def broken() -> Iterator[Item]:
        yield LISTENING
        bench.publisher.connected, bench.publisher.problem = False, "broker x refuses connections"
        yield from blocks(1)

    bench.run(broken())
    assert json.loads(bench.publisher.healths[-1])["broker"] == {"problem": "broker x refuses connections"}


def test_lost_events_are_in_health(clock: HandClock) -> None:
    bench = DaemonBench(clock, outbox=Outbox(OutboxSettings(max_events=1)))
    bench.run(in_real_time(blocks(70), clock))
    assert json.loads(bench.publisher.healths[-1])["outbox"] == {
        "waiting": 1,
        "dropped": 1,
        "expired": 0,
        "problem": None,
    }
    bench.outbox.close()


def test_health_shows_an_empty_outbox_after_a_late_delivery(bench: DaemonBench, clock: HandClock) -> None:
    def delivered_later() -> Iterator[Item]:
        for block in in_real_time(blocks(40), clock):
            if block.start_sample == 35 * SAMPLE_RATE:
                bench.events()
            yield block

    bench.run(delivered_later())
    said = [json.loads(text) for text in bench.publisher.healths]
    waits = [(each["utc"][17:19], each["outbox"]["waiting"]) for each in said if each["utc"] > "2026-01-31T03:00:05"]
    assert waits == [("22", 1), ("35", 0)]  # not at 12 s, when there has been no time to deliver it


def test_a_cry_is_published_although_the_disk_fails(clock: HandClock, tmp_path: Path) -> None:
    bench = DaemonBench(clock, outbox=Outbox(OutboxSettings(tmp_path / "no such folder" / "outbox.sqlite")))
    bench.run(in_real_time(blocks(15), clock))
    assert "check that its folder exists" in json.loads(bench.publisher.healths[-1])["outbox"]["problem"]
    assert [event["kind"] for event in bench.events()] == ["cry_started"]
    bench.outbox.close()


def with_commands(
    clock: HandClock, bench: DaemonBench, at_s: float, commands: dict[str, str], minutes: int = 1
) -> Iterator[AudioBlock]:
    """Yield sound, and send the commands at this second."""
    for block in in_real_time(blocks(minutes * 60), clock):
        if block.start_sample == at_s * SAMPLE_RATE:
            bench.publisher.sent += [CommandMessage(name, text.encode(), False) for name, text in commands.items()]
        yield block


@pytest.mark.parametrize(("name", "text"), [("alerts", "off"), ("snooze", "5")])
def test_a_muted_cry_is_published_and_does_not_ring(bench: DaemonBench, clock: HandClock, name: str, text: str) -> None:
    bench.run(with_commands(clock, bench, 5, {name: text}))
    started, ended = bench.events()
    because = "alerts off" if name == "alerts" else "snoozed until 2026-01-31T03:05:05.500Z"
    assert (started["kind"], started["rings"], started["muted"]) == ("cry_started", False, because)
    assert (ended["kind"], ended["rings"], ended["muted"]) == ("cry_ended", False, None)
    assert "RING" not in bench.terminal.getvalue()
    assert f"info  cry started: crying for 4 s, nobody is heard soothing ({because})" in bench.terminal.getvalue()


def test_after_a_snooze_alerts_ring_and_state_changes_at_once(bench: DaemonBench, clock: HandClock) -> None:
    bench.run(with_commands(clock, bench, 0, {"snooze": "0.1"}))
    assert [event["rings"] for event in bench.events()] == [True, False]
    snoozed = [json.loads(text)["snoozed_until"] for text in bench.publisher.states]
    assert snoozed[:2] == ["2026-01-31T03:00:06.500Z", None]
    assert json.loads(bench.publisher.states[1])["utc"] == "2026-01-31T03:00:06.500Z"


def test_state_follows_a_command_at_once(bench: DaemonBench, clock: HandClock) -> None:
    bench.run(with_commands(clock, bench, 3, {"sensitivity": "high", "alerts": "off"}))
    first, then, *_ = [json.loads(text) for text in bench.publisher.states]
    assert (first["sensitivity"], first["alerts"], first["acknowledged"]) == ("normal", True, None)
    assert (then["sensitivity"], then["alerts"], then["utc"]) == ("high", False, "2026-01-31T03:00:03.500Z")
    assert bench.sensed == [Sensitivity.HIGH]


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
    bench = DaemonBench(clock, decision=decides, pipeline=pipeline(crying_between(10, 160), decides))
    bench.run(with_commands(clock, bench, 20, commands, minutes=4))
    assert [event["kind"] for event in bench.events()] == kinds
    bench.outbox.close()


def test_replies_to_commands_are_in_health(bench: DaemonBench, clock: HandClock) -> None:
    bench.publisher.lost_commands = 2
    bench.run(with_commands(clock, bench, 3, {"alerts": "off", "snooze": "for ever"}))
    commands = json.loads(bench.publisher.healths[-1])["commands"]
    assert commands["lost"] == 2
    assert [(each["name"], each["accepted"]) for each in commands["answers"]] == [("snooze", False), ("alerts", True)]
    assert "must be a number from 0 to 720, not 'for ever'" in commands["answers"][0]["detail"]


@pytest.fixture
def service_manager(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(str(tmp_path / "notify"))
        receiver.settimeout(0.1)
        yield receiver


def received(service_manager: socket.socket) -> list[str]:
    messages = []
    while True:
        try:
            messages.append(service_manager.recv(4096).decode().splitlines()[0])
        except TimeoutError:
            return messages


def test_only_classified_windows_notify_systemd(clock: HandClock, service_manager: socket.socket) -> None:
    bench = DaemonBench(clock, notifier=Notifier(service_manager.getsockname(), watchdog_s=4, clock=clock.steady_s))
    bench.run(in_real_time(blocks(4.5), clock))
    assert received(service_manager) == ["STATUS=microphone listening: hearing sound"]
    bench.run([MISSING] * 30)
    assert "WATCHDOG=1" not in received(service_manager)
    bench.run(in_real_time(blocks(9, start_s=20), clock))
    assert received(service_manager)[1:] == ["READY=1", *["WATCHDOG=1"] * 5]  # 9 windows, at most one ping in 2 s
    bench.outbox.close()


def test_stop_ends_the_loop_after_the_item_at_hand(bench: DaemonBench) -> None:
    stop = Flag()

    def endless() -> Iterator[Item]:
        while True:
            stop.set()
            yield MISSING

    Daemon(replace(bench.parts, source=endless())).run(stop)
    assert bench.publisher.listening[-1] is False


def test_a_ready_successor_ends_the_loop(bench: DaemonBench) -> None:
    answers = iter([False, False, True])
    Daemon(replace(bench.parts, source=[MISSING] * 9)).run(Flag(), lambda: next(answers))
    assert list(answers) == []


def test_a_successor_continues_the_episode_without_a_second_alert(clock: HandClock) -> None:
    def new_daemon(source: Iterable[Item], outbox: Outbox, device: str = "nursery") -> Daemon:
        decides = decision()
        bench = DaemonBench(clock, outbox=outbox, decision=decides, pipeline=pipeline(crying_between(10, 200), decides))
        return Daemon(replace(bench.parts, source=source, device=device))

    def later_blocks(start_s: float) -> Iterator[AudioBlock]:
        for block in blocks(60):
            clock.now_s = start_s + (block.start_sample + len(block.samples)) / SAMPLE_RATE
            yield block

    outbox = Outbox(OutboxSettings())
    bench = DaemonBench(clock, outbox=outbox)
    first = new_daemon(in_real_time(blocks(20), clock), outbox)
    first.run(Flag())
    clock.now_s += 2
    second = new_daemon(later_blocks(22), outbox)
    second.restore(first.snapshot())
    second.run(Flag())
    started, reminder = bench.events()
    assert (started["kind"], reminder["kind"]) == ("cry_started", "cry_reminder")
    assert (reminder["episode_id"], reminder["seq"]) == (started["episode_id"], 2)
    assert (reminder["at_s"], reminder["unanswered_s"]) == (72.0, 60.0)
    assert (reminder["onset"], reminder["at"]) == (started["onset"], "2026-01-31T03:01:12.000Z")

    renamed = new_daemon(later_blocks(90), outbox, device="cradle")
    renamed.restore(second.snapshot())
    renamed.run(Flag())
    assert bench.events()[0]["kind"] == "cry_started"
    outbox.close()

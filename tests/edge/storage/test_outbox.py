"""The outbox: no accepted event is lost and no acknowledged one returns, at any power cut."""

import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from edge.errors import StorageError
from edge.records import OutboxCounts
from edge.storage.outbox import MIGRATIONS, Outbox, OutboxSettings
from edge.storage.resilient_sqlite import Database
from edge.storage.timestamp import BootAwareTimestamp


class Clock:
    """Manual clock."""

    def __init__(self) -> None:
        self.moment = BootAwareTimestamp(boot="first", uptime_s=100.0, utc_s=1_800_000_000.0)

    def __call__(self) -> BootAwareTimestamp:
        return self.moment

    def advance(self, seconds: float) -> None:
        self.moment = replace(self.moment, uptime_s=self.moment.uptime_s + seconds, utc_s=self.moment.utc_s + seconds)

    def set_wall_clock(self, jump_s: float) -> None:
        self.moment = replace(self.moment, utc_s=self.moment.utc_s + jump_s)

    def reboot(self, after_s: float) -> None:
        self.moment = BootAwareTimestamp(self.moment.boot + "'", 20.0, self.moment.utc_s + after_s)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "outbox.sqlite"


@pytest.fixture
def outbox(path: Path, clock: Clock) -> Iterator[Outbox]:
    outbox = Outbox(OutboxSettings(path, max_events=5), clock)
    yield outbox
    outbox.close()


def drain(outbox: Outbox) -> list[str]:
    texts = []
    while event := outbox.due():
        texts.append(event.text)
        outbox.delete(event.id)
    return texts


def test_oldest_first_and_each_until_delivered(outbox: Outbox) -> None:
    outbox.add("a", rings=True)
    outbox.add("b", rings=False)
    first = outbox.due()
    assert first == outbox.due()
    assert drain(outbox) == ["a", "b"]
    assert outbox.due() is None


def test_a_full_outbox_keeps_events_that_ring(outbox: Outbox) -> None:
    for number in range(8):
        outbox.add(str(number), rings=number % 2 == 0)
    # 1, 3 and 5 made room; 7 does not ring either, but is the newest.
    assert outbox.counts() == OutboxCounts(waiting=5, dropped=3, expired=0)
    assert drain(outbox) == ["0", "2", "4", "6", "7"]


def test_a_full_outbox_of_ringing_events_drops_the_oldest(outbox: Outbox) -> None:
    for number in range(7):
        outbox.add(str(number), rings=True)
    assert drain(outbox) == ["2", "3", "4", "5", "6"]
    assert outbox.counts().dropped == 2


def test_late_then_expired(outbox: Outbox, clock: Clock) -> None:
    outbox.add("cry", rings=True)
    clock.advance(30)
    event = outbox.due()
    assert event is not None
    assert not event.late
    clock.advance(1)
    event = outbox.due()
    assert event is not None
    assert event.late
    clock.advance(569)
    assert outbox.due() is not None
    clock.advance(1)
    assert outbox.due() is None
    assert outbox.counts() == OutboxCounts(waiting=0, dropped=0, expired=1)


@pytest.mark.parametrize("jump_s", [-1e8, -60, 60, 1e8])
def test_setting_the_wall_clock_changes_no_age(outbox: Outbox, clock: Clock, jump_s: float) -> None:
    outbox.add("cry", rings=True)
    clock.set_wall_clock(jump_s)
    event = outbox.due()
    assert event is not None
    assert not event.late
    clock.advance(601)
    assert outbox.due() is None


def test_after_a_reboot_the_wall_clock_decides_and_all_is_late(outbox: Outbox, clock: Clock) -> None:
    outbox.add("old", rings=True)
    clock.advance(500)
    outbox.add("young", rings=True)
    clock.reboot(after_s=200)
    event = outbox.due()
    assert event is not None
    assert event.text == "young"
    assert event.late
    assert outbox.counts().expired == 1


def test_without_a_path_the_disk_is_not_used(clock: Clock) -> None:
    outbox = Outbox(OutboxSettings(), clock)
    outbox.add("a", rings=True)
    assert drain(outbox) == ["a"]
    outbox.close()


def test_the_next_daemon_finds_the_undelivered_events(outbox: Outbox, path: Path, clock: Clock) -> None:
    outbox.add("a", rings=True)
    outbox.close()
    reopened = Outbox(OutboxSettings(path), clock)
    assert drain(reopened) == ["a"]
    reopened.close()


@pytest.mark.parametrize("damage", ["garbage", "middle", "tail"])
def test_a_damaged_file_is_put_aside(
    damage: str, outbox: Outbox, path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(5):
        outbox.add("x" * 3000, rings=True)
    outbox.close()
    content = path.read_bytes()
    match damage:
        case "garbage":
            damaged = b"no database at all " * 500
        case "middle":
            damaged = content[:4096] + b"\xa5" * 8192 + content[12288:]
        case _:
            damaged = content[: len(content) // 2]
    path.write_bytes(damaged)

    reopened = Outbox(OutboxSettings(path), clock)
    assert reopened.due() is None
    reopened.add("new", rings=True)
    assert drain(reopened) == ["new"]
    reopened.close()
    assert path.with_name("outbox.sqlite.corrupt").read_bytes() == damaged
    assert "is damaged" in caplog.text


@pytest.mark.usefixtures("outbox")
def test_a_second_daemon_on_an_outbox_is_rejected(path: Path) -> None:
    with pytest.raises(StorageError, match=r"outbox\.sqlite: another hushd is using it"):
        Outbox(OutboxSettings(path))


def works_in_memory(outbox: Outbox, *, because: str) -> bool:
    """Check that events are delivered from memory, and that the outbox reports the reason."""
    outbox.add("cry", rings=True)
    problem = outbox.counts().problem or ""
    assert because in problem
    assert problem.endswith("until hushd restarts, events are kept in memory only")
    return "cry" in drain(outbox)


def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    with closing(Outbox(OutboxSettings(tmp_path / "nowhere" / "outbox.sqlite"))) as outbox:
        assert works_in_memory(outbox, because="check that its folder exists and is writable")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    mount = tmp_path / "disk"
    mount.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", mount], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        pytest.skip(f"cannot mount a small disk: {done.stderr.strip()}")
    yield mount
    subprocess.run(["umount", "--lazy", mount], check=True)


def fill(disk: Path) -> None:
    with suppress(OSError), (disk / "filler").open("ab", buffering=0) as filler:
        while True:
            filler.write(bytes(4096))


def test_a_disk_that_fills_up_loses_no_event(small_disk: Path, clock: Clock) -> None:
    with closing(Outbox(OutboxSettings(small_disk / "outbox.sqlite"), clock)) as outbox:
        outbox.add("on disk", rings=True)
        in_flight = outbox.due()
        assert in_flight is not None
        assert outbox.counts().problem is None
        fill(small_disk)
        outbox.add("x" * 5_000, rings=True)
        assert "the disk is full: free some space" in (outbox.counts().problem or "")
        outbox.delete(in_flight.id)  # the disk would have failed here, too
        assert drain(outbox) == ["x" * 5_000]


def test_events_on_the_full_disk_survive_a_power_cut(small_disk: Path, clock: Clock) -> None:
    settings = OutboxSettings(small_disk / "outbox.sqlite")
    with closing(Outbox(settings, clock)) as outbox:
        outbox.add("on disk", rings=True)
        fill(small_disk)
        outbox.add("x" * 5_000, rings=True)
    (small_disk / "filler").unlink()
    with closing(Outbox(settings, clock)) as reopened:
        assert reopened.counts() == OutboxCounts(waiting=1, dropped=0, expired=0)
        assert drain(reopened) == ["on disk"]


def test_a_disk_that_is_full_from_the_start(small_disk: Path, clock: Clock) -> None:
    fill(small_disk)
    with closing(Outbox(OutboxSettings(small_disk / "outbox.sqlite"), clock)) as outbox:
        assert works_in_memory(outbox, because="the disk is full: free some space")


def test_a_newer_file_on_a_full_disk_keeps_its_log(small_disk: Path, tmp_path: Path, clock: Clock) -> None:
    path, formats = tmp_path / "outbox.sqlite", (*MIGRATIONS, ("CREATE TABLE newer (text TEXT)",))
    with closing(Database("outbox", path, formats)) as newer:
        newer.do(lambda db: db.execute("INSERT INTO newer VALUES (?)", ("x" * 50_000,)))
        for part in tmp_path.glob("outbox.*"):  # as after a power cut
            shutil.copy(part, small_disk)
    fill(small_disk)
    with closing(Outbox(OutboxSettings(small_disk / "outbox.sqlite"), clock)) as outbox:
        assert works_in_memory(outbox, because="the disk is full: free some space")
    (small_disk / "filler").unlink()
    with closing(Database("outbox", small_disk / "outbox.sqlite.format-2", formats)) as newer:
        assert newer.do(lambda db: db.execute("SELECT length(text) FROM newer").fetchall()) == [(50_000,)]


def test_a_read_only_disk(small_disk: Path, clock: Clock) -> None:
    Outbox(OutboxSettings(small_disk / "outbox.sqlite"), clock).close()
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    with closing(Outbox(OutboxSettings(small_disk / "outbox.sqlite"), clock)) as outbox:
        assert works_in_memory(outbox, because="it is read-only: check its permissions")


@pytest.mark.parametrize(
    "wrong", [{"max_events": 0}, {"max_age_s": 0.0}, {"late_after_s": 601.0}, {"late_after_s": 0.0}]
)
def test_invalid_settings_are_rejected(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="outbox "):
        OutboxSettings(**wrong)  # type: ignore[arg-type]


def test_a_file_of_another_program(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("CREATE TABLE event (id INTEGER)")
    with closing(Outbox(OutboxSettings(path))) as outbox:
        assert works_in_memory(outbox, because="no column named text")


def test_a_closed_outbox_is_an_error(outbox: Outbox) -> None:
    outbox.close()
    with pytest.raises(StorageError, match="closed database"):
        outbox.due()


class PowerCuts(RuleBasedStateMachine):
    """Any sequence of events, deliveries and waits, with power cuts in between."""

    MAX_EVENTS, MAX_AGE_S = 4, 50.0

    @initialize()
    def install(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.lives = 0
        self.clock = Clock()
        self.added = 0
        self.expected: list[tuple[str, bool, float]] = []  # text, rings, uptime when added
        self.outbox = self._open(self.folder / "0")

    def _open(self, folder: Path) -> Outbox:
        folder.mkdir(exist_ok=True)
        outbox_settings = OutboxSettings(folder / "outbox.sqlite", self.MAX_EVENTS, self.MAX_AGE_S)
        return Outbox(outbox_settings, self.clock)

    @rule(rings=st.booleans())
    def add(self, rings: bool) -> None:
        self.outbox.add(str(self.added), rings=rings)
        self.expected.append((str(self.added), rings, self.clock.moment.uptime_s))
        self.added += 1
        if len(self.expected) > self.MAX_EVENTS:
            self.expected.remove(min(self.expected, key=lambda event: event[1]))

    @rule()
    def deliver(self) -> None:
        event = self.outbox.due()
        self._expire()
        assert (event and event.text) == (self.expected[0][0] if self.expected else None)
        if event:
            self.outbox.delete(event.id)
            self.outbox.delete(event.id)
            self.expected.pop(0)

    @rule(seconds=st.sampled_from([0.0, 10.0, 49.0, 51.0]))
    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @rule()
    def lose_power(self) -> None:
        """Start the next daemon with a copy of the disk as it is now."""
        self.lives += 1
        survivor = self.folder / str(self.lives)
        shutil.copytree(self.folder / str(self.lives - 1), survivor)
        self.outbox.close()
        self.outbox = self._open(survivor)

    @precondition(lambda self: self.expected)
    @invariant()
    def all_events_are_stored(self) -> None:
        assert self.outbox.counts().waiting == len(self.expected)

    def _expire(self) -> None:
        now_s = self.clock.moment.uptime_s
        self.expected = [event for event in self.expected if now_s - event[2] <= self.MAX_AGE_S]

    def teardown(self) -> None:
        if hasattr(self, "outbox"):
            self.outbox.close()
            shutil.rmtree(self.folder)


PowerCuts.TestCase.settings = settings(max_examples=20, stateful_step_count=25, deadline=None)
TestPowerCuts = PowerCuts.TestCase

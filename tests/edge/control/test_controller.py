"""The parents' wishes: obeyed, kept over restarts, ended in time; replays and impossible ones refused with a reason."""

import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge.control.controller import AlertController
from edge.detection.decision_settings import Sensitivity
from edge.errors import ModelError
from edge.protocol.commands import Message
from edge.protocol.messages import CommandReply
from edge.records import Event, EventKind

NOW = datetime(2026, 1, 31, 3, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Home:
    """A household whose decision is looked at."""

    def __init__(self, folder: Path | None = None, configured: Sensitivity = Sensitivity.NORMAL) -> None:
        self.sensed: list[Sensitivity] = []
        self.controller = AlertController(configured, self._sense, folder)

    def tell(self, name: str, text: str, at: datetime = NOW, *, retained: bool = False) -> CommandReply:
        self.controller.handle(Message(name, text.encode(), retained), at)
        return self.controller.replies[0]

    def event(self, kind: EventKind, episode_id: str = "e1") -> bool:
        return self.controller.should_publish(Event(kind, episode_id, "crying", 0.0, 1.0, 0.9, "a test"))

    def _sense(self, sensitivity: Sensitivity) -> None:
        if sensitivity is Sensitivity.LOW:
            raise ModelError("it was not measured at low sensitivity")
        self.sensed.append(sensitivity)


def test_without_a_word_everything_rings() -> None:
    home = Home()
    assert home.controller.mute_reason(NOW) is None
    assert home.controller.alert_status(NOW).sensitivity == "normal"
    assert home.controller.replies == []
    assert home.sensed == []


def test_alerts_off_and_on(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert home.tell("alerts", "off") == CommandReply("alerts", None, True, "alerts are off", NOW)
    assert home.controller.mute_reason(NOW) == "alerts off"
    assert Home(tmp_path).controller.mute_reason(NOW) == "alerts off"
    home.tell("alerts", "on")
    assert home.controller.mute_reason(NOW) is None


def test_a_snooze_ends_by_itself_and_outlives_a_restart(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.tell("snooze", "30")
    for each in home, Home(tmp_path):
        assert each.controller.mute_reason(NOW + 29 * MINUTE) == "snoozed until 2026-01-31T03:30:00.000Z"
        assert each.controller.alert_status(NOW + 29 * MINUTE).snoozed_until == NOW + 30 * MINUTE
        assert each.controller.mute_reason(NOW + 30 * MINUTE) is None


def test_a_snooze_can_be_ended(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.tell("snooze", "30")
    assert home.tell("snooze", "0").detail == "not snoozed"
    assert home.controller.mute_reason(NOW) is None


def test_a_clock_set_back_ends_a_snooze() -> None:
    home = Home()
    home.tell("snooze", "30")
    assert home.controller.mute_reason(NOW - timedelta(days=30)) is None


def test_sensitivity_switches_the_decision_and_outlives_a_restart(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.tell("sensitivity", "high")
    assert home.sensed == [Sensitivity.HIGH]
    reborn = Home(tmp_path)
    assert reborn.sensed == [Sensitivity.HIGH]
    assert reborn.controller.alert_status(NOW).sensitivity == "high"


def test_a_configuration_that_changed_since_is_the_newer_wish(tmp_path: Path) -> None:
    Home(tmp_path).tell("sensitivity", "high")
    reborn = Home(tmp_path, configured=Sensitivity.LOW)
    assert reborn.sensed == []
    assert reborn.controller.alert_status(NOW).sensitivity == "low"


def test_a_sensitivity_the_model_was_not_measured_at_is_refused() -> None:
    home = Home()
    answer = home.tell("sensitivity", "low")
    assert (answer.accepted, answer.detail) == (False, "it was not measured at low sensitivity")
    assert home.controller.alert_status(NOW).sensitivity == "normal"


def test_a_model_that_cannot_sense_as_was_asked_before(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    wishes = {"v": 1, "alerts": True, "snoozed_at": None, "snoozed_until": None}
    (tmp_path / "wishes.json").write_text(json.dumps({**wishes, "sensitivity": "low", "instead_of": "normal"}))
    assert Home(tmp_path).controller.alert_status(NOW).sensitivity == "normal"
    assert "it was not measured at low sensitivity; it stays at normal" in caplog.text


def test_an_acknowledged_episode_is_not_reminded_of() -> None:
    home = Home()
    assert home.event(EventKind.CRY_STARTED)
    assert home.event(EventKind.CRY_REMINDER)
    assert home.tell("acknowledge", "e1").detail == "no more reminders of episode e1"
    assert home.controller.alert_status(NOW).acknowledged == "e1"
    assert not home.event(EventKind.CRY_REMINDER)
    assert home.event(EventKind.CRY_SOOTHED)
    assert home.event(EventKind.CRY_ENDED)
    assert home.controller.alert_status(NOW).acknowledged is None
    assert home.event(EventKind.CRY_STARTED, "e2")
    assert home.event(EventKind.CRY_REMINDER, "e2")


def test_soothing_that_stopped_is_news_and_reminders_come_again() -> None:
    home = Home()
    home.event(EventKind.CRY_STARTED)
    home.tell("acknowledge", "latest")
    assert home.event(EventKind.CRY_RESUMED)
    assert home.event(EventKind.CRY_REMINDER)


@pytest.mark.parametrize("episode_id", ["e1", "latest"])
def test_what_is_over_cannot_be_acknowledged(episode_id: str) -> None:
    home = Home()
    home.event(EventKind.CRY_STARTED)
    home.event(EventKind.CRY_ENDED)
    assert home.tell("acknowledge", episode_id).detail == "episode e1 is not under way"
    assert home.tell("acknowledge", "e0").detail == "episode e0 is not under way"
    assert home.controller.alert_status(NOW).acknowledged is None


def test_feedback_is_kept_line_by_line(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.event(EventKind.CRY_STARTED)
    home.tell("feedback", '{"episode_id": "latest", "verdict": "false_alarm"}')
    answer = home.tell("feedback", '{"episode_id": "e0", "verdict": "right"}', NOW + MINUTE)
    assert (answer.accepted, answer.detail) == (True, "right kept for episode e0")
    assert [json.loads(line) for line in (tmp_path / "feedback.jsonl").read_text().splitlines()] == [
        {"v": 1, "episode_id": "e1", "verdict": "false_alarm", "utc": "2026-01-31T03:00:00.000Z"},
        {"v": 1, "episode_id": "e0", "verdict": "right", "utc": "2026-01-31T03:01:00.000Z"},
    ]


def test_feedback_that_cannot_be_kept_is_refused(tmp_path: Path) -> None:
    right = '{"episode_id": "e1", "verdict": "right"}'
    assert "without a state directory" in Home().tell("feedback", right).detail
    assert "cannot be written: No such file or directory" in Home(tmp_path / "gone").tell("feedback", right).detail
    (tmp_path / "feedback.jsonl").write_text("x" * 1_000_001)
    assert Home(tmp_path).tell("feedback", right).detail.endswith("is full: move it away")
    latest = '{"episode_id": "latest", "verdict": "right"}'
    assert Home(tmp_path).tell("feedback", latest).detail == "there has been no episode since hushd started"


END_OF_CALENDARS = (
    '{"v": 1, "alerts": true, "snoozed_at": "9999-12-31T23:59:59-12:00", "snoozed_until": null,'
    ' "sensitivity": null, "instead_of": null}'
)


@pytest.mark.parametrize(
    "content",
    ["", "{}", "[]", "[" * 99_999, '{"v": 2, "alerts": true}', "\0" * 99, '{"v": 1, "alerts": 1}', END_OF_CALENDARS],
)
def test_a_damaged_file_of_wishes_lets_everything_ring(
    tmp_path: Path, content: str, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "wishes.json").write_text(content)
    assert Home(tmp_path).controller.mute_reason(NOW) is None
    assert "cannot be read" in caplog.text


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    mount = tmp_path / "disk"
    mount.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", mount], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        pytest.skip(f"cannot mount a small disk: {done.stderr.strip()}")
    (mount / "filler").write_bytes(bytes(4096))
    yield mount
    subprocess.run(["umount", "--lazy", mount], check=True)


def test_a_full_disk_keeps_nothing_but_the_wish_holds(full_disk: Path) -> None:
    home = Home(full_disk)
    answer = home.tell("alerts", "off")
    assert answer.accepted
    assert answer.detail.startswith("alerts are off, until the next start only: ")
    assert "No space left on device" in answer.detail
    assert home.controller.mute_reason(NOW) == "alerts off"


def test_feedback_says_that_somebody_has_been_there(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.event(EventKind.CRY_STARTED)
    home.tell("feedback", '{"episode_id": "e0", "verdict": "false_alarm"}')
    assert home.event(EventKind.CRY_REMINDER)
    home.tell("feedback", '{"episode_id": "latest", "verdict": "false_alarm"}')
    assert not home.event(EventKind.CRY_REMINDER)
    assert home.controller.alert_status(NOW).acknowledged == "e1"
    home.event(EventKind.CRY_ENDED)
    home.tell("feedback", '{"episode_id": "latest", "verdict": "right"}')
    assert home.controller.alert_status(NOW).acknowledged is None


def test_a_command_that_comes_again_is_refused_with_its_reason(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert home.tell("snooze", '{"value": 30, "id": "x"}').accepted
    home.tell("snooze", "0")
    for each in home, Home(tmp_path):
        again = each.tell("snooze", '{"value": 30, "id": "x"}')
        assert (again.accepted, again.detail, again.id) == (False, "it came before: its id has been used", "x")
        assert each.controller.mute_reason(NOW) is None


def test_a_follower_knows_what_was_said_before() -> None:
    before, home = Home(), Home()
    before.event(EventKind.CRY_STARTED)
    before.tell("acknowledge", "latest")
    before.tell("snooze", '{"value": 30, "id": "x"}')
    before.tell("sensitivity", "high")
    home.controller.restore(before.controller.snapshot())
    assert home.controller.alert_status(NOW) == before.controller.alert_status(NOW)
    assert home.sensed == [Sensitivity.HIGH]
    assert home.controller.replies == before.controller.replies
    assert not home.event(EventKind.CRY_REMINDER)
    assert not home.tell("snooze", '{"value": 30, "id": "x"}').accepted


def test_the_last_answers_are_told_newest_first() -> None:
    home = Home()
    home.tell("alerts", "on", retained=True)
    for minutes in range(7):
        home.tell("snooze", str(minutes))
    assert [answer.detail for answer in home.controller.replies][-1] == "snoozed until 2026-01-31T03:02:00.000Z"
    assert len(home.controller.replies) == 5

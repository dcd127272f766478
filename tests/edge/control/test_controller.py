"""The controller: commands applied, kept over restarts and ended in time, or rejected with a reason."""

import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge.control.controller import AlertController
from edge.detection.decision_settings import Sensitivity
from edge.errors import ModelError
from edge.protocol.commands import CommandMessage
from edge.protocol.messages import CommandReply
from edge.records import Event, EventKind

NOW = datetime(2026, 1, 31, 3, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class ControllerBench:
    """A controller with a record of the sensitivities that it sets."""

    def __init__(self, folder: Path | None = None, configured: Sensitivity = Sensitivity.NORMAL) -> None:
        self.sensitivities: list[Sensitivity] = []
        self.controller = AlertController(configured, self._set_sensitivity, folder)

    def send(self, name: str, text: str, at: datetime = NOW, *, retained: bool = False) -> CommandReply:
        self.controller.handle(CommandMessage(name, text.encode(), retained), at)
        return self.controller.replies[0]

    def event(self, kind: EventKind, episode_id: str = "e1") -> bool:
        return self.controller.should_publish(Event(kind, episode_id, "crying", 0.0, 1.0, 0.9, "a test"))

    def _set_sensitivity(self, sensitivity: Sensitivity) -> None:
        if sensitivity is Sensitivity.LOW:
            raise ModelError("it was not measured at low sensitivity")
        self.sensitivities.append(sensitivity)


def test_without_a_command_everything_rings() -> None:
    bench = ControllerBench()
    assert bench.controller.mute_reason(NOW) is None
    assert bench.controller.alert_status(NOW).sensitivity == "normal"
    assert bench.controller.replies == []
    assert bench.sensitivities == []


def test_alerts_off_and_on(tmp_path: Path) -> None:
    bench = ControllerBench(tmp_path)
    assert bench.send("alerts", "off") == CommandReply("alerts", None, True, "alerts are off", NOW)
    assert bench.controller.mute_reason(NOW) == "alerts off"
    assert ControllerBench(tmp_path).controller.mute_reason(NOW) == "alerts off"
    bench.send("alerts", "on")
    assert bench.controller.mute_reason(NOW) is None


def test_a_snooze_ends_by_itself_and_survives_a_restart(tmp_path: Path) -> None:
    bench = ControllerBench(tmp_path)
    bench.send("snooze", "30")
    for each in bench, ControllerBench(tmp_path):
        assert each.controller.mute_reason(NOW + 29 * MINUTE) == "snoozed until 2026-01-31T03:30:00.000Z"
        assert each.controller.alert_status(NOW + 29 * MINUTE).snoozed_until == NOW + 30 * MINUTE
        assert each.controller.mute_reason(NOW + 30 * MINUTE) is None


def test_a_snooze_can_be_ended(tmp_path: Path) -> None:
    bench = ControllerBench(tmp_path)
    bench.send("snooze", "30")
    assert bench.send("snooze", "0").detail == "not snoozed"
    assert bench.controller.mute_reason(NOW) is None


def test_a_clock_set_back_ends_a_snooze() -> None:
    bench = ControllerBench()
    bench.send("snooze", "30")
    assert bench.controller.mute_reason(NOW - timedelta(days=30)) is None


def test_sensitivity_switches_the_decision_and_survives_a_restart(tmp_path: Path) -> None:
    bench = ControllerBench(tmp_path)
    bench.send("sensitivity", "high")
    assert bench.sensitivities == [Sensitivity.HIGH]
    restarted = ControllerBench(tmp_path)
    assert restarted.sensitivities == [Sensitivity.HIGH]
    assert restarted.controller.alert_status(NOW).sensitivity == "high"


def test_a_configuration_changed_since_wins_over_the_command(tmp_path: Path) -> None:
    ControllerBench(tmp_path).send("sensitivity", "high")
    restarted = ControllerBench(tmp_path, configured=Sensitivity.LOW)
    assert restarted.sensitivities == []
    assert restarted.controller.alert_status(NOW).sensitivity == "low"


def test_a_sensitivity_without_an_operating_point_is_rejected() -> None:
    bench = ControllerBench()
    answer = bench.send("sensitivity", "low")
    assert (answer.accepted, answer.detail) == (False, "it was not measured at low sensitivity")
    assert bench.controller.alert_status(NOW).sensitivity == "normal"


def test_a_new_model_without_the_saved_sensitivity_keeps_the_configured_one(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    wishes = {"v": 1, "alerts": True, "snoozed_at": None, "snoozed_until": None}
    (tmp_path / "wishes.json").write_text(json.dumps({**wishes, "sensitivity": "low", "instead_of": "normal"}))
    assert ControllerBench(tmp_path).controller.alert_status(NOW).sensitivity == "normal"
    assert "it was not measured at low sensitivity; it stays at normal" in caplog.text


def test_an_acknowledged_episode_has_no_reminders() -> None:
    bench = ControllerBench()
    assert bench.event(EventKind.CRY_STARTED)
    assert bench.event(EventKind.CRY_REMINDER)
    assert bench.send("acknowledge", "e1").detail == "no more reminders of episode e1"
    assert bench.controller.alert_status(NOW).acknowledged == "e1"
    assert not bench.event(EventKind.CRY_REMINDER)
    assert bench.event(EventKind.CRY_SOOTHED)
    assert bench.event(EventKind.CRY_ENDED)
    assert bench.controller.alert_status(NOW).acknowledged is None
    assert bench.event(EventKind.CRY_STARTED, "e2")
    assert bench.event(EventKind.CRY_REMINDER, "e2")


def test_after_soothing_stops_reminders_come_again() -> None:
    bench = ControllerBench()
    bench.event(EventKind.CRY_STARTED)
    bench.send("acknowledge", "latest")
    assert bench.event(EventKind.CRY_RESUMED)
    assert bench.event(EventKind.CRY_REMINDER)


@pytest.mark.parametrize("episode_id", ["e1", "latest"])
def test_an_ended_episode_cannot_be_acknowledged(episode_id: str) -> None:
    bench = ControllerBench()
    bench.event(EventKind.CRY_STARTED)
    bench.event(EventKind.CRY_ENDED)
    assert bench.send("acknowledge", episode_id).detail == "episode e1 is not under way"
    assert bench.send("acknowledge", "e0").detail == "episode e0 is not under way"
    assert bench.controller.alert_status(NOW).acknowledged is None


def test_feedback_is_stored_line_by_line(tmp_path: Path) -> None:
    bench = ControllerBench(tmp_path)
    bench.event(EventKind.CRY_STARTED)
    bench.send("feedback", '{"episode_id": "latest", "verdict": "false_alarm"}')
    answer = bench.send("feedback", '{"episode_id": "e0", "verdict": "right"}', NOW + MINUTE)
    assert (answer.accepted, answer.detail) == (True, "right kept for episode e0")
    assert [json.loads(line) for line in (tmp_path / "feedback.jsonl").read_text().splitlines()] == [
        {"v": 1, "episode_id": "e1", "verdict": "false_alarm", "utc": "2026-01-31T03:00:00.000Z"},
        {"v": 1, "episode_id": "e0", "verdict": "right", "utc": "2026-01-31T03:01:00.000Z"},
    ]


def test_feedback_that_cannot_be_stored_is_rejected(tmp_path: Path) -> None:
    right = '{"episode_id": "e1", "verdict": "right"}'
    assert "without a state directory" in ControllerBench().send("feedback", right).detail
    assert (
        "cannot be written: No such file or directory"
        in ControllerBench(tmp_path / "gone").send("feedback", right).detail
    )
    (tmp_path / "feedback.jsonl").write_text("x" * 1_000_001)
    assert ControllerBench(tmp_path).send("feedback", right).detail.endswith("is full: move it away")
    latest = '{"episode_id": "latest", "verdict": "right"}'
    assert ControllerBench(tmp_path).send("feedback", latest).detail == "there has been no episode since hushd started"


END_OF_CALENDARS = (
    '{"v": 1, "alerts": true, "snoozed_at": "9999-12-31T23:59:59-12:00", "snoozed_until": null,'
    ' "sensitivity": null, "instead_of": null}'
)


@pytest.mark.parametrize(
    "content",
    ["", "{}", "[]", "[" * 99_999, '{"v": 2, "alerts": true}', "\0" * 99, '{"v": 1, "alerts": 1}', END_OF_CALENDARS],
)
def test_with_damaged_preferences_everything_rings(
    tmp_path: Path, content: str, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "wishes.json").write_text(content)
    assert ControllerBench(tmp_path).controller.mute_reason(NOW) is None
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


def test_on_a_full_disk_a_command_applies_until_the_next_start(full_disk: Path) -> None:
    bench = ControllerBench(full_disk)
    answer = bench.send("alerts", "off")
    assert answer.accepted
    assert answer.detail.startswith("alerts are off, until the next start only: ")
    assert "No space left on device" in answer.detail
    assert bench.controller.mute_reason(NOW) == "alerts off"


def test_feedback_acknowledges_the_episode_under_way(tmp_path: Path) -> None:
    bench = ControllerBench(tmp_path)
    bench.event(EventKind.CRY_STARTED)
    bench.send("feedback", '{"episode_id": "e0", "verdict": "false_alarm"}')
    assert bench.event(EventKind.CRY_REMINDER)
    bench.send("feedback", '{"episode_id": "latest", "verdict": "false_alarm"}')
    assert not bench.event(EventKind.CRY_REMINDER)
    assert bench.controller.alert_status(NOW).acknowledged == "e1"
    bench.event(EventKind.CRY_ENDED)
    bench.send("feedback", '{"episode_id": "latest", "verdict": "right"}')
    assert bench.controller.alert_status(NOW).acknowledged is None


def test_a_repeated_command_is_rejected_with_its_reason(tmp_path: Path) -> None:
    bench = ControllerBench(tmp_path)
    assert bench.send("snooze", '{"value": 30, "id": "x"}').accepted
    bench.send("snooze", "0")
    for each in bench, ControllerBench(tmp_path):
        again = each.send("snooze", '{"value": 30, "id": "x"}')
        assert (again.accepted, again.detail, again.id) == (False, "it came before: its id has been used", "x")
        assert each.controller.mute_reason(NOW) is None


def test_a_restored_controller_continues() -> None:
    before, bench = ControllerBench(), ControllerBench()
    before.event(EventKind.CRY_STARTED)
    before.send("acknowledge", "latest")
    before.send("snooze", '{"value": 30, "id": "x"}')
    before.send("sensitivity", "high")
    bench.controller.restore(before.controller.snapshot())
    assert bench.controller.alert_status(NOW) == before.controller.alert_status(NOW)
    assert bench.sensitivities == [Sensitivity.HIGH]
    assert bench.controller.replies == before.controller.replies
    assert not bench.event(EventKind.CRY_REMINDER)
    assert not bench.send("snooze", '{"value": 30, "id": "x"}').accepted


def test_the_last_replies_come_newest_first() -> None:
    bench = ControllerBench()
    bench.send("alerts", "on", retained=True)
    for minutes in range(7):
        bench.send("snooze", str(minutes))
    assert [answer.detail for answer in bench.controller.replies][-1] == "snoozed until 2026-01-31T03:02:00.000Z"
    assert len(bench.controller.replies) == 5

"""Commands that come twice, late or from the future, before and after a restart."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.control.command_dedup import CommandDeduplicator
from edge.protocol.commands import Acknowledge, Command

NOW = datetime(2026, 1, 31, 3, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
GOING = Acknowledge("e1")


def test_a_command_without_id_and_time_may_come_again() -> None:
    deduplicator = CommandDeduplicator(None)
    assert [deduplicator.reject_reason("acknowledge", Command(GOING), NOW) for _ in range(3)] == [None] * 3


def test_an_id_is_used_once_even_over_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "commands.json"
    deduplicator = CommandDeduplicator(file)
    assert deduplicator.reject_reason("acknowledge", Command(GOING, "x"), NOW) is None
    for each in deduplicator, CommandDeduplicator(file):
        assert each.reject_reason("snooze", Command(GOING, "x"), NOW) == "it came before: its id has been used"


def test_an_older_command_of_a_name_is_rejected_even_over_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "commands.json"
    deduplicator = CommandDeduplicator(file)
    assert deduplicator.reject_reason("alerts", Command(GOING, "x", NOW), NOW) is None
    for each in deduplicator, CommandDeduplicator(file):
        late = each.reject_reason("alerts", Command(GOING, "y", NOW - MINUTE), NOW)
        assert late == "it is older than the last one, of 2026-01-31T03:00:00.000Z"
    assert deduplicator.reject_reason("snooze", Command(GOING, "y", NOW - MINUTE), NOW) is None
    assert deduplicator.reject_reason("alerts", Command(GOING, "z", NOW + MINUTE), NOW) is None


def test_a_command_minutes_late_is_rejected_even_as_the_newest() -> None:
    late = CommandDeduplicator(None).reject_reason("alerts", Command(GOING, "x", NOW - 6 * MINUTE), NOW)
    assert late == "it was given at 2026-01-31T02:54:00.000Z and comes too late; here it is 2026-01-31T03:00:00.000Z"


def test_a_wrong_clock_does_not_make_other_commands_old() -> None:
    deduplicator = CommandDeduplicator(None)
    future = deduplicator.reject_reason("alerts", Command(GOING, "x", NOW + timedelta(days=999)), NOW)
    assert future is not None
    assert future.startswith("it comes from the future")
    assert deduplicator.reject_reason("alerts", Command(GOING, "x", NOW), NOW) is None


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"v": 2}', '{"v": 1, "ids": 5, "last_at": {}}', '{"v": 1, "ids": [], "last_at": []}',
                '{"v": 1, "ids": [], "last_at": {"alerts": "soon"}}', "\0" * 99, "[" * 99_999,
                '{"v": 1, "ids": [], "last_at": {"alerts": "9999-12-31T23:59:59-12:00"}}'],
)  # fmt: skip
def test_a_damaged_file_is_a_warning_and_commands_are_accepted(
    tmp_path: Path, content: str, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "commands.json"
    file.write_text(content)
    assert CommandDeduplicator(file).reject_reason("alerts", Command(GOING, "x", NOW), NOW) is None
    assert "cannot be read" in caplog.text
    assert json.loads(file.read_text())["ids"] == ["x"]


def test_a_failing_disk_is_a_warning_and_commands_are_accepted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert (
        CommandDeduplicator(tmp_path / "gone" / "commands.json").reject_reason("alerts", Command(GOING, "x"), NOW)
        is None
    )
    assert "cannot be written (No such file or directory)" in caplog.text


@given(st.lists(st.sampled_from("abcdef"), max_size=30))
def test_no_id_is_accepted_twice(ids: list[str]) -> None:
    deduplicator = CommandDeduplicator(None)
    accepted = [each for each in ids if deduplicator.reject_reason("alerts", Command(GOING, each), NOW) is None]
    assert len(accepted) == len(set(ids))

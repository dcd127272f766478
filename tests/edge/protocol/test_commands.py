"""Commands: every valid spelling, and rejections of others."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.detection.decision_settings import Sensitivity
from edge.protocol.commands import (
    MAX_BYTES,
    Acknowledge,
    Action,
    Alerts,
    Command,
    CommandMessage,
    Feedback,
    Rejection,
    SetSensitivity,
    Snooze,
    Verdict,
    parse,
)

NAMES = ["alerts", "snooze", "sensitivity", "acknowledge", "feedback"]


def parse_text(name: str, text: str) -> Command | Rejection:
    return parse(CommandMessage(name, text.encode(), retained=False))


@pytest.mark.parametrize(
    ("name", "text", "command"),
    [
        ("alerts", "on", Alerts(True)),
        ("alerts", " OFF\n", Alerts(False)),
        ("alerts", '{"value": "off"}', Alerts(False)),
        ("snooze", "30", Snooze(30.0)),
        ("snooze", "0", Snooze(0.0)),
        ("snooze", '{"value": 0.5}', Snooze(0.5)),
        ("snooze", '{"value": "720"}', Snooze(720.0)),
        ("sensitivity", "high", SetSensitivity(Sensitivity.HIGH)),
        ("acknowledge", "latest", Acknowledge("latest")),
        ("acknowledge", '{"value": "a1:b-c.d_e"}', Acknowledge("a1:b-c.d_e")),
        ("feedback", '{"episode_id": "e1", "verdict": "false_alarm"}', Feedback("e1", Verdict.FALSE_ALARM)),
        ("feedback", '{"verdict": "right", "episode_id": "latest"}', Feedback("latest", Verdict.RIGHT)),
    ],
)
def test_valid_commands(name: str, text: str, command: Action) -> None:
    assert parse_text(name, text) == Command(command)


def test_a_command_has_an_id_and_the_time_of_sending() -> None:
    command = parse_text("snooze", '{"value": 5, "id": "4f1c", "at": "2026-01-31T04:12:45+01:00"}')
    assert command == Command(Snooze(5.0), "4f1c", datetime(2026, 1, 31, 3, 12, 45, tzinfo=UTC))


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("alarms", "on", "there is no such command, only alerts, snooze, sensitivity, acknowledge, feedback"),
        ("alerts", "", "it must say on or off, not ''"),
        ("alerts", "maybe", "it must say on or off, not 'maybe'"),
        ("alerts", "true", "it must say on or off"),
        ("alerts", '{"value": true}', "value must be a word or a number"),
        ("alerts", '{"alerts": "on"}', "apart from id and at, it must contain value, and no other field"),
        ("alerts", '{"value": "on", "until": 3}', "it must contain value, and no other field"),
        ("alerts", '{"value": "on"', "malformed: Expecting"),
        ("alerts", '{"value": "on", "id": ""}', "id must be 1 to 64 letters"),
        ("alerts", '{"value": "on", "at": "noon"}', "Invalid isoformat string"),
        ("alerts", '{"value": "on", "at": "2026-01-31T03:12:45"}', "at needs a time zone"),
        ("alerts", '{"value": "on", "at": "0001-01-01T00:00:00+14:00"}', "at must be between the years 1 and 9999"),
        ("alerts", '{"value": "on", "at": "9999-12-31T23:00:00-14:00"}', "at must be between the years 1 and 9999"),
        ("alerts", '{"value": "on", "at": null}', "at must be a word or a number"),
        ("snooze", "-1", "a number from 0 to 720, not '-1'"),
        ("snooze", "721", "a number from 0 to 720"),
        ("snooze", "nan", "a number from 0 to 720"),
        ("snooze", '{"value": NaN}', "a number from 0 to 720"),
        ("snooze", '{"value": 1e999}', "a number from 0 to 720"),
        ("snooze", "half an hour", "a number from 0 to 720"),
        ("snooze", "7_2", "a number from 0 to 720"),
        ("snooze", "\u0663", "a number from 0 to 720"),
        ("sensitivity", "extreme", "it must say low or normal or high, not 'extreme'"),
        ("acknowledge", "", "episode_id must be 1 to 64 letters"),
        ("acknowledge", "../x", "episode_id must be 1 to 64 letters"),
        ("acknowledge", "x" * 65, "not 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...'"),
        ("feedback", "right", "it must contain episode_id and verdict, and no other field"),
        ("feedback", '{"episode_id": "e1", "verdict": "wrong"}', "right or false_alarm or somebody_was_there"),
        ("feedback", '{"episode_id": ["e1"], "verdict": "right"}', "episode_id must be a word"),
        ("alerts", '{"value": ' + "[" * 490, "malformed"),
    ],
)
def test_invalid_commands_are_rejected(name: str, text: str, reason: str) -> None:
    rejection = parse_text(name, text)
    assert isinstance(rejection, Rejection)
    assert reason in rejection.reason


@pytest.mark.parametrize(
    ("name", "text", "retained", "identity"),
    [
        ("snooze", '{"value": "soon", "id": "7"}', False, "7"),
        ("snooze", '{"value": 30, "at": "noon", "id": "7"}', False, "7"),
        ("alarms", '{"value": "on", "id": "7"}', False, "7"),
        ("alerts", '{"value": "on", "id": "7"}', True, "7"),
        ("alerts", '{"value": "on", "id": "a b"}', False, None),
        ("alerts", '{"value": "on", "id": "7"', False, None),
    ],
)
def test_a_rejection_has_the_id_of_the_command_where_it_is_readable(
    name: str, text: str, retained: bool, identity: str | None
) -> None:
    rejection = parse(CommandMessage(name, text.encode(), retained=retained))
    assert isinstance(rejection, Rejection)
    assert rejection.id == identity


def test_a_retained_command_is_rejected() -> None:
    rejection = parse(CommandMessage("alerts", b"off", retained=True))
    assert isinstance(rejection, Rejection)
    assert rejection.reason.startswith("it is retained")


def test_a_payload_that_is_too_long_is_rejected() -> None:
    assert isinstance(parse_text("snooze", "5".rjust(MAX_BYTES)), Command)
    assert parse_text("snooze", "5".rjust(MAX_BYTES + 1)) == Rejection("it is longer than 512 bytes")


def test_bytes_that_are_not_utf_8_are_rejected() -> None:
    assert isinstance(parse(CommandMessage("alerts", b"\xff\xfe", retained=False)), Rejection)


@settings(deadline=None)
@given(st.sampled_from(NAMES), st.binary(max_size=600))
def test_any_payload_is_a_command_or_a_rejection(name: str, payload: bytes) -> None:
    assert isinstance(parse(CommandMessage(name, payload, retained=False)), Command | Rejection)


FIELDS = st.dictionaries(
    st.sampled_from(["value", "id", "at", "verdict", "episode_id"]),
    st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=9) | st.integers(), st.lists),
)


@settings(deadline=None)
@given(st.sampled_from(NAMES), FIELDS)
def test_any_object_is_a_command_or_a_rejection(name: str, fields: dict[str, object]) -> None:
    assert isinstance(parse_text(name, json.dumps(fields)), Command | Rejection)

"""Commands: what a parent may say, in every spelling allowed, and nothing else."""

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
    Feedback,
    Message,
    Rejection,
    SetSensitivity,
    Snooze,
    Verdict,
    parse,
)

NAMES = ["alerts", "snooze", "sensitivity", "acknowledge", "feedback"]


def sent(name: str, text: str) -> Command | Rejection:
    return parse(Message(name, text.encode(), retained=False))


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
def test_what_can_be_said(name: str, text: str, command: Action) -> None:
    assert sent(name, text) == Command(command)


def test_a_command_says_who_it_is_and_when_it_was_given() -> None:
    order = sent("snooze", '{"value": 5, "id": "4f1c", "at": "2026-01-31T04:12:45+01:00"}')
    assert order == Command(Snooze(5.0), "4f1c", datetime(2026, 1, 31, 3, 12, 45, tzinfo=UTC))


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
def test_what_is_refused(name: str, text: str, reason: str) -> None:
    refusal = sent(name, text)
    assert isinstance(refusal, Rejection)
    assert reason in refusal.reason


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
def test_a_refusal_says_which_command_it_refuses_where_that_can_be_read(
    name: str, text: str, retained: bool, identity: str | None
) -> None:
    refusal = parse(Message(name, text.encode(), retained=retained))
    assert isinstance(refusal, Rejection)
    assert refusal.id == identity


def test_a_retained_command_is_refused() -> None:
    refusal = parse(Message("alerts", b"off", retained=True))
    assert isinstance(refusal, Rejection)
    assert refusal.reason.startswith("it is retained")


def test_what_is_too_long_is_not_even_read() -> None:
    assert isinstance(sent("snooze", "5".rjust(MAX_BYTES)), Command)
    assert sent("snooze", "5".rjust(MAX_BYTES + 1)) == Rejection("it is longer than 512 bytes")


def test_bytes_that_are_no_text_are_refused() -> None:
    assert isinstance(parse(Message("alerts", b"\xff\xfe", retained=False)), Rejection)


@settings(deadline=None)
@given(st.sampled_from(NAMES), st.binary(max_size=600))
def test_whatever_comes_is_an_order_or_a_refusal(name: str, payload: bytes) -> None:
    assert isinstance(parse(Message(name, payload, retained=False)), Command | Rejection)


FIELDS = st.dictionaries(
    st.sampled_from(["value", "id", "at", "verdict", "episode_id"]),
    st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=9) | st.integers(), st.lists),
)


@settings(deadline=None)
@given(st.sampled_from(NAMES), FIELDS)
def test_whatever_object_comes_too(name: str, fields: dict[str, object]) -> None:
    assert isinstance(sent(name, json.dumps(fields)), Command | Rejection)

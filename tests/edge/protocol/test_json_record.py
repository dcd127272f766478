"""JSON records: what is written is read again, and each wrong field is named."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.protocol import json_record

UTC_TIME = datetime(2026, 1, 31, 3, 12, 45, tzinfo=UTC)


class Color(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, slots=True)
class Part:
    label: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Whole:
    name: str
    level: float
    is_on: bool
    color: Color | None
    utc: datetime
    parts: tuple[Part, ...]
    times: dict[str, datetime]
    value: int | str = 0


WHOLE = Whole("a", -3.5, True, Color.BLUE, UTC_TIME, (Part("b"), Part("c", 2)), {"x": UTC_TIME}, "v")
FIELDS: Mapping[str, Any] = json_record.encode(WHOLE)


def test_a_record_survives_the_way_through_json() -> None:
    assert json_record.decode(Whole, json_record.parse(json.dumps(FIELDS))) == WHOLE


def test_fields_keep_their_order_and_times_take_the_given_format() -> None:
    fields = json_record.encode(WHOLE, lambda time: f"{time:%H:%M}")
    assert list(fields)[:3] == ["name", "level", "is_on"]
    assert (fields["utc"], fields["times"]) == ("03:12", {"x": "03:12"})


def test_unknown_fields_are_ignored_and_defaults_may_be_missing() -> None:
    assert json_record.decode(Part, {"label": "b", "future": 1}) == Part("b")


def test_a_time_becomes_utc() -> None:
    assert json_record.decode(Whole, {**FIELDS, "utc": "2026-01-31T04:12:45+01:00"}).utc == UTC_TIME


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("name", 5, "name must be text, is 5"),
        ("name", None, "name must be text, is null"),
        ("level", "loud", "level must be a number, is 'loud'"),
        ("level", True, "level must be a number, is true"),
        ("level", float("nan"), "level must be a finite number"),
        ("level", 10**400, "level must be a finite number"),
        ("is_on", 1, "is_on must be true or false, is 1"),
        ("color", "green", "color must be one of red, blue, is 'green'"),
        ("utc", "noon", "utc: Invalid isoformat string: 'noon'"),
        ("utc", "2026-01-31T03:12:45", "utc needs a time zone"),
        ("utc", "9999-12-31T23:59:59-12:00", "utc must be between the years 1 and 9999"),
        ("parts", {}, "parts must be a list, is {}"),
        ("parts", [{"label": "b"}, {"count": 2}], "parts[1].label is missing"),
        ("parts", [{"label": "b", "count": 1.5}], "parts[0].count must be a whole number, is 1.5"),
        ("times", [], "times must be an object, is []"),
        ("times", {"x": "soon"}, "times.x: Invalid isoformat string"),
        ("value", 1.5, "value must be text, is 1.5"),
    ],
)
def test_a_wrong_field_is_named_with_its_value(name: str, value: object, error: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - its text is checked below
        json_record.decode(Whole, {**FIELDS, name: value})
    assert error in str(caught.value)


def test_a_long_value_is_shortened() -> None:
    with pytest.raises(ValueError, match=r"'x{40}\.\.\.'$"):
        json_record.decode(Whole, {**FIELDS, "color": "x" * 99})


@pytest.mark.parametrize("content", ["", "[]", "5", "{", b"\xff", b"\0" * 9, "[" * 99_999])
def test_anything_but_an_object_is_refused(content: str | bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of several kinds
        json_record.parse(content)


@pytest.mark.parametrize("content", ["{}", '{"v": 2}', '{"v": "1"}'])
def test_another_version_is_refused(content: str) -> None:
    with pytest.raises(ValueError, match="v must be 1, is"):
        json_record.parse(content, 1)


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=9) | st.integers(), st.lists))
def test_any_value_of_a_field_is_read_or_refused(value: object) -> None:
    for name in FIELDS:
        try:
            json_record.decode(Whole, {**FIELDS, name: value})
        except ValueError as error:
            assert str(error).startswith(name)  # noqa: PT017 - either outcome is right

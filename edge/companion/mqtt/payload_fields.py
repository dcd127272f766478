"""Fields of a payload with their checks; a missing or wrong one raises a ValueError that names it and its value."""

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from edge.protocol import json_record
from edge.protocol.json_record import shorten

_MAX_TEXT = 500
"""Longest text that is kept, characters; the rest is cut off."""


def get_value(fields: Mapping[str, Any], name: str) -> Any:
    """Return the value of a field that must be there."""
    if name not in fields:
        raise ValueError(f"`{name}` is missing")
    return fields[name]


def get_text(fields: Mapping[str, Any], name: str) -> str:
    """Return a text that is not empty, at most its first 500 characters."""
    value = get_value(fields, name)
    if not isinstance(value, str) or not value:
        raise ValueError(f"`{name}` must be text, is {shorten(value)}")
    return value[:_MAX_TEXT]


def get_optional_text(fields: Mapping[str, Any], name: str) -> str | None:
    """Return a text as ``get_text`` does, or None for null."""
    return None if get_value(fields, name) is None else get_text(fields, name)


def get_number(fields: Mapping[str, Any], name: str) -> float:
    """Return a finite number."""
    value = get_value(fields, name)
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"`{name}` must be a finite number, is {shorten(value)}")
    return number


def get_time(fields: Mapping[str, Any], name: str) -> datetime:
    """Return the UTC time of an ISO 8601 text with a time zone."""
    return json_record.parse_time(get_text(fields, name), name)

"""JSON from and into frozen dataclasses: each field is the JSON key of the same name.

Supported types: text, numbers, booleans, ``StrEnum``, times with a time zone, ``None``, other dataclasses, and tuples
and mappings of those. Keys that the dataclass lacks are ignored. A field with a default may be missing.
"""

import dataclasses
import json
import math
import types
import typing
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

T = TypeVar("T")

_MAX_SHOWN = 40
"""Characters of a wrong value that an error quotes."""
_KINDS = {bool: "true or false", str: "text", int: "a whole number", float: "a number", types.NoneType: "null"}


def parse(content: bytes | str, version: int | None = None) -> dict[str, Any]:
    """Return the JSON object in ``content``; raise ValueError for anything else, or for another ``v``."""
    try:
        fields = json.loads(content)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not isinstance(fields, dict):
        raise ValueError(f"it must be a JSON object, is {shorten(fields)}")  # noqa: TRY004 - a wrong value, not a wrong call
    if version is not None and fields.get("v") != version:
        raise ValueError(f"v must be {version}, is {shorten(fields.get('v'))}: another version of hushd wrote it")
    return fields


def decode(cls: type[T], fields: Mapping[str, Any], path: str = "") -> T:
    """Return the dataclass ``cls`` with these fields; raise ValueError that names the wrong one.

    ``path`` precedes the names in errors, such as ``commands.``.
    """
    hints = typing.get_type_hints(cls)
    values = {}
    for field in dataclasses.fields(cls):  # type: ignore[arg-type] # a dataclass, says the docstring
        if field.name in fields:
            values[field.name] = _decode(hints[field.name], fields[field.name], path + field.name)
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise ValueError(f"{path}{field.name} is missing")
    return cls(**values)


def encode(value: Any, format_time: Callable[[datetime], str] = datetime.isoformat) -> Any:
    """Return ``value``, often a dataclass, as what ``json.dumps`` takes, its fields in order."""
    if dataclasses.is_dataclass(value):
        return {each.name: encode(getattr(value, each.name), format_time) for each in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {key: encode(each, format_time) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [encode(each, format_time) for each in value]
    return format_time(value) if isinstance(value, datetime) else value


def parse_time(text: str, name: str) -> datetime:
    """Return the UTC time in an ISO 8601 ``text``; raise ValueError where it has no time zone."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
    if time.tzinfo is None:
        raise ValueError(f"{name} needs a time zone, such as the Z of 2026-01-31T03:12:45Z, is {shorten(text)}")
    try:
        return time.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{name} must be between the years 1 and 9999 in UTC, is {shorten(text)}") from None


def shorten(value: object) -> str:
    """Return ``value`` as an error quotes it, at most 40 characters of it; null, true and false as in JSON."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, str):
        return repr(value if len(value) <= _MAX_SHOWN else f"{value[:_MAX_SHOWN]}...")
    return f"{value!r:.{_MAX_SHOWN}}"


def _decode(declared: Any, value: Any, name: str) -> Any:
    if declared is Any:
        return value
    if isinstance(declared, types.UnionType):
        return _decode_union(declared, value, name)
    origin, arguments = typing.get_origin(declared), typing.get_args(declared)
    if origin is tuple:
        if not isinstance(value, list):
            raise ValueError(f"{name} must be a list, is {shorten(value)}")
        return tuple(_decode(arguments[0], each, f"{name}[{index}]") for index, each in enumerate(value))
    if origin in (dict, Mapping) or dataclasses.is_dataclass(declared):
        if not isinstance(value, dict):
            raise ValueError(f"{name} must be an object, is {shorten(value)}")
        if dataclasses.is_dataclass(declared):
            return decode(typing.cast(type, declared), value, f"{name}.")
        return {key: _decode(arguments[1], each, f"{name}.{key}") for key, each in value.items()}
    return _decode_scalar(declared, value, name)


def _decode_union(declared: types.UnionType, value: Any, name: str) -> Any:
    """Return the value as the first member that fits; raise the last member's error if no member fits."""
    *others, last = sorted(typing.get_args(declared), key=lambda each: each is not types.NoneType)
    for other in others:
        try:
            return _decode(other, value, name)
        except ValueError:
            continue
    return _decode(last, value, name)


def _decode_scalar(declared: type, value: Any, name: str) -> Any:
    if declared is datetime:
        return parse_time(_decode_scalar(str, value, name), name)
    if issubclass(declared, StrEnum):
        if value not in list(declared):
            raise ValueError(f"{name} must be one of {', '.join(declared)}, is {shorten(value)}")
        return declared(value)
    if declared not in _KINDS:
        raise TypeError(f"{name}: no reader for {declared}")
    accepted = (int, float) if declared is float else declared
    if not isinstance(value, accepted) or (isinstance(value, bool) and declared is not bool):
        raise ValueError(f"{name} must be {_KINDS[declared]}, is {shorten(value)}")
    return _finite(value, name) if declared is float else value


def _finite(value: Any, name: str) -> float:
    try:
        number = float(value)
    except OverflowError:  # an integer of more than 308 digits
        number = math.inf
    if not math.isfinite(number):
        raise ValueError(f"{name} must be a finite number, is {shorten(value)}")
    return number

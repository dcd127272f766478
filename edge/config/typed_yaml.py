"""Reader of YAML into frozen dataclasses; a mistake is ``FILE:LINE: problem; remedy``.

The types are those of the dataclass and not YAML's guesses: a password ``0123`` stays text, and a name ``no`` does not
become false. Keys must be known and unique.
"""

import dataclasses
import math
import re
import types
import typing
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from edge.errors import ConfigurationError
from label_schema import yaml_document
from label_schema.errors import DocumentError
from label_schema.yaml_document import Entry

T = TypeVar("T")

_BOOLEANS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def parse(text: str, cls: type[T], where: str, removed: Mapping[str, str] | None = None) -> T:
    """Return the dataclass ``cls`` with the values in ``text``; a missing key keeps its default.

    ``where`` names the file. ``removed`` has the keys of former versions, with advice for each. Raise
    ConfigurationError for a mistake.
    """
    try:
        return _Reader(removed or {}).record(yaml_document.parse(text, where), cls)
    except DocumentError as error:
        raise ConfigurationError(str(error)) from None


class _Reader:
    """Reads the entries of one file as the types of a dataclass."""

    def __init__(self, removed: Mapping[str, str]) -> None:
        self._removed = removed

    def record(self, entry: Entry, cls: type[T]) -> T:
        if entry.is_null:  # an empty file, or a section with every line commented out
            return cls()
        if not isinstance(entry.value, dict):
            entry.refuse(f"{entry.path or 'the file'} must hold `key: value` lines")
        for former in entry.value.values():
            if advice := self._removed.get(former.path):
                former.refuse(f"{former.path} has been removed: {advice}")
        declared = typing.get_type_hints(cls)
        given = entry.fields(optional=tuple(declared))
        values = {key: self._value(value, declared[key]) for key, value in given.items()}
        try:
            return cls(**values)
        except ValueError as error:
            # The settings' checks name their fields: point to the first of those in the file.
            problem = str(error).removeprefix(f"{entry.path} ")
            words = re.findall(r"\w+", problem)
            wrong = next((given[word] for word in words if word in given), entry)
            separator = "." if words[0] in declared else ": "
            wrong.refuse(f"{entry.path}{separator}{problem}" if entry.path else problem)

    def _value(self, entry: Entry, declared: Any) -> Any:
        if dataclasses.is_dataclass(declared):
            return self.record(entry, typing.cast(type, declared))
        if isinstance(declared, types.UnionType):
            if entry.is_null:
                return None
            (declared,) = [kind for kind in typing.get_args(declared) if kind is not types.NoneType]
        if typing.get_origin(declared) is tuple:
            if not isinstance(entry.value, list):
                entry.refuse(f"{entry.path} must be a list: [one, another], or a line `- one` for each")
            return tuple(self._value(item, typing.get_args(declared)[0]) for item in entry.value)
        if not isinstance(entry.value, str):
            entry.refuse(f"{entry.path} must be a single value")
        if entry.is_null:
            entry.refuse(f"{entry.path} has no value; give one or remove the line")
        return _scalar(entry, entry.value, declared)


def _scalar(entry: Entry, text: str, declared: Any) -> Any:
    name = entry.path
    if control := [character for character in text if unicodedata.category(character) in ("Cc", "Cs")]:
        entry.refuse(f"{name} contains the control character {control[0]!r}: remove it")
    if declared is str:
        return text
    if declared is Path:
        try:
            return Path(text).expanduser()
        except RuntimeError:
            entry.refuse(f"{name} begins with a home folder that does not exist: `{text}`")
    if declared is bool:
        if text.lower() not in _BOOLEANS:
            entry.refuse(f"{name} must be true or false, is `{text}`")
        return _BOOLEANS[text.lower()]
    if declared in (int, float):
        number = _number(text, declared)
        if number is None:
            entry.refuse(f"{name} must be a {'whole ' * (declared is int)}number, is `{text}`")
        return number
    if isinstance(declared, type) and issubclass(declared, StrEnum):
        if text not in list(declared):
            entry.refuse(f"{name} must be one of {', '.join(declared)}, is `{text}`")
        return declared(text)
    raise TypeError(f"{name}: no reader for {declared}")


def _number(text: str, kind: type[int] | type[float]) -> int | float | None:
    """Return the finite number in ``text``; None for any other text."""
    try:
        number = kind(text)
        return number if math.isfinite(number) else None
    except (ValueError, OverflowError):
        return None

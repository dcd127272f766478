"""YAML into frozen dataclasses: whatever is wrong is said as ``FILE:LINE: what, and how to mend it``.

Values are read as the dataclass declares them, not as YAML guesses: a password ``0123`` stays text and a name
``no`` does not become false. Keys must be known, and given once.
"""

import dataclasses
import difflib
import math
import re
import types
import typing
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import yaml

from edge.errors import ConfigurationError

T = TypeVar("T")

_BOOLEANS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_NULL = "tag:yaml.org,2002:null"


def parse(text: str, cls: type[T], where: str, gone: Mapping[str, str] | None = None) -> T:
    """The dataclass ``cls`` as ``text`` says; what it does not say keeps its default. ``where`` names the file.

    ``gone``: keys of former versions, and what to do about each.
    """
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigurationError(f"{where}:{line}: not YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{where}:1: not YAML: {str(error).splitlines()[0]}") from None
    except RecursionError:
        raise ConfigurationError(f"{where}:1: nested too deeply") from None
    return _Reader(where, gone or {}).record(node, cls, "")


class _Reader:
    """Reads the nodes of one file; ``name`` is the dotted path of what is being read, for the error lines."""

    def __init__(self, where: str, gone: Mapping[str, str]) -> None:
        self._where = where
        self._gone = gone

    def record(self, node: yaml.Node | None, cls: type[T], name: str) -> T:
        if node is None or node.tag == _NULL:  # an empty file, or a section with every line commented out
            return cls()
        if not isinstance(node, yaml.MappingNode):
            self._fail(node, f"{name or 'the file'} must hold `key: value` lines")
        path = f"{name}." if name else ""
        declared = typing.get_type_hints(cls)
        values: dict[str, Any] = {}
        lines: dict[str, yaml.Node] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node, list(declared), path)
            if key in lines:
                self._fail(key_node, f"{path}{key} is given twice, first in line {lines[key].start_mark.line + 1}")
            lines[key] = key_node
            values[key] = self._value(value_node, declared[key], f"{path}{key}")
        try:
            return cls(**values)
        except ValueError as error:
            # The settings' own checks name their fields: point to the first of them that the file gives.
            problem = str(error).removeprefix(f"{name} ")
            words = re.findall(r"\w+", problem)
            culprit = next((lines[word] for word in words if word in lines), node)
            self._fail(culprit, f"{path}{problem}" if words[0] in declared else f"{name}: {problem}")

    def _key(self, node: yaml.Node, known: list[str], path: str) -> str:
        if not isinstance(node, yaml.ScalarNode):
            self._fail(node, f"a key must be one word: one of {', '.join(known)}")
        if node.value not in known:
            if advice := self._gone.get(f"{path}{node.value}"):
                self._fail(node, f"{path}{node.value} is gone: {advice}")
            near = difflib.get_close_matches(node.value, known, n=1)
            hint = f"did you mean `{near[0]}`?" if near else f"known here: {', '.join(known)}"
            self._fail(node, f"unknown key `{path}{node.value}`; {hint}")
        return str(node.value)

    def _value(self, node: yaml.Node, declared: Any, name: str) -> Any:
        if dataclasses.is_dataclass(declared):
            return self.record(node, typing.cast(type, declared), name)
        if isinstance(declared, types.UnionType):
            if node.tag == _NULL:
                return None
            (declared,) = [kind for kind in typing.get_args(declared) if kind is not types.NoneType]
        if typing.get_origin(declared) is tuple:
            if not isinstance(node, yaml.SequenceNode):
                self._fail(node, f"{name} must be a list: [one, another], or a line `- one` for each")
            return tuple(self._value(item, typing.get_args(declared)[0], name) for item in node.value)
        if not isinstance(node, yaml.ScalarNode):
            self._fail(node, f"{name} must be a single value")
        if node.tag == _NULL:
            self._fail(node, f"{name} has no value; give one or remove the line")
        return self._scalar(node, declared, name)

    def _scalar(self, node: yaml.ScalarNode, declared: Any, name: str) -> Any:
        text: str = node.value
        if strange := [sign for sign in text if unicodedata.category(sign) in ("Cc", "Cs")]:
            self._fail(node, f"{name} holds {strange[0]!r}, which is no text: remove it")
        if declared is str:
            return text
        if declared is Path:
            try:
                return Path(text).expanduser()
            except RuntimeError:
                self._fail(node, f"{name} begins with a home folder that does not exist: `{text}`")
        if declared is bool:
            if text.lower() not in _BOOLEANS:
                self._fail(node, f"{name} must be true or false, is `{text}`")
            return _BOOLEANS[text.lower()]
        if declared in (int, float):
            number = _number(text, declared)
            if number is None:
                self._fail(node, f"{name} must be a {'whole ' * (declared is int)}number, is `{text}`")
            return number
        if isinstance(declared, type) and issubclass(declared, StrEnum):
            if text not in list(declared):
                self._fail(node, f"{name} must be one of {', '.join(declared)}, is `{text}`")
            return declared(text)
        raise TypeError(f"{name}: no reader for {declared}")

    def _fail(self, node: yaml.Node, problem: str) -> NoReturn:
        raise ConfigurationError(f"{self._where}:{node.start_mark.line + 1}: {problem}")


def _number(text: str, kind: type[int] | type[float]) -> int | float | None:
    """The number that ``text`` spells, or None; infinities and NaN are no settings."""
    try:
        number = kind(text)
        return number if math.isfinite(number) else None
    except (ValueError, OverflowError):
        return None

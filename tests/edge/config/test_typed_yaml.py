"""Typed YAML: values as declared, and every mistake named with its file, line and remedy."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import pytest

from edge.config.typed_yaml import parse
from edge.errors import ConfigurationError


class Size(StrEnum):
    SMALL = "small"
    LARGE = "large"


@dataclass(frozen=True, slots=True)
class Lamp:
    watts: float = 5.0
    color: str | None = None
    count: int = 1
    on: bool = True
    size: Size = Size.SMALL

    def __post_init__(self) -> None:
        if self.watts <= 0:
            raise ValueError(f"watts must be positive, is {self.watts:g}")
        if self.count > 3 and self.watts > 40:
            raise ValueError("more than 3 lamps of more than 40 watts are too warm")


@dataclass(frozen=True, slots=True)
class Room:
    name: str = "nursery"
    plan: Path | None = None
    lamp: Lamp = field(default_factory=Lamp)


def read(text: str) -> Room:
    return parse(text, Room, "room.yaml")


def test_values_are_read_as_declared() -> None:
    room = read("name: no\nplan: plan.png\nlamp: {watts: 1e1, color: 0123, count: 2, on: off, size: large}")
    assert room == Room("no", Path("plan.png"), Lamp(10.0, "0123", 2, False, Size.LARGE))


@pytest.mark.parametrize("text", ["", "# nothing\n", "lamp:\n  # watts: 3\n", "plan: null", "lamp: {color: }"])
def test_a_missing_key_keeps_its_default(text: str) -> None:
    assert read(text) == Room()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("nme: x", "room.yaml:1: unknown key `nme`; did you mean `name`?"),
        ("zzz: x", "room.yaml:1: unknown key `zzz`; known here: name, plan, lamp"),
        ("\nlamp:\n  on: yes\n  watt: 3", "room.yaml:4: unknown key `lamp.watt`; did you mean `watts`?"),
        ("name: a\nplan: b\nname: c", "room.yaml:3: name is given twice, first in line 1"),
        ("lamp:\n  watts: bright", "room.yaml:2: lamp.watts must be a number, is `bright`"),
        ("lamp:\n  watts: .nan", "room.yaml:2: lamp.watts must be a number, is `.nan`"),
        ("lamp:\n  watts: 1e999", "room.yaml:2: lamp.watts must be a number, is `1e999`"),
        ("lamp:\n  count: 1.5", "room.yaml:2: lamp.count must be a whole number, is `1.5`"),
        ("lamp:\n  on: maybe", "room.yaml:2: lamp.on must be true or false, is `maybe`"),
        ("lamp:\n  size: huge", "room.yaml:2: lamp.size must be one of small, large, is `huge`"),
        ("lamp:\n  on: 1\n  on: 2", "room.yaml:3: lamp.on is given twice, first in line 2"),
        ("name: a\nlamp:\n  count: 1\n  watts: -3", "room.yaml:4: lamp.watts must be positive, is -3"),
        (
            "name: a\nlamp:\n  count: 9\n  watts: 60",
            "room.yaml:4: lamp: more than 3 lamps of more than 40 watts are too warm",
        ),
        ("plan: ~nobody-here/a", "room.yaml:1: plan begins with a home folder that does not exist: `~nobody-here/a`"),
        ("name: [a]", "room.yaml:1: name must be a single value"),
        ("name:", "room.yaml:1: name has no value; give one or remove the line"),
        ("lamp: bright", "room.yaml:1: lamp must hold `key: value` lines"),
        ("just words", "room.yaml:1: the file must hold `key: value` lines"),
        ("[a]: b", "room.yaml:1: a key must be text, not a list"),
        ("name: a\n\tlamp: b", "room.yaml:2: not YAML: found character '\\t' that cannot start any token"),
        ("name: a\n--- \nname: b", "room.yaml:2: not YAML: but found another document"),
        (
            "name: &same a\nplan: *same",
            "room.yaml:2: not YAML: aliases (*name) are not allowed; repeat the text",
        ),
        ("lamp:\n  color:\n    [red]", "room.yaml:2: lamp.color must be a single value"),
        ("[" * 3_000, "room.yaml:1: nested too deeply"),
        ("name: \x00", "room.yaml:1: not YAML: unacceptable character #x0000: special characters are not allowed"),
    ],
)
def test_a_mistake_is_named_with_its_line(text: str, line: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        read(text)
    assert str(error.value) == line

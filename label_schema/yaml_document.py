"""A YAML file as entries that know where they stand, so that every error names the file, the line and the place.

Only plain YAML is read: text, numbers, true and false, lists and mappings with each key once.
Aliases and tags of other types are refused: a labeling guideline needs none, and they hide content.
"""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

import yaml

from label_schema.errors import GuidelineError

Content = str | bool | int | float | None

LARGEST_SPOKEN = 1e15
"""Numbers from here on are not repeated in an error line."""
LONGEST_QUOTE = 80
"""Characters of the file that an error line repeats at most."""


class _PlainLoader(yaml.SafeLoader):
    """Composes nodes, refusing aliases (an anchor within itself would never end)."""

    def compose_node(self, parent: yaml.Node | None, index: object) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="aliases (*name) are not allowed; repeat the text", problem_mark=mark)
        node: yaml.Node | None = super().compose_node(parent, index)  # type: ignore[arg-type]
        return node


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of the document and its place."""

    value: "Content | dict[str, Entry] | list[Entry]"
    file: str
    line: int
    path: str
    """Such as ``labels[2].rings``; empty at the top."""

    def fail(self, problem: str) -> NoReturn:
        """Raise the one-line error that names this place."""
        place = f"{self.path}: " if self.path else ""
        raise GuidelineError(f"{self.file}:{self.line}: {_printable(place + problem)}")

    def fields(self, *required: str, optional: tuple[str, ...] = ()) -> "dict[str, Entry]":
        """The mapping here, with all the required keys and no unknown ones."""
        known = required + optional
        if not isinstance(self.value, dict):
            self.fail(f"must be a mapping of {', '.join(known)}, not {_spoken(self.value)}")
        for key, entry in self.value.items():
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1)
                entry.fail("unknown key" + (f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(known)}"))
        missing = [key for key in required if key not in self.value]
        if missing:
            self.fail(f"missing {', '.join(missing)}")
        return self.value

    def field(self, key: str) -> "Entry":
        """One key of the mapping here, whatever else is in it."""
        if not isinstance(self.value, dict) or key not in self.value:
            self.fail(f"must be a mapping with the key {key}")
        return self.value[key]

    def items(self) -> "list[Entry]":
        """The list here, which holds something."""
        if not isinstance(self.value, list) or not self.value:
            self.fail("must be a list with at least one item")
        return self.value

    def text(self) -> str:
        """The text here on one line: how it is wrapped in the file means nothing."""
        if not isinstance(self.value, str):
            self.fail(f"must be text, not {_spoken(self.value)}; quote it if it is meant")
        line = " ".join(self.value.split())
        if not line or not line.isprintable():
            self.fail("must be text that can be printed, and not empty")
        return line

    def flag(self) -> bool:
        """True or false."""
        if not isinstance(self.value, bool):
            self.fail(f"must be true or false, not {_spoken(self.value)}")
        return self.value

    def whole(self, largest: int) -> int:
        """A whole number from 1 to ``largest``."""
        if isinstance(self.value, bool) or not isinstance(self.value, int) or not 1 <= self.value <= largest:
            self.fail(f"must be a whole number from 1 to {largest}, not {_spoken(self.value)}")
        return self.value

    def seconds(self, longest: float) -> float:
        """A number from 0 to ``longest``."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | float) or not 0 <= self.value <= longest:
            self.fail(f"must be a number of seconds from 0 to {longest:g}, not {_spoken(self.value)}")
        return float(self.value)


def parse(raw: bytes, file: str) -> Entry:
    """The document in ``raw``; ``file`` names it in errors."""
    try:
        loader = _PlainLoader(raw)
        node = loader.get_single_node()
        if node is None:
            raise GuidelineError(f"{file}:1: the file is empty")
        return _entry(loader, node, file, "")
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise GuidelineError(f"{file}:{line}: not YAML: {_printable(_one_line(error.problem or error))}") from error
    except yaml.YAMLError as error:
        raise GuidelineError(f"{file}:1: not YAML: {_printable(_one_line(error))}") from error
    except UnicodeDecodeError as error:
        raise GuidelineError(f"{file}:1: not UTF-8 text: {error.reason} at byte {error.start}") from error
    except RecursionError as error:
        raise GuidelineError(f"{file}:1: nested too deeply") from error


def _entry(loader: _PlainLoader, node: yaml.Node, file: str, path: str) -> Entry:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        return Entry(dict(_pairs(loader, node, file, path)), file, line, path)
    if isinstance(node, yaml.SequenceNode):
        items = [_entry(loader, item, file, f"{path}[{index}]") for index, item in enumerate(node.value)]
        return Entry(items, file, line, path)
    try:
        value = loader.construct_object(node)
    except (ValueError, KeyError, IndexError) as error:  # such as !!int x, or the date 2026-99-99
        Entry(None, file, line, path).fail(f"cannot be read: {_one_line(error)}")
    if not isinstance(value, Content):
        Entry(None, file, line, path).fail(f"must be text or a number, not {_spoken(value)}; quote it if text is meant")
    return Entry(value, file, line, path)


def _pairs(loader: _PlainLoader, node: yaml.MappingNode, file: str, path: str) -> Iterator[tuple[str, Entry]]:
    seen = set()
    for key_node, value_node in node.value:
        key = _entry(loader, key_node, file, path)
        if not isinstance(key.value, str):
            key.fail(f"a key must be text, not {_spoken(key.value)}")
        if key.value in seen:
            key.fail(f"the key {_one_line(key.value)!r} is there twice")
        seen.add(key.value)
        name = _one_line(key.value)
        yield key.value, _entry(loader, value_node, file, f"{path}.{name}" if path else name)


def _spoken(value: object) -> str:
    """A value as one says it in an error, however long or odd it is."""
    if isinstance(value, str):
        return repr(_one_line(value))
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    if value is None or isinstance(value, bool):
        return {None: "nothing", True: "true", False: "false"}[value]
    if isinstance(value, int | float):
        return "so large a number" if abs(value) > LARGEST_SPOKEN else f"{value:.6g}"
    return f"a {type(value).__name__}"


def _one_line(words: object) -> str:
    line = " ".join(str(words).split())
    return line if len(line) <= LONGEST_QUOTE else line[: LONGEST_QUOTE - 3] + "..."


def _printable(line: str) -> str:
    """What a terminal can show: a damaged file must not reach it through an error."""
    return "".join(character if character.isprintable() else "?" for character in line)

"""A YAML file as entries that know where they stand, so that every error names the file, the line and the place.

Only plain YAML is read: text, numbers, true and false, lists and mappings with each key once.
Aliases are refused, for they hide content. The guideline and the settings of ``edge`` and ``training`` are read by it.
"""

import difflib
from dataclasses import dataclass
from typing import NoReturn

import yaml
from yaml.constructor import SafeConstructor

from label_schema.errors import GuidelineError

Content = str | bool | int | float | None

LARGEST_SPOKEN = 1e15
"""Numbers from here on are not repeated in an error line."""
LONGEST_QUOTE = 80
"""Characters of the file that an error line repeats at most."""
_TEXT, _NULL = "tag:yaml.org,2002:str", "tag:yaml.org,2002:null"


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

    value: "str | dict[str, Entry] | list[Entry]"
    """A scalar as it is written: ``0123`` and ``no`` are text. See ``content``."""
    tag: str
    """YAML's type of the value."""
    file: str
    line: int
    """Line of the key, or of the item of a list."""
    path: str
    """Such as ``labels[2].rings``; empty at the top."""

    @property
    def is_null(self) -> bool:
        """Whether there is no value here, as in an empty file."""
        return self.tag == _NULL

    @property
    def content(self) -> "Content | dict[str, Entry] | list[Entry]":
        """The value; a scalar as YAML reads it: ``0123`` is a number and ``no`` is false."""
        if self.tag == _TEXT or not isinstance(self.value, str):
            return self.value
        try:
            value = SafeConstructor().construct_document(yaml.ScalarNode(self.tag, self.value))
        except yaml.MarkedYAMLError as error:  # such as !tag x
            self.fail(f"cannot be read: {_one_line(error.problem)}")
        except (ValueError, KeyError, IndexError) as error:  # such as !!int x, or the date 2026-99-99
            self.fail(f"cannot be read: {_one_line(error)}")
        if not isinstance(value, Content):
            self.fail(f"must be text or a number, not {_spoken(value)}; quote it if text is meant")
        return value

    def fail(self, problem: str) -> NoReturn:
        """Raise the one-line error that names this place."""
        self.refuse(f"{self.path}: {problem}" if self.path else problem)

    def refuse(self, problem: str) -> NoReturn:
        """Raise the one-line error that names this line only."""
        raise GuidelineError(f"{self.file}:{self.line}: {_printable(problem)}")

    def fields(self, *required: str, optional: tuple[str, ...] = ()) -> "dict[str, Entry]":
        """The mapping here, with all the required keys and no unknown ones."""
        known = required + optional
        if not isinstance(self.value, dict):
            self.fail(f"must be a mapping of {', '.join(known)}, not {_spoken(self.content)}")
        for key, entry in self.value.items():
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1)
                hint = f"did you mean `{near[0]}`?" if near else f"known here: {', '.join(known)}"
                entry.refuse(f"unknown key `{entry.path}`; {hint}")
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
        content = self.content
        if not isinstance(content, str):
            self.fail(f"must be text, not {_spoken(content)}; quote it if it is meant")
        line = " ".join(content.split())
        if not line or not line.isprintable():
            self.fail("must be text that can be printed, and not empty")
        return line

    def flag(self) -> bool:
        """True or false."""
        content = self.content
        if not isinstance(content, bool):
            self.fail(f"must be true or false, not {_spoken(content)}")
        return content

    def whole(self, largest: int) -> int:
        """A whole number from 1 to ``largest``."""
        content = self.content
        if isinstance(content, bool) or not isinstance(content, int) or not 1 <= content <= largest:
            self.fail(f"must be a whole number from 1 to {largest}, not {_spoken(content)}")
        return content

    def seconds(self, longest: float) -> float:
        """A number from 0 to ``longest``."""
        content = self.content
        if isinstance(content, bool) or not isinstance(content, int | float) or not 0 <= content <= longest:
            self.fail(f"must be a number of seconds from 0 to {longest:g}, not {_spoken(content)}")
        return float(content)


def parse(raw: bytes | str, file: str) -> Entry:
    """Return the document in ``raw``; ``file`` names it in errors. GuidelineError where it is not plain YAML."""
    try:
        node = _PlainLoader(raw).get_single_node()
        return Entry("", _NULL, file, 1, "") if node is None else _entry(node, file, "")
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise GuidelineError(f"{file}:{line}: not YAML: {_printable(_one_line(error.problem or error))}") from error
    except yaml.YAMLError as error:
        reason = str(error).partition("\n")[0]
        raise GuidelineError(f"{file}:1: not YAML: {_printable(_one_line(reason))}") from error
    except UnicodeDecodeError as error:
        raise GuidelineError(f"{file}:1: not UTF-8 text: {error.reason} at byte {error.start}") from error
    except RecursionError as error:
        raise GuidelineError(f"{file}:1: nested too deeply") from error


def _entry(node: yaml.Node, file: str, path: str, line: int | None = None) -> Entry:
    line = line or _line(node)
    if isinstance(node, yaml.MappingNode):
        return Entry(_mapping(node, file, path), node.tag, file, line, path)
    if isinstance(node, yaml.SequenceNode):
        items = [_entry(item, file, f"{path}[{index}]") for index, item in enumerate(node.value)]
        return Entry(items, node.tag, file, line, path)
    return Entry(node.value, node.tag, file, line, path)


def _mapping(node: yaml.MappingNode, file: str, path: str) -> dict[str, Entry]:
    entries: dict[str, Entry] = {}
    for key_node, value_node in node.value:
        key = key_node.value
        if not isinstance(key, str):
            key_entry = _entry(key_node, file, path)
            key_entry.fail(f"a key must be text, not {_spoken(key_entry.value)}")
        name = _one_line(key)
        entry = _entry(value_node, file, f"{path}.{name}" if path else name, _line(key_node))
        if key in entries:
            entry.refuse(f"{entry.path} is given twice, first in line {entries[key].line}")
        entries[key] = entry
    return entries


def _line(node: yaml.Node) -> int:
    return node.start_mark.line + 1


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

"""A YAML document as entries with their position, so that every error names the file, the line and the key.

Only plain YAML is accepted: text, numbers, booleans, lists, and mappings with each key once. Aliases are rejected
because they hide content. The guideline and the settings of ``edge`` and ``training`` use this reader.
"""

import difflib
from dataclasses import dataclass
from typing import NoReturn

import yaml
from yaml.constructor import SafeConstructor

from label_schema.errors import DocumentError

Content = str | bool | int | float | None

LARGEST_QUOTED = 1e15
"""Largest number that an error line quotes."""
LONGEST_QUOTE = 80
"""Largest number of characters of the file that an error line quotes."""
_TEXT, _NULL = "tag:yaml.org,2002:str", "tag:yaml.org,2002:null"


class _PlainLoader(yaml.SafeLoader):
    """A loader that rejects aliases, because an anchor that contains itself never ends."""

    def compose_node(self, parent: yaml.Node | None, index: object) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="aliases (*name) are not allowed; repeat the text", problem_mark=mark)
        node: yaml.Node | None = super().compose_node(parent, index)  # type: ignore[arg-type]
        return node


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of the document, with its position."""

    value: "str | dict[str, Entry] | list[Entry]"
    """The value; a scalar as it is written, so ``0123`` and ``no`` are text. See ``content``."""
    tag: str
    """YAML tag of the value's type."""
    file: str
    line: int
    """Line of the key, or of the list item, from 1."""
    path: str
    """Path of the key, such as ``labels[2].rings``; empty at the top."""

    @property
    def is_null(self) -> bool:
        """Whether there is no value, as in an empty file."""
        return self.tag == _NULL

    @property
    def content(self) -> "Content | dict[str, Entry] | list[Entry]":
        """The value with its YAML type: ``0123`` is a number and ``no`` is false."""
        if self.tag == _TEXT or not isinstance(self.value, str):
            return self.value
        try:
            value = SafeConstructor().construct_document(yaml.ScalarNode(self.tag, self.value))
        except yaml.MarkedYAMLError as error:  # such as !tag x
            self.fail(f"cannot be read: {_one_line(error.problem)}")
        except (ValueError, KeyError, IndexError) as error:  # such as !!int x, or the date 2026-99-99
            self.fail(f"cannot be read: {_one_line(error)}")
        if not isinstance(value, Content):
            self.fail(f"must be text or a number, not {_quote(value)}; quote it if text is meant")
        return value

    def fail(self, problem: str) -> NoReturn:
        """Raise DocumentError with the file, the line, the key and the problem."""
        self.refuse(f"{self.path}: {problem}" if self.path else problem)

    def refuse(self, problem: str) -> NoReturn:
        """Raise DocumentError with the file, the line and the problem."""
        raise DocumentError(f"{self.file}:{self.line}: {_printable(problem)}")

    def fields(self, *required: str, optional: tuple[str, ...] = ()) -> "dict[str, Entry]":
        """Return the mapping; DocumentError if a required key is missing or a key is unknown."""
        known = required + optional
        if not isinstance(self.value, dict):
            self.fail(f"must be a mapping of {', '.join(known)}, not {_quote(self.content)}")
        for key, entry in self.value.items():
            if key not in known:
                similar = difflib.get_close_matches(key, known, n=1)
                hint = f"did you mean `{similar[0]}`?" if similar else f"known here: {', '.join(known)}"
                entry.refuse(f"unknown key `{entry.path}`; {hint}")
        missing = [key for key in required if key not in self.value]
        if missing:
            self.fail(f"missing {', '.join(missing)}")
        return self.value

    def field(self, key: str) -> "Entry":
        """Return one key of the mapping; other keys are not checked."""
        if not isinstance(self.value, dict) or key not in self.value:
            self.fail(f"must be a mapping with the key {key}")
        return self.value[key]

    def items(self) -> "list[Entry]":
        """Return the list; DocumentError if it is empty."""
        if not isinstance(self.value, list) or not self.value:
            self.fail("must be a list with at least one item")
        return self.value

    def text(self) -> str:
        """Return the text on one line, because its wrapping in the file has no meaning."""
        content = self.content
        if not isinstance(content, str):
            self.fail(f"must be text, not {_quote(content)}; quote it if it is meant")
        line = " ".join(content.split())
        if not line or not line.isprintable():
            self.fail("must be printable text, and not empty")
        return line

    def flag(self) -> bool:
        """Return the boolean."""
        content = self.content
        if not isinstance(content, bool):
            self.fail(f"must be true or false, not {_quote(content)}")
        return content

    def whole(self, largest: int) -> int:
        """Return a whole number from 1 to ``largest``."""
        content = self.content
        if isinstance(content, bool) or not isinstance(content, int) or not 1 <= content <= largest:
            self.fail(f"must be a whole number from 1 to {largest}, not {_quote(content)}")
        return content

    def seconds(self, longest: float) -> float:
        """Return a number of seconds from 0 to ``longest``."""
        content = self.content
        if isinstance(content, bool) or not isinstance(content, int | float) or not 0 <= content <= longest:
            self.fail(f"must be a number of seconds from 0 to {longest:g}, not {_quote(content)}")
        return float(content)


def parse(raw: bytes | str, file: str) -> Entry:
    """Return the document in ``raw``; DocumentError, which names ``file``, if it is not plain YAML."""
    try:
        node = _PlainLoader(raw).get_single_node()
        return Entry("", _NULL, file, 1, "") if node is None else _entry(node, file, "")
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise DocumentError(f"{file}:{line}: not YAML: {_printable(_one_line(error.problem or error))}") from error
    except yaml.YAMLError as error:
        reason = str(error).partition("\n")[0]
        raise DocumentError(f"{file}:1: not YAML: {_printable(_one_line(reason))}") from error
    except UnicodeDecodeError as error:
        raise DocumentError(f"{file}:1: not UTF-8 text: {error.reason} at byte {error.start}") from error
    except RecursionError as error:
        raise DocumentError(f"{file}:1: nested too deeply") from error


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
            key_entry.fail(f"a key must be text, not {_quote(key_entry.value)}")
        name = _one_line(key)
        entry = _entry(value_node, file, f"{path}.{name}" if path else name, _line(key_node))
        if key in entries:
            entry.refuse(f"{entry.path} is given twice, first in line {entries[key].line}")
        entries[key] = entry
    return entries


def _line(node: yaml.Node) -> int:
    return node.start_mark.line + 1


def _quote(value: object) -> str:
    """Return a value as an error line quotes it, with limited length."""
    if isinstance(value, str):
        return repr(_one_line(value))
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    if value is None or isinstance(value, bool):
        return {None: "nothing", True: "true", False: "false"}[value]
    if isinstance(value, int | float):
        return "a number this large" if abs(value) > LARGEST_QUOTED else f"{value:.6g}"
    return f"a {type(value).__name__}"


def _one_line(words: object) -> str:
    line = " ".join(str(words).split())
    return line if len(line) <= LONGEST_QUOTE else line[: LONGEST_QUOTE - 3] + "..."


def _printable(line: str) -> str:
    """Replace unprintable characters, so that a damaged file cannot send control codes to a terminal."""
    return "".join(character if character.isprintable() else "?" for character in line)

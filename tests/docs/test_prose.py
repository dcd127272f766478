"""Docstrings, comments and Markdown pages do without the phrases that a reader has to translate."""

import ast
import io
import re
import subprocess
import tokenize
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
STOP = re.compile(r"\b(?:(?i:anew|for ever|whoever|so many)|(?<!there )[Ii]s none|(?<![Tt]here )[Ii]s no(?! longer))\b")
"""``is None`` is Python, and "there is no" is plain English."""
FENCE = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"(`+)[^`]+?\1")
"""Quoted code and output are not prose."""

Lines = Iterator[tuple[int, str]]
"""Line number and text."""


def files(ending: str) -> list[Path]:
    """Return the files of the repository with this ending, those that git ignores left out."""
    command = [
        "git",
        "-C",
        str(REPOSITORY),
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
        f"*{ending}",
    ]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\0")
    return [path for name in listed if name and (path := REPOSITORY / name).exists()]


def docstrings(tree: ast.Module) -> Lines:
    """Yield the lines of every string that stands alone as a statement."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield from enumerate(node.value.value.splitlines(), start=node.lineno)


def comments(source: str) -> Lines:
    """Yield the comments."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def of_python(source: str) -> Lines:
    """Yield the prose of a Python file."""
    yield from docstrings(ast.parse(source))
    yield from comments(source)


def of_markdown(source: str) -> Lines:
    """Yield the lines outside code blocks."""
    without = FENCE.sub(lambda block: "\n" * block.group().count("\n"), source)
    yield from enumerate(without.splitlines(), start=1)


def found(path: Path, lines: Lines) -> Iterator[str]:
    """Yield ``FILE:LINE: text`` of every line with a phrase of the stop list."""
    for number, text in lines:
        if STOP.search(CODE.sub("", text)):
            yield f"{path.relative_to(REPOSITORY)}:{number}: {text.strip()}"


def test_no_phrase_of_the_stop_list() -> None:
    hits = [hit for path in files(".py") for hit in found(path, of_python(path.read_text()))]
    hits += [hit for path in files(".md") for hit in found(path, of_markdown(path.read_text()))]
    assert not hits, "\n" + "\n".join(sorted(hits))


def test_phrases_are_found_where_they_are_prose() -> None:
    source = '"""Is made anew."""\nname = "whoever"  # for ever\n'
    assert list(found(REPOSITORY / "x.py", of_python(source))) == ["x.py:1: Is made anew.", "x.py:2: # for ever"]
    page = "It is none.\n```\nwhoever\n```\nA line with `so many`.\nThis is no cry.\nIt is no longer there.\n"
    assert [hit.split(":")[1] for hit in found(REPOSITORY / "x.md", of_markdown(page))] == ["1", "6"]

"""Markdown pages: relative links, anchors and repository paths resolve. No address outside the repository is tried."""

import re
import subprocess
from collections import Counter
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest

REPOSITORY = Path(__file__).parents[2]
_FENCE = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r'\]\(([^()\s]+)\)|\b(?:src|href)="([^"]+)"')
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_CODE = re.compile(r"`([^`\n]+)`")
_PATH = re.compile(r"[\w.-]+(/[\w.-]+)+/?|[\w.-]+/")


def _git(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(["git", "-C", str(REPOSITORY), *arguments], check=False, capture_output=True, text=True)


FILES = [name for name in _git("ls-files", "-z").stdout.split("\0") if name]
PAGES = [name for name in FILES if name.endswith(".md")]
_FOLDERS = {name.split("/")[0] for name in FILES if "/" in name}


@cache
def _prose(page: Path) -> str:
    """Return the page without its code blocks."""
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


@cache
def _anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub gives the page's headings; a repeated one gets a number."""
    seen: Counter[str] = Counter()
    anchors = set()
    for title in re.findall(r"^#+ +(.+?) *$", _prose(page), re.MULTILINE):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title).lower()
        anchor = re.sub(r"[^\w -]", "", plain).replace(" ", "-")
        anchors.add(f"{anchor}-{seen[anchor]}" if seen[anchor] else anchor)
        seen[anchor] += 1
    return anchors


def _links(page: Path) -> list[str]:
    links = [first or second for first, second in _LINK.findall(_prose(page))]
    return [link for link in links if not _ADDRESS.match(link)]


def _resolves(page: Path, link: str) -> bool:
    path, _, anchor = unquote(link).partition("#")
    target = (page.parent / path).resolve() if path else page
    if not target.is_relative_to(REPOSITORY) or not target.exists():
        return False
    return not anchor or (target.suffix == ".md" and anchor in _anchors(target))


def _paths(page: Path) -> list[str]:
    """Return the words in backticks that look like a path from the repository's root.

    ``git`` commands may name files of other commits.
    """
    words = [word for code in _CODE.findall(_prose(page)) if not code.startswith("git ") for word in code.split()]
    return [word for word in words if _PATH.fullmatch(word) and word.split("/")[0] in _FOLDERS]


def _exists(path: str) -> bool:
    """Return whether the path exists, or is one that commands make and git ignores."""
    return (REPOSITORY / path).exists() or _git("check-ignore", "--quiet", path).returncode == 0


@pytest.mark.parametrize("name", PAGES)
def test_relative_links_and_anchors_resolve(name: str) -> None:
    page = REPOSITORY / name
    assert [link for link in _links(page) if not _resolves(page, link)] == []


@pytest.mark.parametrize("name", [name for name in PAGES if not re.match(r"models/[^/]+/", name)])
def test_repository_paths_in_backticks_exist(name: str) -> None:
    """A model's card and notes are left out: they name the files of the commit that made the model."""
    assert [path for path in _paths(REPOSITORY / name) if not _exists(path)] == []


def test_readme_links_every_page_of_docs() -> None:
    pages = {name for name in PAGES if re.fullmatch(r"docs/[^/]+\.md", name)}
    assert pages
    assert pages - set(_links(REPOSITORY / "README.md")) == set()


@pytest.mark.parametrize(("name", "most"), [("README.md", 120), ("CONTRIBUTING.md", 60)])
def test_first_pages_stay_short(name: str, most: int) -> None:
    assert len((REPOSITORY / name).read_text(encoding="utf-8").splitlines()) <= most


def test_a_wrong_link_anchor_or_path_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# One `two`\n[a](gone.md) [b](#one-two) [c](#three) [d](https://e.org/x)\n`edge/gone.py` `edge/x y`\n"
    )
    assert _links(page) == ["gone.md", "#one-two", "#three"]
    assert "one-two" in _anchors(page)
    assert "three" not in _anchors(page)
    assert [path for path in _paths(page) if not _exists(path)] == ["edge/gone.py", "edge/x"]

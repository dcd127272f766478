"""The views of a guideline: text, page and differences, and their commands."""

import dataclasses
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from label_schema import Guideline, load, versions
from label_schema.__main__ import main
from label_schema.changes import Change, changes
from label_schema.page import STYLE, page

VOID = {"meta", "br", "img", "link", "input"}
every_version = pytest.mark.parametrize(
    "guideline", [load(version) for version in versions()], ids=lambda g: f"v{g.version}"
)


class Outline(HTMLParser):
    """A parser of a page that collects open tags, attributes and text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data.replace("\xa0", " "))

    def values(self, attribute: str) -> list[str]:
        return [value for _, attrs in self.tags for name, value in attrs.items() if name == attribute and value]


@every_version
def test_the_page_is_well_formed_and_its_anchors_exist(guideline: Guideline) -> None:
    outline = Outline(page(guideline))
    assert outline.open == []
    ids = outline.values("id")
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in outline.values("href") if link.startswith("#")} <= set(ids)
    assert set(outline.values("aria-labelledby")) <= set(ids)


@every_version
def test_the_page_contains_the_whole_guideline(guideline: Guideline) -> None:
    text = " ".join(Outline(page(guideline)).words)
    for words in [
        guideline.summary,
        *(step.ask for step in guideline.decision),
        *(label.definition for label in guideline.labels),
        *(hint for label in guideline.labels for hint in label.listen_for),
        *(example.heard for label in guideline.labels for example in label.examples + label.counter_examples),
        *(case.why for case in guideline.edge_cases),
        *(limit.meaning for limit in guideline.limits),
        *(rule.why for rule in guideline.migration),
        *(reference.claim for reference in guideline.literature),
    ]:
        assert words in text


@every_version
def test_the_page_makes_no_requests(guideline: Guideline) -> None:
    outline = Outline(page(guideline))
    assert not {"script", "link", "img", "iframe"} & {tag for tag, _ in outline.tags}
    assert "url(" not in STYLE
    assert "@import" not in STYLE


def test_every_strip_is_described_in_words() -> None:
    strips = [attrs for _, attrs in Outline(page(load(2))).tags if attrs.get("class") == "strip"]
    assert strips
    assert all(strip["role"] == "img" for strip in strips)
    assert "A clip of 5 s: cry from 1 to 2.4 s" in [strip["aria-label"] for strip in strips]


def test_the_text_of_a_guideline_is_escaped() -> None:
    assert "<script>" not in page(dataclasses.replace(load(2), summary="<script>alert(1)</script>"))


def luminance(color: str) -> float:
    channels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("background", ["paper", "surface"])
@pytest.mark.parametrize("ink", ["ink", "soft", "link", "label-0", "label-1", "label-2", "label-3"])
def test_text_contrasts_with_its_background(theme: int, background: str, ink: str) -> None:
    block = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)[theme]
    color = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))
    dark, light = sorted((luminance(color[ink]), luminance(color[background])))
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_equal_versions_do_not_differ() -> None:
    assert changes(load(2), load(2)) == []


def test_a_changed_sentence_is_one_change() -> None:
    case = load(2).edge_cases[0]
    changed = dataclasses.replace(case, why="Nobody in the room.")
    new = dataclasses.replace(load(2), version=3, edge_cases=(changed, *load(2).edge_cases[1:]))
    assert changes(load(2), new) == [
        Change("edge cases", case.sound, f"{case.label} - {case.why}", f"{case.label} - Nobody in the room.")
    ]


def test_show_prints_the_guideline_and_its_strips(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show"]) == 0
    shown = capsys.readouterr().out
    assert "guideline version 2" in shown
    assert "1. Do you hear a baby in distress" in shown
    assert "      cry   |          ##############                          |" in shown
    assert all(case.sound.split(",")[0] in " ".join(shown.split()) for case in load(2).edge_cases)


def test_page_writes_the_file_it_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "guideline.html"
    assert main(["page", "--version", "1", "-o", str(target)]) == 0
    assert capsys.readouterr().out.strip() == str(target)
    assert "Cry or not cry" in target.read_text(encoding="utf-8")


def test_page_without_a_file_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["page", "--version", "1"]) == 0
    assert capsys.readouterr().out == page(load(1)) + "\n"


def test_page_into_a_missing_folder_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "nowhere" / "guideline.html"
    assert main(["page", "-o", str(target)]) == 1
    assert capsys.readouterr().err == f"{target}: No such file or directory\n"


def test_there_is_no_version_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["digest", "--version", "0"]) == 1
    assert capsys.readouterr().err.startswith("there is no guideline version 0")


def test_digest_names_each_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["digest"]) == 0
    assert capsys.readouterr().out.splitlines() == [f"{load(v).digest}  v{v}" for v in versions()]


def test_diff_prints_changes_and_labels_to_listen_to_again(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "1", "2"]) == 0
    output = capsys.readouterr().out
    assert "  + soothed-crying: A baby cries" in output
    assert "  - cry: A baby is heard" in output
    assert "  cry -> listen again\n  not cry -> none\n" in output


def test_an_unknown_version_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "--version", "7"]) == 1
    assert capsys.readouterr().err == "there is no guideline version 7; the versions are 1, 2\n"

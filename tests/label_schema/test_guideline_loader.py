"""The loader: any file gives a guideline, or one line that names the file and the position."""

import copy
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from label_schema import GuidelineError, load
from label_schema.loader import SECTIONS, read
from label_schema.versions import FOLDER, read_file

RAW = (FOLDER / "v2.yaml").read_bytes()
FEW = settings(max_examples=min(60, settings().max_examples), derandomize=True, deadline=None, phases=[Phase.generate])
"""The same examples in every run, without a deadline (for busy machines) and without shrinking (YAML is slow)."""


def document() -> Any:
    """Return the content of version 2, to be changed."""
    return yaml.safe_load(RAW)


def short() -> Any:
    """Return a guideline with few items of every part, which is quick to read."""
    content = document()
    for part in ("thresholds", "edge_cases", "literature"):
        del content[part][1:]
    for label in content["labels"]:
        for part in ("listen_for", "examples", "counter_examples"):
            del label[part][1:]
    return content


def dump(content: Any) -> bytes:
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False).encode()


SHORT = dump(short())


def refusal(raw: bytes) -> str | None:
    """Return the loader's error line, or None."""
    try:
        read(raw, "v2.yaml")
    except GuidelineError as error:
        return str(error)
    return None


def refused(raw: bytes) -> str:
    """Return the loader's error, after checking that it is one line with file and position."""
    line = refusal(raw)
    assert line is not None
    assert re.fullmatch(r"v2\.yaml:\d+: [^\n\r]+", line)
    assert len(line.splitlines()) == 1
    return line


def accepted_or_refused(raw: bytes) -> None:
    if refusal(raw) is not None:
        refused(raw)


def paths(content: Any, here: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return the position of every value in the document except the top."""
    inside = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    return [place for key, value in inside for place in ((*here, key), *paths(value, (*here, key)))]


def put(content: Any, place: tuple[str | int, ...], value: Any) -> Any:
    changed = copy.deepcopy(content)
    target = changed
    for key in place[:-1]:
        target = target[key]
    target[place[-1]] = value
    return changed


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.dates()
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SCALARS, inner, max_size=3), max_leaves=5
)


@FEW
@given(place=st.sampled_from(paths(short())), value=VALUES)
def test_any_value_anywhere_is_accepted_or_refused_in_one_line(place: tuple[str | int, ...], value: Any) -> None:
    accepted_or_refused(dump(put(short(), place, value)))


@FEW
@given(start=st.integers(0, len(SHORT)), length=st.integers(0, 200), patch=st.binary(max_size=20))
def test_any_damage_to_the_bytes_is_accepted_or_refused_in_one_line(start: int, length: int, patch: bytes) -> None:
    accepted_or_refused(SHORT[:start] + patch + SHORT[start + length :])


@FEW
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode(errors="surrogatepass")))
def test_any_bytes_at_all_are_refused_in_one_line(raw: bytes) -> None:
    refused(raw)


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_endless_nesting_is_refused(opening: str) -> None:
    assert "nested too deeply" in refused(opening.encode() * 2000)


def test_control_codes_are_removed_from_the_error() -> None:
    assert refused(b'"\\e[2J\\n": 1') == "v2.yaml:1: unknown key `?[2J`; known here: " + ", ".join(
        (*SECTIONS, "migration")
    )


@pytest.mark.parametrize(
    "trick", ["title: &x [*x]", "title: &x a\nsummary: *x", "<<: {a: 1}", "!!python/object/apply:os.getcwd []"]
)
def test_yaml_that_hides_content_is_refused(trick: str) -> None:
    refused(trick.encode())


@pytest.mark.parametrize(
    ("place", "value", "problem"),
    [
        (("labels", 0, "rings"), "yes please", r"labels\[0\]\.rings: must be true or false, not 'yes please'"),
        (("labels", 1, "name"), "crying", r"labels\[1\]\.name: 'crying' is given twice"),
        (("labels", 1, "name"), "Fussing", r"labels\[1\]\.name: must be lowercase words"),
        (("labels", 1, "key"), "1", r"labels\[1\]\.key: '1' is given twice"),
        (("labels", 1, "key"), "12", r"labels\[1\]\.key: must be one character"),
        (("labels", 2, "exampels"), ["x"], r"unknown key `labels\[2\]\.exampels`; did you mean `examples`\?"),
        (
            ("labels", 0, "counter_examples", 0, "label"),
            "crying",
            r"counter_examples\[0\]\.label: must be another label than crying",
        ),
        (("labels", 0, "examples", 0, "strip"), {"cry": [[1, 6]]}, r"strip\.cry\[0\]\[1\]: .*from 0 to 5, not 6"),
        (("labels", 0, "examples", 0, "strip"), {"cry": [[2, 1]]}, r"strip\.cry\[0\]: must be \[start, end\]"),
        (
            ("labels", 0, "examples", 0, "strip"),
            {"cry": [[1, 3], [2, 4]]},
            r"strip\.cry\[1\]: .*after the previous span",
        ),
        (("labels", 0, "examples", 0, "strip"), {}, "strip: must have at least one lane of cry, fuss, adult, other"),
        (("edge_cases", 0, "label"), "silence", "must be one of crying, fussing, soothed-crying, none, not 'silence'"),
        (("edge_cases", 0, "label"), None, r"edge_cases\[0\]\.label: must be text, not nothing"),
        (("decision", 2, "if_no"), "next", r"decision\[2\]\.ask: both answers of the last question must be labels"),
        (("decision", 0, "if_yes"), "crying", r"decision\[0\]\.ask: one answer must be next"),
        (("decision", 2, "if_no"), "crying", "decision: no answer gives fussing"),
        (("thresholds", 0, "value"), 7, r"thresholds\[0\]\.value: must be a number of seconds from 0 to 5, not 7"),
        (("thresholds", 0, "value"), float("nan"), "must be a number of seconds from 0 to 5, not nan"),
        (
            ("thresholds", 0, "value"),
            10**400,
            "value: must be a number of seconds from 0 to 5, not a number this large",
        ),
        (("thresholds", 0, "unit"), "ms", "must be s"),
        (("thresholds", 0, "name"), "fussing", "ending in its unit"),
        (("migration", 0, "becomes"), "maybe", "listen-again, not 'maybe'"),
        (("literature", 0, "link"), "doi:10.1", r"link: must be an https:// URL"),
        (("version",), 0, "version: must be a whole number from 1 to 9999, not 0"),
        (("version",), 1, "version 1 must have no migration"),
        (("date",), "yesterday", 'date: must be a day such as "2026-11-23"'),
        (("labels",), [], "labels: must be a list with at least one item"),
        (("summary",), "bell \x07", "summary: must be printable text"),
        (("digest",), "abc", "unknown key `digest`"),
    ],
)
def test_a_wrong_value_is_named_with_its_position(place: tuple[str | int, ...], value: Any, problem: str) -> None:
    assert re.search(problem, refused(dump(put(short(), place, value))))


def test_the_line_is_the_one_an_editor_shows() -> None:
    lines = RAW.decode().splitlines()
    at = lines.index("    rings: true")
    lines[at] = "    rings: maybe"
    assert refused("\n".join(lines).encode()) == (
        f"v2.yaml:{at + 1}: labels[0].rings: must be true or false, not 'maybe'"
    )


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"", "v2.yaml:1: the file is empty"),
        (b"\xff\xfe\xfa", "not"),
        (b"title: a\ntitle: b", "v2.yaml:2: title is given twice, first in line 1"),
        (b"title: [", "v2.yaml:1: not YAML: "),
        (b"- a", "must be a mapping of version"),
        (SHORT.replace(b"\ntitle: ", b"\ntitle: !!int "), "v2.yaml:3: title: cannot be read"),
        (SHORT.replace(b"\ntitle: ", b"\ntitle: !unknown "), "v2.yaml:3: title: cannot be read: could not determine"),
        (b"version: 2", "missing date, title"),
    ],
)
def test_a_broken_file_is_named_with_its_line(raw: bytes, problem: str) -> None:
    assert problem in refused(raw)


@FEW
@given(st.randoms(use_true_random=False), st.integers(20, 200), st.booleans())
def test_layout_does_not_change_the_digest(random: Any, width: int, flow: bool) -> None:
    def shuffled(content: Any) -> Any:
        if isinstance(content, dict):
            keys = list(content)
            random.shuffle(keys)
            return {key: shuffled(content[key]) for key in keys}
        return [shuffled(item) for item in content] if isinstance(content, list) else content

    text = yaml.safe_dump(shuffled(short()), sort_keys=False, width=width, default_flow_style=flow)
    assert read(f"# a comment\n{text}".encode(), "v2.yaml").digest == read(SHORT, "v2.yaml").digest


@FEW
@given(place=st.sampled_from([place for place in paths(short()) if place[-1] in ("why", "ask", "definition", "heard")]))
def test_every_word_changes_the_digest(place: tuple[str | int, ...]) -> None:
    assert read(dump(put(short(), place, "Something else.")), "v2.yaml").digest != read(SHORT, "v2.yaml").digest


def test_the_order_of_labels_changes_the_digest() -> None:
    content = document()
    content["labels"].reverse()
    assert read(dump(content), "v2.yaml").digest != load(2).digest


def test_a_file_must_be_named_after_its_version(tmp_path: Path) -> None:
    path = tmp_path / "v3.yaml"
    path.write_bytes(RAW)
    with pytest.raises(GuidelineError, match=r"v3\.yaml: has version 2; rename it to v2\.yaml"):
        read_file(path)


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(GuidelineError, match=r"v4\.yaml: cannot be read: No such file"):
        read_file(tmp_path / "v4.yaml")

"""The loader of a guideline from YAML, with the validation of its content."""

import hashlib
import json
import re
from datetime import date

from label_schema.errors import DocumentError, GuidelineError
from label_schema.guideline import (
    LANES,
    Carry,
    EdgeCase,
    Example,
    Guideline,
    Label,
    Question,
    Reference,
    Span,
    Strip,
    Threshold,
)
from label_schema.yaml_document import Entry, parse

NEXT = "next"
"""The answer for the next question."""
LISTEN_AGAIN = "listen-again"
"""The migration of a label that no rule can carry over."""
MAX_CLIP_S = 60.0
MAX_VERSION = 9999
SECTIONS = (
    *("version", "date", "title", "summary", "clip_seconds"),
    *("thresholds", "decision", "labels", "edge_cases", "literature"),
)


def read(raw: bytes, file: str) -> Guideline:
    """Return the guideline in this YAML text; GuidelineError, which names ``file``, if it is invalid."""
    try:
        return _build(parse(raw, file))
    except DocumentError as error:
        raise GuidelineError(str(error)) from error


def _build(document: Entry) -> Guideline:
    if document.is_null:
        document.fail("the file is empty")
    top = document.fields(*SECTIONS, optional=("migration",))
    version = top["version"].whole(largest=MAX_VERSION)
    clip_seconds = top["clip_seconds"].seconds(MAX_CLIP_S)
    names = _names(top["labels"])
    if (version > 1) != ("migration" in top):
        document.fail("version 1 must have no migration, and every later version must have one")
    return Guideline(
        version=version,
        date=_date(top["date"]),
        title=top["title"].text(),
        summary=top["summary"].text(),
        clip_seconds=clip_seconds,
        limits=tuple(_threshold(entry, clip_seconds) for entry in _distinct(top["thresholds"], "name")),
        decision=_decision(top["decision"], names),
        labels=tuple(_label(entry, names, clip_seconds) for entry in _distinct(top["labels"], "key")),
        edge_cases=tuple(_edge_case(entry, names) for entry in _distinct(top["edge_cases"], "sound")),
        migration=tuple(_carry(e, names) for e in _distinct(top["migration"], "label")) if version > 1 else (),
        literature=tuple(_reference(entry) for entry in top["literature"].items()),
        digest=digest(document),
    )


def digest(document: Entry) -> str:
    """Return the SHA-256 (hex) of the content as canonical JSON.

    Keys are sorted, text is on one line and numbers are floats. So comments, wrapping, quoting, the order of keys and 2
    in place of 2.0 do not change the digest. The order of lists, such as the labels, and every word do.
    """
    canonical = json.dumps(_canonical(document), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _canonical(entry: Entry) -> object:
    value = entry.content
    if isinstance(value, dict):
        return {key: _canonical(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_canonical(item) for item in value]
    if isinstance(value, str):
        return " ".join(value.split())
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _distinct(entry: Entry, key: str) -> list[Entry]:
    """Return the items of a list; DocumentError if two have the same value of this field."""
    seen = set()
    for item in entry.items():
        field = item.field(key)
        if field.text() in seen:
            field.fail(f"{field.text()!r} is given twice: change or remove one of them")
        seen.add(field.text())
    return entry.items()


def _names(labels: Entry) -> tuple[str, ...]:
    entries = [item.field("name") for item in _distinct(labels, "name")]
    for entry in entries:
        if not re.fullmatch(r"[a-z]+([ -][a-z]+)*", entry.text()) or entry.text() in (NEXT, LISTEN_AGAIN):
            entry.fail(f"must be lowercase words such as soothed-crying, and not {NEXT} or {LISTEN_AGAIN}")
    if len(entries) < 2:
        labels.fail("must have at least two labels")
    return tuple(entry.text() for entry in entries)


def _one_of(entry: Entry, names: tuple[str, ...]) -> str:
    if entry.text() not in names:
        entry.fail(f"must be one of {', '.join(names)}, not {entry.text()!r}")
    return entry.text()


def _date(entry: Entry) -> str:
    try:
        return date.fromisoformat(entry.text()).isoformat()
    except ValueError:
        entry.fail('must be a day such as "2026-11-23"')


def _threshold(entry: Entry, clip_seconds: float) -> Threshold:
    fields = entry.fields("name", "value", "unit", "meaning")
    if fields["unit"].text() != "s":
        fields["unit"].fail("must be s, because thresholds are seconds")
    if not re.fullmatch(r"[a-z]+(_[a-z]+)*_s", fields["name"].text()):
        fields["name"].fail("must be a name such as crying_min_cry_s, ending in its unit")
    return Threshold(fields["name"].text(), fields["value"].seconds(clip_seconds), fields["meaning"].text())


def _decision(entry: Entry, names: tuple[str, ...]) -> tuple[Question, ...]:
    steps = [step.fields("ask", "if_yes", "if_no") for step in entry.items()]
    for index, step in enumerate(steps):
        answers = {_one_of(step[answer], (*names, NEXT)) for answer in ("if_yes", "if_no")}
        if index == len(steps) - 1 and NEXT in answers:
            step["ask"].fail("both answers of the last question must be labels")
        if index < len(steps) - 1 and NEXT not in answers:
            step["ask"].fail("one answer must be next, because the later questions are unreachable")
    ends = {step[answer].text() for step in steps for answer in ("if_yes", "if_no")}
    unreached = [name for name in names if name not in ends]
    if unreached:
        entry.fail(f"no answer gives {', '.join(unreached)}: every label needs one")

    def label(answer: Entry) -> str | None:
        return None if answer.text() == NEXT else answer.text()

    return tuple(Question(step["ask"].text(), label(step["if_yes"]), label(step["if_no"])) for step in steps)


def _label(entry: Entry, names: tuple[str, ...], clip_seconds: float) -> Label:
    fields = entry.fields("name", "key", "rings", "definition", "listen_for", "examples", "counter_examples")
    name = fields["name"].text()
    if len(fields["key"].text()) != 1:
        fields["key"].fail("must be one character, the key that selects the label")
    return Label(
        name=name,
        key=fields["key"].text(),
        rings=fields["rings"].flag(),
        definition=fields["definition"].text(),
        listen_for=tuple(item.text() for item in fields["listen_for"].items()),
        examples=tuple(_example(item, name, clip_seconds) for item in fields["examples"].items()),
        counter_examples=tuple(
            _counter_example(item, name, names, clip_seconds) for item in fields["counter_examples"].items()
        ),
    )


def _example(entry: Entry, label: str, clip_seconds: float) -> Example:
    fields = entry.fields("heard", optional=("strip",))
    return Example(fields["heard"].text(), label, "", _strip(fields.get("strip"), clip_seconds))


def _counter_example(entry: Entry, label: str, names: tuple[str, ...], clip_seconds: float) -> Example:
    fields = entry.fields("heard", "label", "because", optional=("strip",))
    other = _one_of(fields["label"], names)
    if other == label:
        fields["label"].fail(f"must be another label than {label}, which this is a counter-example of")
    strip = _strip(fields.get("strip"), clip_seconds)
    return Example(fields["heard"].text(), other, fields["because"].text(), strip)


def _strip(entry: Entry | None, clip_seconds: float) -> Strip | None:
    if entry is None:
        return None
    drawn = entry.fields(optional=LANES)
    if not drawn:
        entry.fail(f"must have at least one lane of {', '.join(LANES)}")
    return Strip({lane: _spans(drawn[lane], clip_seconds) for lane in LANES if lane in drawn})


def _spans(entry: Entry, clip_seconds: float) -> tuple[Span, ...]:
    spans: list[Span] = []
    for item in entry.items():
        match [edge.seconds(clip_seconds) for edge in item.items()]:
            case [start, end] if start < end and (not spans or spans[-1][1] < start):
                spans.append((start, end))
            case _:
                item.fail("must be [start, end] in seconds, after the previous span")
    return tuple(spans)


def _edge_case(entry: Entry, names: tuple[str, ...]) -> EdgeCase:
    fields = entry.fields("sound", "label", "why")
    return EdgeCase(fields["sound"].text(), _one_of(fields["label"], names), fields["why"].text())


def _carry(entry: Entry, names: tuple[str, ...]) -> Carry:
    fields = entry.fields("label", "becomes", "why")
    becomes = _one_of(fields["becomes"], (*names, LISTEN_AGAIN))
    return Carry(fields["label"].text(), None if becomes == LISTEN_AGAIN else becomes, fields["why"].text())


def _reference(entry: Entry) -> Reference:
    fields = entry.fields("claim", "source", "link")
    if not fields["link"].text().startswith("https://"):
        fields["link"].fail("must be an https:// URL")
    return Reference(fields["claim"].text(), fields["source"].text(), fields["link"].text())

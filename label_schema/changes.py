"""The changes between two versions, and the labels that carry over."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from label_schema.guideline import Guideline, Label
from label_schema.versions import carry_over


@dataclass(frozen=True, slots=True)
class Change:
    """One part of the text that is only in one version, or differs between them."""

    part: str
    """Part of the guideline, such as ``labels`` or ``edge cases``."""
    name: str
    before: str | None
    """Text of the old version, or None."""
    after: str | None
    """Text of the new version, or None."""


def changes(old: Guideline, new: Guideline) -> list[Change]:
    """Return every difference, part by part in the order of the page."""
    before, after = dict(_parts(old)), dict(_parts(new))
    return [
        Change(part, name, was, becomes)
        for part in before
        for name, was, becomes in _differences(before[part], after[part])
    ]


def report(old: Guideline, new: Guideline) -> Iterator[str]:
    """Yield the differences as lines of text; for an older and a newer version, also the labels that carry over."""
    yield f"guideline version {old.version} ({old.digest[:12]}) -> {new.version} ({new.digest[:12]})"
    part = ""
    for change in changes(old, new):
        if change.part != part:
            part = change.part
            yield f"\n{part}"
        if change.before is not None and change.after is not None:
            yield f"  ~ {change.name}"
            yield f"      was: {change.before}"
            yield f"      now: {change.after}"
        elif change.after is not None:
            yield f"  + {change.name}: {change.after}"
        else:
            yield f"  - {change.name}: {change.before}"
    if not part:
        yield "no difference"
    if old.version < new.version:
        yield "\nlabels already given"
        for name in old.names:
            carried = carry_over(name, old.version, new.version)
            yield f"  {name} -> {carried or 'listen again'}"


def _differences(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[tuple[str, str | None, str | None]]:
    for name in [*before, *(name for name in after if name not in before)]:
        if before.get(name) != after.get(name):
            yield name, before.get(name), after.get(name)


def _parts(guideline: Guideline) -> Iterator[tuple[str, dict[str, str]]]:
    yield "in general", {"title": guideline.title, "summary": guideline.summary}
    yield "thresholds", {limit.name: f"{limit.value:g} s - {limit.meaning}" for limit in guideline.limits}
    yield (
        "decision",
        {
            f"question {number}": f"{step.ask} yes: {step.if_yes or 'next'}, no: {step.if_no or 'next'}"
            for number, step in enumerate(guideline.decision, 1)
        },
    )
    yield "labels", {label.name: _label(label) for label in guideline.labels}
    for about in ("listen for", "examples", "counter-examples"):
        yield about, {label.name: _texts(label, about) for label in guideline.labels}
    yield "edge cases", {case.sound: f"{case.label} - {case.why}" for case in guideline.edge_cases}


def _label(label: Label) -> str:
    return f"{label.definition} ({'rings' if label.rings else 'does not ring'}, key {label.key})"


def _texts(label: Label, about: str) -> str:
    if about == "listen for":
        return " / ".join(label.listen_for)
    examples = label.examples if about == "examples" else label.counter_examples
    return " / ".join(f"{example.heard} ({example.label})" for example in examples)

"""A guideline as plain text for a terminal."""

import textwrap
from collections.abc import Iterator

from label_schema.guideline import Example, Guideline, Label, Strip

WIDTH = 100
CELLS_PER_SECOND = 10


def lines(guideline: Guideline) -> Iterator[str]:
    """Yield the lines of the whole guideline."""
    yield f"{guideline.title} (guideline version {guideline.version}, {guideline.date})"
    yield from _wrap(guideline.summary)
    yield "\nDecide in this order"
    for number, step in enumerate(guideline.decision, 1):
        yield from _wrap(step.ask, f"  {number}. ")
        yield f"     yes: {step.if_yes or 'next question'}   no: {step.if_no or 'next question'}"
    for label in guideline.labels:
        yield from _label(label, guideline.clip_seconds)
    yield "\nEdge cases"
    for case in guideline.edge_cases:
        yield from _wrap(f"{case.sound}: {case.label}. {case.why}", "  - ")
    yield "\nThe numbers"
    for limit in guideline.limits:
        yield from _wrap(f"{limit.value:.1f} s  {limit.name}: {limit.meaning}", "  - ")
    if guideline.migration:
        yield f"\nLabels given under version {guideline.version - 1}"
    for rule in guideline.migration:
        yield from _wrap(f"{rule.label}: {rule.becomes or 'listen again'}. {rule.why}", "  - ")
    yield "\nWhere the numbers come from"
    for reference in guideline.literature:
        yield from _wrap(f"{reference.claim} {reference.source}. {reference.link}", "  - ")


def _label(label: Label, clip_seconds: float) -> Iterator[str]:
    yield f"\n{label.name} (key {label.key}, {'rings' if label.rings else 'does not ring'})"
    yield from _wrap(label.definition, "  ")
    yield "  Listen for"
    for hint in label.listen_for:
        yield from _wrap(hint, "  - ")
    yield "  Examples"
    for example in label.examples:
        yield from _example(example, clip_seconds)
    yield f"  Not {label.name}"
    for example in label.counter_examples:
        yield from _example(example, clip_seconds)


def _example(example: Example, clip_seconds: float) -> Iterator[str]:
    verdict = f" {example.label}: {example.because}" if example.because else ""
    yield from _wrap(example.heard + verdict, "  - ")
    if example.strip is not None:
        yield from _strip(example.strip, clip_seconds)


def _strip(strip: Strip, clip_seconds: float) -> Iterator[str]:
    for lane, spans in strip.lanes.items():
        cells = [" "] * round(clip_seconds * CELLS_PER_SECOND)
        for start, end in spans:
            first, last = round(start * CELLS_PER_SECOND), round(end * CELLS_PER_SECOND)
            cells[first:last] = "#" * (last - first)
        yield f"      {lane:<6}|{''.join(cells)}|"


def _wrap(words: str, first: str = "") -> list[str]:
    return textwrap.wrap(words, WIDTH, initial_indent=first, subsequent_indent=" " * len(first))

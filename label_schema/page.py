"""A guideline as one self-contained HTML page for labellers, without scripts or requests, light and dark.

Tables name their roles because the phone layout stacks their cells, and some browsers then forget they are tables.
"""

import html
import re
from collections.abc import Iterable
from pathlib import Path
from string import Template

from label_schema.guideline import Example, Guideline, Label, Strip

LANE_NAMES = {"cry": "Cry", "fuss": "Whimper", "adult": "Adult", "other": "Other"}


def _read(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


STYLE = _read("page.css")
"""CSS with a readable measure and a contrast of at least 4.5 to 1, light and dark, for phone and paper."""


def page(guideline: Guideline) -> str:
    """Return the whole page as HTML."""
    filled = _fill(
        "page.html",
        title=_words(guideline.title),
        version=guideline.version,
        style=STYLE,
        label_colors=_label_colors(guideline),
        date=guideline.date,
        summary=_words(guideline.summary),
        cards=_cards(guideline),
        steps=_steps(guideline),
        legend=_legend(guideline),
        labels=_joined(_label(guideline, label) for label in guideline.labels),
        edge_cases=_edge_cases(guideline),
        numbers=_numbers(guideline),
        migration=_migration(guideline),
        literature=_literature(guideline),
        digest=guideline.digest[:16],
    )
    return f"{filled}\n"


def _fill(template: str, **values: object) -> str:
    """Return a template file with its placeholders replaced, without its last newline, so that it fits into others."""
    return Template(_read(template).removesuffix("\n")).substitute(values)


def _words(text: str) -> str:
    """Text made safe for HTML, its seconds kept together with their unit."""
    return re.sub(r"(\d) s\b", r"\1&nbsp;s", html.escape(text))


def _joined(parts: Iterable[str]) -> str:
    return "\n".join(parts)


def _slug(name: str) -> str:
    return name.replace(" ", "-")


def _label_colors(guideline: Guideline) -> str:
    return "".join(
        f".of-{_slug(name)} {{ --label: var(--label-{index % 4}); }}\n" for index, name in enumerate(guideline.names)
    )


def _chip(name: str) -> str:
    return f'<span class="chip of-{_slug(name)}">{_words(name)}</span>'


def _cards(guideline: Guideline) -> str:
    return _joined(
        f'<li><a class="card of-{_slug(label.name)}" href="#{_slug(label.name)}"><kbd>{_words(label.key)}</kbd>'
        f"<strong>{_words(label.name)}</strong>{_rings(label)}</a></li>"
        for label in guideline.labels
    )


def _rings(label: Label) -> str:
    return f'<span class="rings">{"calls the parents" if label.rings else "stays silent"}</span>'


def _steps(guideline: Guideline) -> str:
    return _joined(
        f'<li><p>{_words(step.ask)}</p><p class="answers"><span>Yes &rarr; {_answer(step.if_yes)}</span>'
        f"<span>No &rarr; {_answer(step.if_no)}</span></p></li>"
        for step in guideline.decision
    )


def _answer(label: str | None) -> str:
    return _chip(label) if label else "next question"


def _legend(guideline: Guideline) -> str:
    has_strips = any(example.strip for label in guideline.labels for example in label.examples + label.counter_examples)
    return _fill("page_legend.html") if has_strips else ""


def _label(guideline: Guideline, label: Label) -> str:
    return _fill(
        "page_label.html",
        slug=_slug(label.name),
        key=_words(label.key),
        name=_words(label.name),
        rings=_rings(label),
        definition=_words(label.definition),
        listen_for=_joined(f"<li>{_words(hint)}</li>" for hint in label.listen_for),
        examples=_joined(_example(guideline, example) for example in label.examples),
        counter_examples=_joined(_example(guideline, example) for example in label.counter_examples),
    )


def _example(guideline: Guideline, example: Example) -> str:
    verdict = f'<p class="because">{_chip(example.label)} {_words(example.because)}</p>' if example.because else ""
    strip = _strip(example.strip, guideline.clip_seconds) if example.strip else ""
    return f"<li><p>{_words(example.heard)}</p>{strip}{verdict}</li>"


def _strip(strip: Strip, clip_seconds: float) -> str:
    spoken = "; ".join(
        f"{LANE_NAMES[lane].lower()} from {', '.join(f'{start:g} to {end:g} s' for start, end in spans)}"
        for lane, spans in strip.lanes.items()
    )
    lanes = _joined(
        f'<span class="lane-name">{LANE_NAMES[lane]}</span><span class="lane lane-{lane}">'
        + "".join(
            f'<i style="left:{100 * start / clip_seconds:.1f}%;width:{100 * (end - start) / clip_seconds:.1f}%"></i>'
            for start, end in spans
        )
        + "</span>"
        for lane, spans in strip.lanes.items()
    )
    return f'<div class="strip" role="img" aria-label="A clip of {clip_seconds:g} s: {spoken}">{lanes}</div>'


def _edge_cases(guideline: Guideline) -> str:
    rows = [(_words(case.sound), _chip(case.label), _words(case.why)) for case in guideline.edge_cases]
    return _table("edge-cases", "Edge cases", ("What you hear", "Label", "Why"), rows)


def _numbers(guideline: Guideline) -> str:
    rows = [
        (_words(f"{limit.value:.1f} s"), _words(limit.meaning), f"<code>{_words(limit.name)}</code>")
        for limit in guideline.limits
    ]
    return _table("numbers", "The numbers", ("Seconds", "Meaning", "Name in programs"), rows)


def _migration(guideline: Guideline) -> str:
    if not guideline.migration:
        return ""
    rows = [
        (_words(rule.label), _chip(rule.becomes) if rule.becomes else "listen again", _words(rule.why))
        for rule in guideline.migration
    ]
    title = f"Labels given under version {guideline.version - 1}"
    return _table("migration", title, ("Was", "Becomes", "Why"), rows)


def _table(anchor: str, title: str, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    heads = "".join(f'<th scope="col" role="columnheader">{column}</th>' for column in columns)
    body = _joined(
        f'<tr role="row"><th scope="row" role="rowheader">{first}</th>'
        + "".join(f'<td role="cell">{cell}</td>' for cell in cells)
        + "</tr>"
        for first, *cells in rows
    )
    return _fill("page_table.html", anchor=anchor, title=title, heads=heads, rows=body)


def _literature(guideline: Guideline) -> str:
    return _joined(
        f'<li>{_words(reference.claim)} <a href="{_words(reference.link)}">{_words(reference.source)}</a></li>'
        for reference in guideline.literature
    )

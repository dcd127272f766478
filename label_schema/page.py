"""A guideline as one self-contained HTML page for labelers, light and dark, without scripts or requests.

Tables have explicit roles, because the phone layout stacks their cells and some browsers then drop the table semantics.
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
"""CSS with a readable line length and a contrast of at least 4.5 to 1, light and dark, for phone and print."""


def page(guideline: Guideline) -> str:
    """Return the whole page as HTML."""
    filled = _fill(
        "page.html",
        title=_escape(guideline.title),
        version=guideline.version,
        style=STYLE,
        label_colors=_label_colors(guideline),
        date=guideline.date,
        summary=_escape(guideline.summary),
        cards=_cards(guideline),
        steps=_steps(guideline),
        legend=_legend(guideline),
        labels=_join(_label(guideline, label) for label in guideline.labels),
        edge_cases=_edge_cases(guideline),
        numbers=_numbers(guideline),
        migration=_migration(guideline),
        literature=_literature(guideline),
        digest=guideline.digest[:16],
    )
    return f"{filled}\n"


def _fill(template: str, **values: object) -> str:
    """Return a template file with its placeholders replaced and without its last newline, to nest it in others."""
    return Template(_read(template).removesuffix("\n")).substitute(values)


def _escape(text: str) -> str:
    """Escape text for HTML, with a non-breaking space between seconds and their unit."""
    return re.sub(r"(\d) s\b", r"\1&nbsp;s", html.escape(text))


def _join(parts: Iterable[str]) -> str:
    return "\n".join(parts)


def _slug(name: str) -> str:
    return name.replace(" ", "-")


def _label_colors(guideline: Guideline) -> str:
    return "".join(
        f".of-{_slug(name)} {{ --label: var(--label-{index % 4}); }}\n" for index, name in enumerate(guideline.names)
    )


def _chip(name: str) -> str:
    return f'<span class="chip of-{_slug(name)}">{_escape(name)}</span>'


def _cards(guideline: Guideline) -> str:
    return _join(
        f'<li><a class="card of-{_slug(label.name)}" href="#{_slug(label.name)}"><kbd>{_escape(label.key)}</kbd>'
        f"<strong>{_escape(label.name)}</strong>{_rings(label)}</a></li>"
        for label in guideline.labels
    )


def _rings(label: Label) -> str:
    return f'<span class="rings">{"calls the parents" if label.rings else "stays silent"}</span>'


def _steps(guideline: Guideline) -> str:
    return _join(
        f'<li><p>{_escape(step.ask)}</p><p class="answers"><span>Yes &rarr; {_answer(step.if_yes)}</span>'
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
        key=_escape(label.key),
        name=_escape(label.name),
        rings=_rings(label),
        definition=_escape(label.definition),
        listen_for=_join(f"<li>{_escape(hint)}</li>" for hint in label.listen_for),
        examples=_join(_example(guideline, example) for example in label.examples),
        counter_examples=_join(_example(guideline, example) for example in label.counter_examples),
    )


def _example(guideline: Guideline, example: Example) -> str:
    verdict = f'<p class="because">{_chip(example.label)} {_escape(example.because)}</p>' if example.because else ""
    strip = _strip(example.strip, guideline.clip_seconds) if example.strip else ""
    return f"<li><p>{_escape(example.heard)}</p>{strip}{verdict}</li>"


def _strip(strip: Strip, clip_seconds: float) -> str:
    description = "; ".join(
        f"{LANE_NAMES[lane].lower()} from {', '.join(f'{start:g} to {end:g} s' for start, end in spans)}"
        for lane, spans in strip.lanes.items()
    )
    lanes = _join(
        f'<span class="lane-name">{LANE_NAMES[lane]}</span><span class="lane lane-{lane}">'
        + "".join(
            f'<i style="left:{100 * start / clip_seconds:.1f}%;width:{100 * (end - start) / clip_seconds:.1f}%"></i>'
            for start, end in spans
        )
        + "</span>"
        for lane, spans in strip.lanes.items()
    )
    return f'<div class="strip" role="img" aria-label="A clip of {clip_seconds:g} s: {description}">{lanes}</div>'


def _edge_cases(guideline: Guideline) -> str:
    rows = [(_escape(case.sound), _chip(case.label), _escape(case.why)) for case in guideline.edge_cases]
    return _table("edge-cases", "Edge cases", ("What you hear", "Label", "Why"), rows)


def _numbers(guideline: Guideline) -> str:
    rows = [
        (_escape(f"{limit.value:.1f} s"), _escape(limit.meaning), f"<code>{_escape(limit.name)}</code>")
        for limit in guideline.limits
    ]
    return _table("numbers", "The numbers", ("Seconds", "Meaning", "Name in programs"), rows)


def _migration(guideline: Guideline) -> str:
    if not guideline.migration:
        return ""
    rows = [
        (_escape(rule.label), _chip(rule.becomes) if rule.becomes else "listen again", _escape(rule.why))
        for rule in guideline.migration
    ]
    title = f"Labels given under version {guideline.version - 1}"
    return _table("migration", title, ("Was", "Becomes", "Why"), rows)


def _table(anchor: str, title: str, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    heads = "".join(f'<th scope="col" role="columnheader">{column}</th>' for column in columns)
    body = _join(
        f'<tr role="row"><th scope="row" role="rowheader">{first}</th>'
        + "".join(f'<td role="cell">{cell}</td>' for cell in cells)
        + "</tr>"
        for first, *cells in rows
    )
    return _fill("page_table.html", anchor=anchor, title=title, heads=heads, rows=body)


def _literature(guideline: Guideline) -> str:
    return _join(
        f'<li>{_escape(reference.claim)} <a href="{_escape(reference.link)}">{_escape(reference.source)}</a></li>'
        for reference in guideline.literature
    )

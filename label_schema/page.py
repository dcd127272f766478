"""A guideline as one self-contained page for the people who label: no script, nothing fetched, light and dark.

Tables name their roles because the phone layout stacks their cells, and some browsers then forget they are tables.
"""

import html
import re
from collections.abc import Iterable

from label_schema.guideline import Example, Guideline, Label, Strip
from label_schema.page_style import STYLE

LANE_NAMES = {"cry": "Cry", "fuss": "Whimper", "adult": "Adult", "other": "Other"}


def page(guideline: Guideline) -> str:
    """The whole page as HTML."""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{_words(guideline.title)} - guideline version {guideline.version}</title>
<style>{STYLE}{_label_colors(guideline)}</style>
</head>
<body>
<a class="skip" href="#decide">Skip to the decision order</a>
<header>
<p class="kicker">Labeling guideline &middot; version {guideline.version} &middot;
<span class="date">{guideline.date}</span></p>
<h1>{_words(guideline.title)}</h1>
<p class="lead">{_words(guideline.summary)}</p>
{_contents(guideline)}
</header>
<main>
{_decision(guideline)}
<section aria-labelledby="labels"><h2 id="labels">The labels</h2>
{_legend(guideline)}
{_joined(_label(guideline, label) for label in guideline.labels)}
</section>
{_edge_cases(guideline)}
{_numbers(guideline)}
{_migration(guideline)}
{_literature(guideline)}
</main>
<footer><p>Version {guideline.version}, digest <code>{guideline.digest[:16]}</code>.
A published version is never edited;
if a sentence here left you in doubt, report the clip, and the next version will say it better.</p></footer>
</body>
</html>
"""


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


def _contents(guideline: Guideline) -> str:
    cards = _joined(
        f'<li><a class="card of-{_slug(label.name)}" href="#{_slug(label.name)}"><kbd>{_words(label.key)}</kbd>'
        f"<strong>{_words(label.name)}</strong>{_rings(label)}</a></li>"
        for label in guideline.labels
    )
    return f'<nav aria-label="Labels"><ul class="cards">{cards}</ul></nav>'


def _rings(label: Label) -> str:
    return f'<span class="rings">{"calls the parents" if label.rings else "stays silent"}</span>'


def _decision(guideline: Guideline) -> str:
    steps = _joined(
        f'<li><p>{_words(step.ask)}</p><p class="answers"><span>Yes &rarr; {_answer(step.if_yes)}</span>'
        f"<span>No &rarr; {_answer(step.if_no)}</span></p></li>"
        for step in guideline.decision
    )
    return f"""<section aria-labelledby="decide"><h2 id="decide">Decide in this order</h2>
<ol class="steps">{steps}</ol></section>"""


def _answer(label: str | None) -> str:
    return _chip(label) if label else "next question"


def _legend(guideline: Guideline) -> str:
    if not any(example.strip for label in guideline.labels for example in label.examples + label.counter_examples):
        return ""
    return """<p class="legend">The strips draw a clip, second by second.
<span class="key lane-cry">cry, in full bursts</span> <span class="key lane-fuss">whimper, grunt or weak cry</span>
<span class="key lane-adult">an adult near, by voice or touch</span>
<span class="key lane-other">anything else</span></p>"""


def _label(guideline: Guideline, label: Label) -> str:
    return f"""<article class="label of-{_slug(label.name)}" aria-labelledby="{_slug(label.name)}">
<h3 id="{_slug(label.name)}"><kbd>{_words(label.key)}</kbd> {_words(label.name)} {_rings(label)}</h3>
<p class="definition">{_words(label.definition)}</p>
<h4>Listen for</h4>
<ul>{_joined(f"<li>{_words(hint)}</li>" for hint in label.listen_for)}</ul>
<div class="examples">
<div><h4>Examples</h4>
<ul class="heard">{_joined(_example(guideline, example) for example in label.examples)}</ul></div>
<div><h4>Sounds like it, but is not</h4>
<ul class="heard">{_joined(_example(guideline, example) for example in label.counter_examples)}</ul></div>
</div>
</article>"""


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
    return f"""<section aria-labelledby="{anchor}"><h2 id="{anchor}">{title}</h2>
<div class="scroll {anchor}" role="region" aria-labelledby="{anchor}" tabindex="0"><table role="table">
<thead role="rowgroup"><tr role="row">{heads}</tr></thead>
<tbody role="rowgroup">{body}</tbody></table></div></section>"""


def _literature(guideline: Guideline) -> str:
    items = _joined(
        f'<li>{_words(reference.claim)} <a href="{_words(reference.link)}">{_words(reference.source)}</a></li>'
        for reference in guideline.literature
    )
    return f"""<section aria-labelledby="sources"><h2 id="sources">Where the numbers come from</h2>
<ul>{items}</ul></section>"""

"""Label Studio's labeling configuration and instructions, written from the guideline."""

import html
from collections.abc import Iterator
from xml.etree import ElementTree as Xml

from label_schema import Guideline

AUDIO = "audio"
CHOICE = "label"


def configuration(guideline: Guideline) -> str:
    """Return the labeling configuration: player, spectrogram, labels with their keys, decision order."""
    view = Xml.Element("View")
    Xml.SubElement(view, "Header", value=f"{guideline.title} (guideline version {guideline.version})", size="4")
    Xml.SubElement(view, "Audio", name=AUDIO, value=f"${AUDIO}", hotkey="space", spectrogram="true", height="120")
    choices = Xml.SubElement(
        view,
        "Choices",
        name=CHOICE,
        toName=AUDIO,
        choice="single-radio",
        showInline="true",
        required="true",
        requiredMessage="Choose a label. Skip the clip only if it does not play.",
    )
    for label in guideline.labels:
        Xml.SubElement(choices, "Choice", value=label.name, hotkey=label.key, hint=label.definition)
    Xml.SubElement(view, "Header", value="Decide in this order, and stop at the first label", size="5")
    _texts(view, "question", decision_lines(guideline))
    Xml.SubElement(view, "Header", value="What the labels mean", size="5")
    _texts(view, "meaning", (f"{label.name} ({label.key}): {label.definition}" for label in guideline.labels))
    panel = Xml.SubElement(Xml.SubElement(view, "Collapse"), "Panel", value="Sounds people disagree on")
    _texts(panel, "case", (f"{case.sound}: {case.label}. {case.why}" for case in guideline.edge_cases))
    Xml.indent(view)
    return Xml.tostring(view, encoding="unicode")


def instructions(guideline: Guideline) -> str:
    """Return the instructions that Label Studio shows before the first clip, as HTML."""
    labels = "".join(
        f"<h3>{html.escape(label.name)} (key {html.escape(label.key)})</h3><p>{html.escape(label.definition)}</p>"
        + _list(label.listen_for)
        for label in guideline.labels
    )
    return (
        f"<h2>{html.escape(guideline.title)}</h2><p>{html.escape(guideline.summary)}</p>"
        f"<h3>Decide in this order</h3>{_list(decision_lines(guideline))}{labels}"
        "<p>Space plays and pauses, the keys choose, Ctrl+Enter submits.</p>"
    )


def decision_lines(guideline: Guideline) -> Iterator[str]:
    """Yield the questions in order, each with the results of its answers."""
    for number, step in enumerate(guideline.decision, 1):
        yield f"{number}. {step.ask} Yes: {step.if_yes or 'next question'}. No: {step.if_no or 'next question'}."


def _texts(parent: Xml.Element, name: str, lines: Iterator[str]) -> None:
    for number, line in enumerate(lines, 1):
        Xml.SubElement(parent, "Text", name=f"{name}-{number}", value=line)


def _list(lines: Iterator[str] | tuple[str, ...]) -> str:
    return "<ul>" + "".join(f"<li>{html.escape(line)}</li>" for line in lines) + "</ul>"

"""The report's plots, as SVG text."""

import io
from collections.abc import Sequence

import matplotlib as mpl
from matplotlib.figure import Figure

from edge.detection.decision_settings import Thresholds
from training.evaluation.clip_scores import ScoredClip
from training.evaluation.metrics import BySource, confusion
from training.model.operating_points import ScoredStream, run_decision

mpl.rcParams["svg.hashsalt"] = "hushd"
COLORS = {"crying": "#d1495b", "fussing": "#edae49", "soothed-crying": "#2e86ab", "none": "#b7b7b7"}


def confusion_picture(clips: Sequence[ScoredClip], labels: Sequence[str]) -> str:
    """Draw the counts of :func:`metrics.confusion`, shaded by row."""
    counts = confusion(clips, labels)
    figure = Figure(figsize=(5, 4.2), layout="constrained")
    axes = figure.subplots()
    axes.imshow(counts / counts.sum(axis=1, keepdims=True).clip(1), cmap="Blues", vmin=0, vmax=1)
    for row in range(len(labels)):
        for column in range(len(labels)):
            share = counts[row, column] / max(1, counts[row].sum())
            axes.text(
                column, row, str(counts[row, column]), ha="center", va="center", color="w" if share > 0.5 else "k"
            )
    axes.set_xticks(range(len(labels)), labels, rotation=30, ha="right")
    axes.set_yticks(range(len(labels)), labels)
    axes.set_xlabel("the model says")
    axes.set_ylabel("labeled")
    return as_svg(figure)


def sources_picture(rows: Sequence[BySource]) -> str:
    """Draw the fraction of right labels by source, the weakest first."""
    figure = Figure(figsize=(7, 0.26 * len(rows) + 1), layout="constrained")
    axes = figure.subplots()
    names = [f"{row.source}: {row.kind} ({row.clips})" for row in rows]
    axes.barh(names, [row.right for row in rows], color="#2e86ab")
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.set_xlabel("clips labeled as they should be")
    return as_svg(figure)


def timelines_picture(streams: Sequence[ScoredStream], thresholds: Thresholds, labels: Sequence[str]) -> str:
    """Draw one episode of each kind: probabilities and events over time."""
    kinds = sorted({each.kind for each in streams})
    figure = Figure(figsize=(9, 1.5 * len(kinds)), layout="constrained")
    for axes, kind in zip(figure.subplots(len(kinds), 1, sharex=True), kinds, strict=True):
        shown = next(each for each in streams if each.kind == kind)
        times = [scores.end_s for scores in shown.scores]
        stacks = [[scores.probabilities[label] for scores in shown.scores] for label in labels]
        axes.stackplot(times, stacks, colors=[COLORS[label] for label in labels], labels=labels)
        for event in run_decision(shown.scores, thresholds):
            axes.axvline(event.at_s, color="k", lw=1)
            axes.text(
                event.at_s, 1.02, ("RING " if event.kind.rings else "") + event.kind.value, fontsize=7, rotation=12
            )
        axes.set_ylim(0, 1)
        axes.set_ylabel(kind, fontsize=8)
    axes.set_xlabel("seconds")
    axes.legend(loc="lower right", fontsize=7, ncols=4)
    return as_svg(figure)


def as_svg(figure: Figure) -> str:
    """Return the plot as it stands in a page; the same plot gives the same bytes."""
    out = io.StringIO()
    figure.savefig(out, format="svg", metadata={"Date": None})
    return out.getvalue()[out.getvalue().index("<svg") :]

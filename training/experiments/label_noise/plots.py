"""The experiment's plots, as SVG text."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from training.evaluation.plots import as_svg
from training.experiments.label_noise.analysis import Table, estimate
from training.experiments.label_noise.matched_alerts import Comparison
from training.experiments.label_noise.noise import CLEAN, NoiseKind
from training.statistics import Estimate

_CLEAN_COLOR = "#2e86ab"
_COLORS = {0.12: "#edae49", 0.3: "#d1495b", 1.0: "#5b2a86"}


def curves_picture(figures: Table, counts: Sequence[int], reference: int, name: str) -> str:
    """Draw a panel for each kind of noise, with the clean curve in it; bands are 95 % intervals over seeds."""
    kinds = [kind for kind in NoiseKind if kind is not NoiseKind.CLEAN]
    figure = Figure(figsize=(10, 3.6), layout="constrained")
    panels = figure.subplots(1, len(kinds), sharey=True)
    for axes, kind in zip(panels, kinds, strict=True):
        rows = [noise for noise in figures if noise.kind in (NoiseKind.CLEAN, kind)]
        for noise in rows:
            color = _CLEAN_COLOR if noise == CLEAN else _COLORS[noise.rate]
            _curve(axes, counts, [estimate(row) for row in figures[noise]], color, str(noise))
        clean = float(figures[CLEAN][counts.index(reference)].mean())
        axes.axhline(clean, color=_CLEAN_COLOR, lw=0.8, ls=":")
        axes.set_title(f"wrong labels: {kind.value}", fontsize=9)
        axes.set_xscale("log", base=2)
        axes.set_xticks(counts, [str(count) for count in counts])
        axes.set_xlabel("examples")
        axes.legend(fontsize=7, loc="lower right")
    panels[0].set_ylabel(name)
    return as_svg(figure)


def trade_picture(comparison: Comparison) -> str:
    """Draw cries found against unneeded alerts, over all thresholds."""
    figure = Figure(figsize=(5.5, 4), layout="constrained")
    axes = figure.subplots()
    for version, color in ((1, "#d1495b"), (2, _CLEAN_COLOR)):
        found, unneeded = zip(*comparison.curves[version], strict=True)
        axes.plot(found, unneeded, "o-", color=color, ms=3, label=f"trained under guideline v{version}")
    crying = comparison.rows[0:2]
    unneeded_row = comparison.rows[4]
    for color, version_name in (("#d1495b", "v1"), (_CLEAN_COLOR, "v2")):
        found_here = sum(getattr(row, version_name).value for row in crying) / 2
        axes.plot(found_here, getattr(unneeded_row, version_name).value, "*", ms=13, color=color, mec="k", mew=0.6)
    axes.set_xlabel("crying that rang, of 100 (stars: as compared)")
    axes.set_ylabel("soothed or fussing that rang, of 100")
    axes.set_xlim(0, 100)
    axes.set_ylim(0, 100)
    axes.legend(loc="upper left", fontsize=8)
    return as_svg(figure)


def _curve(axes: Axes, counts: Sequence[int], points: Sequence[Estimate], color: str, label: str) -> None:
    axes.fill_between(
        counts, [each.low for each in points], [each.high for each in points], color=color, alpha=0.18, lw=0
    )
    axes.plot(counts, [each.value for each in points], "o-", color=color, ms=3, lw=1.4, label=label)

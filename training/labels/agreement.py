"""How far the people who label agree: overall, by class, by pair, by slice, with themselves and with gold labels."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.stats import binomtest

from training.labels import reliability
from training.labels.dawid_skene import dawid_skene
from training.labels.rating_matrix import MISSING, RatingMatrix, first_answers, is_person
from training.labels.records import Clip, Label, LabelError, guideline_of, kind_of
from training.labels.reliability import CONFIDENCE, ReliabilityInterval, bootstrap

READY_ALPHA = 0.8
"""From here on Krippendorff relies on labels; below 0.667 not even tentatively."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Agreement on some of the clips, over those with two labels or more."""

    name: str
    clips: int
    percent: ReliabilityInterval
    """Share of pairs that agree. For a class: where one says it, how often the other does too."""
    chance_corrected: ReliabilityInterval
    """Krippendorff's alpha; of a pair of labellers, Cohen's kappa. For a class: of this class against the rest."""


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, with Wilson's 95 % interval: a bootstrap would be sure of the few that are all right."""

    right: int
    of: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class LabellerFigures:
    """One labeller."""

    labeller: str
    labels: int
    skipped: int
    median_seconds: float
    """A label; NaN where nobody measured."""
    repeats: Share
    """Clips heard again, and labeled as before."""
    gold: Share
    """Clips with a gold label, and labeled so."""
    habits: Mapping[str, Mapping[str, float]]
    """True label -> label said -> share, as Dawid and Skene estimate it."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """The labels given under one guideline version."""

    guideline: int
    labels: int
    overall: Figures
    kappa: ReliabilityInterval | None
    """Cohen's, where there are just two labellers."""
    classes: Sequence[Figures]
    pairs: Sequence[Figures]
    slices: Mapping[str, Sequence[Figures]]
    """Weakest first."""
    labellers: Sequence[LabellerFigures]
    confusion: Sequence[Sequence[float]]
    """Pairs of labels on one clip, [K, K] in schema order, symmetric."""

    @property
    def ready(self) -> bool:
        """Whether the guideline is clear enough for the large batch."""
        return self.overall.chance_corrected.value >= READY_ALPHA


def measure_agreement(
    labels: Sequence[Label], clips: Mapping[str, Clip], version: int, slices: Iterable[str] = ()
) -> Agreement:
    """Figures of the first answers under this guideline version; LabelError where no two people heard one clip, or no
    clip has what is sliced by.
    """
    names = guideline_of(version).names
    given = [label for label in labels if label.guideline == version]
    heard = [label for label in given if is_person(label)]
    answers = first_answers(heard, names)
    if not ((answers.values != MISSING).sum(axis=1) >= 2).any():
        raise LabelError(f"nothing to compare: no clip was labeled by two people under guideline version {version}")
    tables = reliability.coincidences(answers.values, len(names))
    pairs = [_pair(answers.by(pair)) for pair in combinations(answers.labellers, 2)]
    return Agreement(
        guideline=version,
        labels=int((answers.values != MISSING).sum()),
        overall=_figures("all clips", answers),
        kappa=pairs[0].chance_corrected if len(pairs) == 1 else None,
        classes=[_class(name, index, tables) for index, name in enumerate(names)],
        pairs=[pair for pair in pairs if pair.clips],
        slices={name: _slice(name, answers, clips) for name in slices},
        labellers=_labellers(answers, heard, [label for label in given if kind_of(label.labeller) == "gold"]),
        confusion=tables.sum(axis=0).tolist(),
    )


def _figures(name: str, answers: RatingMatrix) -> Figures:
    tables = reliability.coincidences(answers.values, len(answers.classes))
    paired = int(tables.any(axis=(1, 2)).sum())
    return Figures(name, paired, bootstrap(tables, reliability.percent), bootstrap(tables, reliability.alpha))


def _pair(answers: RatingMatrix) -> Figures:
    tables = reliability.cross_tables(answers.values[:, 0], answers.values[:, 1], len(answers.classes))
    name = " and ".join(answers.labellers)
    paired = int(tables.any(axis=(1, 2)).sum())
    return Figures(name, paired, bootstrap(tables, reliability.percent), bootstrap(tables, reliability.kappa))


def _class(name: str, index: int, tables: reliability.FloatTable) -> Figures:
    against_rest = reliability.one_against_rest(index)
    return Figures(
        name,
        int(tables[:, index].any(axis=1).sum()),
        bootstrap(tables, lambda table: reliability.specific(table, index)),
        bootstrap(tables, lambda table: reliability.alpha(against_rest(table))),
    )


def _slice(name: str, answers: RatingMatrix, clips: Mapping[str, Clip]) -> list[Figures]:
    known_names = {"source"}.union(*(clips[clip].attributes for clip in answers.clips))
    if name not in known_names:
        raise LabelError(f"no clip that was labeled has {name!r}: slice by {', '.join(sorted(known_names))}")
    members = defaultdict(list)
    for clip in answers.clips:
        known = clips[clip]
        value = known.source if name == "source" else known.attributes.get(name, "unknown")
        members[value].append(clip)
    found = [_figures(value, answers.of(inside)) for value, inside in members.items()]

    def weakness(figures: Figures) -> tuple[bool, float, str]:
        value = figures.chance_corrected.value
        return math.isnan(value), value, figures.name

    return sorted((each for each in found if each.clips), key=weakness)


def _labellers(answers: RatingMatrix, heard: Sequence[Label], gold: Sequence[Label]) -> list[LabellerFigures]:
    clip, labeller = np.nonzero(answers.values != MISSING)
    classes = len(answers.classes)
    habits = dawid_skene(clip, labeller, answers.values[clip, labeller].astype(int), classes, len(answers.labellers))
    truth = {label.clip: label.label for label in gold}
    found = []
    for column, name in enumerate(answers.labellers):
        mine = [label for label in heard if label.labeller == name]
        first = {label.clip: label.label for label in mine if label.round == 1}
        again = [first[label.clip] == label.label for label in mine if label.round == 2 and first.get(label.clip)]
        right = [first[clip] == truth[clip] for clip in first if first[clip] and truth.get(clip)]
        seconds = [label.seconds for label in mine if label.seconds is not None]
        table = habits.tables[column]
        found.append(
            LabellerFigures(
                labeller=name,
                labels=sum(label.label is not None for label in mine),
                skipped=sum(label.label is None for label in mine),
                median_seconds=float(np.median(seconds)) if seconds else math.nan,
                repeats=_share(again),
                gold=_share(right),
                habits={
                    true: dict(zip(answers.classes, map(float, row), strict=True))
                    for true, row in zip(answers.classes, table, strict=True)
                },
            )
        )
    return found


def _share(answers: Sequence[bool]) -> Share:
    if not answers:
        return Share(0, 0, math.nan, math.nan)
    interval = binomtest(sum(answers), len(answers)).proportion_ci(CONFIDENCE, method="wilson")
    return Share(sum(answers), len(answers), float(interval.low), float(interval.high))

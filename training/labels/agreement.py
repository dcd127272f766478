"""Agreement between labelers: overall, by class, by pair, by slice, with repeats and with gold labels."""

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
from training.labels.records import Label, LabelError, StoredClip, guideline_of, kind_of
from training.labels.reliability import bootstrap
from training.statistics import CONFIDENCE, IntervalEstimate

READY_ALPHA = 0.8
"""Krippendorff's limit for reliable labels; below 0.667 he rejects even tentative conclusions."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Agreement on a set of clips with two labels or more."""

    name: str
    clips: int
    percent: IntervalEstimate
    """Share of pairs that agree; for a class, the share of second labels that equal it if the first does."""
    chance_corrected: IntervalEstimate
    """Krippendorff's alpha; for a pair of labelers Cohen's kappa; for a class alpha of it against the rest."""


@dataclass(frozen=True, slots=True)
class Share:
    """A share with Wilson's 95 % interval; a bootstrap interval has no width if all of a few are right."""

    right: int
    of: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class LabellerFigures:
    """Figures of one labeler."""

    labeller: str
    labels: int
    skipped: int
    median_seconds: float
    """Median time a label, seconds; NaN if not measured."""
    repeats: Share
    """Repeated clips with the same label as before."""
    gold: Share
    """Clips with a gold label whose first label equals it."""
    habits: Mapping[str, Mapping[str, float]]
    """True label -> given label -> share, estimated by Dawid and Skene's method."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """The agreement of the labels of one guideline version."""

    guideline: int
    labels: int
    overall: Figures
    kappa: IntervalEstimate | None
    """Cohen's kappa if there are exactly two labelers."""
    classes: Sequence[Figures]
    pairs: Sequence[Figures]
    slices: Mapping[str, Sequence[Figures]]
    """Attribute -> figures by its value, weakest first."""
    labellers: Sequence[LabellerFigures]
    confusion: Sequence[Sequence[float]]
    """Counts of label pairs on one clip, [K, K] in schema order, symmetric."""

    @property
    def ready(self) -> bool:
        """Whether alpha suffices for the large batch."""
        return self.overall.chance_corrected.value >= READY_ALPHA


def measure_agreement(
    labels: Sequence[Label], clips: Mapping[str, StoredClip], version: int, slices: Iterable[str] = ()
) -> Agreement:
    """Measure the agreement of the first answers under this guideline version.

    Raises LabelError if no clip has labels of two people, or if no clip has an attribute of ``slices``.
    """
    names = guideline_of(version).names
    given = [label for label in labels if label.guideline == version]
    by_people = [label for label in given if is_person(label)]
    answers = first_answers(by_people, names)
    if not ((answers.values != MISSING).sum(axis=1) >= 2).any():
        raise LabelError(f"no clip has labels of two people under guideline version {version}: import more labels")
    tables = reliability.coincidences(answers.values, len(names))
    pairs = [_pair(answers.select_labellers(pair)) for pair in combinations(answers.labellers, 2)]
    return Agreement(
        guideline=version,
        labels=int((answers.values != MISSING).sum()),
        overall=_figures("all clips", answers),
        kappa=pairs[0].chance_corrected if len(pairs) == 1 else None,
        classes=[_class(name, index, tables) for index, name in enumerate(names)],
        pairs=[pair for pair in pairs if pair.clips],
        slices={name: _slice(name, answers, clips) for name in slices},
        labellers=_labellers(answers, by_people, [label for label in given if kind_of(label.labeller) == "gold"]),
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


def _slice(name: str, answers: RatingMatrix, clips: Mapping[str, StoredClip]) -> list[Figures]:
    known_names = {"source"}.union(*(clips[clip].attributes for clip in answers.clips))
    if name not in known_names:
        raise LabelError(f"no labeled clip has the attribute {name!r}; slice by {', '.join(sorted(known_names))}")
    members = defaultdict(list)
    for clip in answers.clips:
        known = clips[clip]
        value = known.source if name == "source" else known.attributes.get(name, "unknown")
        members[value].append(clip)
    found = [_figures(value, answers.select_clips(inside)) for value, inside in members.items()]

    def weakness(figures: Figures) -> tuple[bool, float, str]:
        value = figures.chance_corrected.value
        return math.isnan(value), value, figures.name

    return sorted((each for each in found if each.clips), key=weakness)


def _labellers(answers: RatingMatrix, labels: Sequence[Label], gold: Sequence[Label]) -> list[LabellerFigures]:
    clip, labeller = np.nonzero(answers.values != MISSING)
    classes = len(answers.classes)
    estimate = dawid_skene(clip, labeller, answers.values[clip, labeller].astype(int), classes, len(answers.labellers))
    truth = {label.clip: label.label for label in gold}
    found = []
    for column, name in enumerate(answers.labellers):
        mine = [label for label in labels if label.labeller == name]
        first = {label.clip: label.label for label in mine if label.round == 1}
        again = [first[label.clip] == label.label for label in mine if label.round == 2 and first.get(label.clip)]
        right = [first[clip] == truth[clip] for clip in first if first[clip] and truth.get(clip)]
        seconds = [label.seconds for label in mine if label.seconds is not None]
        table = estimate.confusion[column]
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

"""Wrong labels: by chance, by mistaking crying for fussing, or because an older guideline asked for less.

A clip draws its chance once. So the labels that are wrong at 12 % are also wrong at 30 %, and clips that are added to
a set change nothing in those that were there: what differs between two cells is what their names say.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from label_schema import Guideline
from training.experiments.label_noise.examples import Labels


class NoiseKind(StrEnum):
    """How labels go wrong."""

    CLEAN = "clean"
    SYMMETRIC = "symmetric"
    """A clip's label becomes any of the other three."""
    SWAP = "crying and fussing swapped"
    """Of crying and fussing clips; the other two are labeled right."""
    V1 = "guideline v1"
    """The clip was labeled cry or not cry; what was cry counts as the label that rings, crying, the rest as none."""


@dataclass(frozen=True, slots=True)
class Noise:
    """One way of going wrong, and the chance that a clip does."""

    kind: NoiseKind
    rate: float

    def __str__(self) -> str:
        return self.kind.value if self.kind is NoiseKind.CLEAN else f"{self.kind.value}, {self.rate:.0%}"


CLEAN = Noise(NoiseKind.CLEAN, 0.0)
NOISES = (
    CLEAN,
    *(Noise(kind, rate) for kind in (NoiseKind.SYMMETRIC, NoiseKind.SWAP, NoiseKind.V1) for rate in (0.12, 0.3)),
    Noise(NoiseKind.V1, 1.0),  # as it was: every label made under version 1
)


def add_noise(labels: Labels, guideline: Guideline, noise: Noise, seed: int) -> Labels:
    """The labels as somebody would have given them; the same seed spoils the same places."""
    draws = np.random.default_rng([seed, len(NoiseKind)]).random((len(labels), 2))
    wrong = draws[:, 0] < noise.rate
    crying, fussing, none = (guideline.names.index(name) for name in ("crying", "fussing", "none"))
    given = labels.copy()
    match noise.kind:
        case NoiseKind.SYMMETRIC:
            others = len(guideline.names) - 1
            given = (labels + 1 + (draws[:, 1] * others).astype(np.int64)) % len(guideline.names)
        case NoiseKind.SWAP:
            given[labels == crying] = fussing
            given[labels == fussing] = crying
        case NoiseKind.V1:
            given[labels != none] = crying
    return np.where(wrong, given, labels)

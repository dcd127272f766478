"""Label noise: random labels, crying and fussing swapped, or labels under guideline v1.

A clip draws its random number once. So the labels that are wrong at 12 % are also wrong at 30 %, and clips added to a
set leave the others unchanged: two grid points differ only as their names say.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from label_schema import Guideline
from training.experiments.label_noise.examples import Labels


class NoiseKind(StrEnum):
    """Kinds of label noise."""

    CLEAN = "clean"
    SYMMETRIC = "symmetric"
    """A clip's label becomes one of the other three."""
    SWAP = "crying and fussing swapped"
    """Crying becomes fussing and fussing becomes crying; the other two labels stay."""
    V1 = "guideline v1"
    """The clip was labeled cry or not cry: cry counts as crying, the label that rings, and not cry as none."""


@dataclass(frozen=True, slots=True)
class Noise:
    """A kind of noise and its probability for a clip."""

    kind: NoiseKind
    rate: float

    def __str__(self) -> str:
        return self.kind.value if self.kind is NoiseKind.CLEAN else f"{self.kind.value}, {self.rate:.0%}"


CLEAN = Noise(NoiseKind.CLEAN, 0.0)
NOISES = (
    CLEAN,
    *(Noise(kind, rate) for kind in (NoiseKind.SYMMETRIC, NoiseKind.SWAP, NoiseKind.V1) for rate in (0.12, 0.3)),
    Noise(NoiseKind.V1, 1.0),  # every label was made under version 1
)


def add_noise(labels: Labels, guideline: Guideline, noise: Noise, seed: int) -> Labels:
    """Return the labels with noise; the same seed changes the same places."""
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

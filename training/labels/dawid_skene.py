"""Each labeller's habits and each clip's label at once, by expectation and maximization.

Dawid and Skene 1979, https://doi.org/10.2307/2346806. Two dozen lines of numpy; the library that has it
(crowd-kit) brings transformers, nltk and pyarrow along.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int_]
FloatTable = npt.NDArray[np.float64]

STEPS = 1_000
TOLERANCE = 1e-7
SMOOTHING = 1e-3
"""Labels that every cell of a labeller's table is given beforehand: one never seen is not thereby impossible."""


@dataclass(frozen=True, slots=True)
class ConfusionMatrix:
    """What the labels say of labels and labellers."""

    probabilities: FloatTable
    """[clips, K] of each label being the clip's."""
    shares: FloatTable
    """[K], how common each label is."""
    tables: FloatTable
    """[labellers, K, K]: how often a labeller says the column where the row is true; rows sum to 1."""


def dawid_skene(clip: IntArray, labeller: IntArray, label: IntArray, classes: int, labellers: int) -> ConfusionMatrix:
    """From labels in long form (one entry a label, all counted from 0; a labeller may answer a clip repeatedly)."""
    clips = int(clip.max()) + 1
    votes = np.zeros((clips, classes))
    np.add.at(votes, (clip, label), 1)
    probabilities = votes / np.maximum(votes.sum(axis=1, keepdims=True), 1)
    for _ in range(STEPS):
        shares = probabilities.mean(axis=0)
        said = np.full((labellers, classes, classes), SMOOTHING)  # [labeller, said, true]
        np.add.at(said, (labeller, label), probabilities[clip])
        tables = said / said.sum(axis=1, keepdims=True)
        likelihood = np.tile(np.log(np.maximum(shares, 1e-300)), (clips, 1))
        np.add.at(likelihood, clip, np.log(tables[labeller, label]))
        better = np.exp(likelihood - likelihood.max(axis=1, keepdims=True))
        better /= better.sum(axis=1, keepdims=True)
        moved = np.abs(better - probabilities).max()
        probabilities = better
        if moved < TOLERANCE:
            break
    return ConfusionMatrix(probabilities, shares, tables.transpose(0, 2, 1))

"""Dawid and Skene's method: labelers' confusion matrices and clips' labels by expectation maximization.

Dawid and Skene 1979, https://doi.org/10.2307/2346806. It is written here in numpy because the library with it
(crowd-kit) depends on transformers, nltk and pyarrow.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int_]
FloatTable = npt.NDArray[np.float64]

STEPS = 1_000
TOLERANCE = 1e-7
SMOOTHING = 1e-3
"""Count added to every cell of a confusion matrix, so that an unseen label keeps a probability above 0."""


@dataclass(frozen=True, slots=True)
class DawidSkeneEstimate:
    """The estimated labels of clips and confusion matrices of labelers."""

    probabilities: FloatTable
    """[clips, K], probability of each label; rows sum to 1."""
    shares: FloatTable
    """[K], share of each label."""
    confusion: FloatTable
    """[labelers, K, K], probability that a labeler gives the column's label if the row's is true; rows sum to 1."""


def dawid_skene(
    clip: IntArray, labeller: IntArray, label: IntArray, classes: int, labellers: int
) -> DawidSkeneEstimate:
    """Estimate from labels in long form: int arrays [labels] of indices; a labeler may label a clip repeatedly."""
    clips = int(clip.max()) + 1
    votes = np.zeros((clips, classes))
    np.add.at(votes, (clip, label), 1)
    probabilities = votes / np.maximum(votes.sum(axis=1, keepdims=True), 1)
    for _ in range(STEPS):
        shares = probabilities.mean(axis=0)
        counts = np.full((labellers, classes, classes), SMOOTHING)  # [labeler, given, true]
        np.add.at(counts, (labeller, label), probabilities[clip])
        tables = counts / counts.sum(axis=1, keepdims=True)
        likelihood = np.tile(np.log(np.maximum(shares, 1e-300)), (clips, 1))
        np.add.at(likelihood, clip, np.log(tables[labeller, label]))
        better = np.exp(likelihood - likelihood.max(axis=1, keepdims=True))
        better /= better.sum(axis=1, keepdims=True)
        moved = np.abs(better - probabilities).max()
        probabilities = better
        if moved < TOLERANCE:
            break
    return DawidSkeneEstimate(probabilities, shares, tables.transpose(0, 2, 1))

"""Recordings that are damaged, and those that sound like nothing else."""

from collections.abc import Iterator, Sequence

import numpy as np
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import StandardScaler

from training.audit.descriptors import Described
from training.audit.findings import Finding, FindingKind
from training.audit.inputs import Recording

NEIGHBORS = 5
FAR = 2.5
"""Times the median distance to one's nearest neighbors."""
_DIMENSIONS = 24


def damaged(heard: Sequence[Described]) -> Iterator[Finding]:
    """Truncated, silent, clipped, off center, dull."""
    for index, each in enumerate(heard):
        if each.faults:
            severity = max(fault.severity for fault in each.faults)
            yield Finding(FindingKind.SOUND, severity, index, "; ".join(fault.why for fault in each.faults))


def outliers(recordings: Sequence[Recording], heard: Sequence[Described]) -> Iterator[Finding]:
    """Far from all others, by what ``hearing`` describes."""
    if len(heard) <= 4 * NEIGHBORS:
        return
    described = StandardScaler().fit_transform(np.array([each.described for each in heard]))
    described = PCA(min(_DIMENSIONS, *described.shape), random_state=0).fit_transform(described)
    distances, neighbors = NearestNeighbors(n_neighbors=NEIGHBORS + 1).fit(described).kneighbors(described)
    distance = distances[:, 1:].mean(axis=1)  # the nearest is the clip itself
    usual = float(np.median(distance))
    for index in np.flatnonzero(distance > FAR * usual):
        times, other = float(distance[index] / usual), int(neighbors[index, 1])
        why = f"{times:.1f} times as far as usual from its nearest {NEIGHBORS}; the nearest is {recordings[other].name}"
        yield Finding(FindingKind.OUTLIER, times, int(index), why, other=other)

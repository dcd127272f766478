"""Damaged recordings, and outliers by the distance to their nearest neighbors."""

from collections.abc import Iterator, Sequence

import numpy as np
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import StandardScaler

from training.audit.descriptors import Descriptor
from training.audit.findings import Finding, FindingKind
from training.audit.inputs import Recording

NEIGHBORS = 5
FAR = 2.5
"""Distance to the nearest neighbors, relative to the median, from which a recording is an outlier."""
_DIMENSIONS = 24


def damaged(descriptors: Sequence[Descriptor]) -> Iterator[Finding]:
    """Yield a finding for each recording with faults of its sound."""
    for index, each in enumerate(descriptors):
        if each.faults:
            severity = max(fault.severity for fault in each.faults)
            yield Finding(FindingKind.SOUND, severity, index, "; ".join(fault.why for fault in each.faults))


def outliers(recordings: Sequence[Recording], descriptors: Sequence[Descriptor]) -> Iterator[Finding]:
    """Yield a finding for each recording whose vector is far from its nearest neighbors."""
    if len(descriptors) <= 4 * NEIGHBORS:
        return
    vectors = StandardScaler().fit_transform(np.array([each.vector for each in descriptors]))
    vectors = PCA(min(_DIMENSIONS, *vectors.shape), random_state=0).fit_transform(vectors)
    distances, neighbors = NearestNeighbors(n_neighbors=NEIGHBORS + 1).fit(vectors).kneighbors(vectors)
    distance = distances[:, 1:].mean(axis=1)  # the first neighbor is the clip itself
    typical = float(np.median(distance))
    for index in np.flatnonzero(distance > FAR * typical):
        times, other = float(distance[index] / typical), int(neighbors[index, 1])
        why = (
            f"{times:.1f} times the median distance to its {NEIGHBORS} nearest; the nearest is {recordings[other].name}"
        )
        yield Finding(FindingKind.OUTLIER, times, int(index), why, other=other)

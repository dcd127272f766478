"""Ears that hear a cry in everything: YAMNet is not part of the repository."""

from collections.abc import Sequence

import numpy as np

from edge.records import FloatArray
from tests.support.tiny_data import YAMNET_CLASSES
from training.data.yamnet import HOP_SAMPLES, WINDOW_SAMPLES


class CryEars:
    """In place of YAMNet."""

    classes = ("Speech", *reversed(YAMNET_CLASSES[:3]), "Owl", "Music")
    """All of the tiny data folder's, in another order, and another."""

    def score(self, samples: FloatArray) -> Sequence[FloatArray]:
        """The same scores in every window."""
        scores = np.array([0.9 * (name == "Baby cry, infant cry") for name in self.classes], np.float32)
        return [scores] * (1 + (len(samples) - WINDOW_SAMPLES) // HOP_SAMPLES)

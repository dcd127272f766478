"""Labels of clips for evaluation: by people or programs, by the weak-label rule, or by source."""

import numpy as np
import torch

from edge.detection.classifier import WINDOW_FRAMES, WINDOW_STEPS
from edge.records import FloatArray
from label_schema import Guideline
from training.data.manifest import Clip
from training.labels.weak_labels import LABELLER
from training.synthesis.clip_library import ClipLibrary
from training.synthesis.targets import window_labels

CONFIDENT = 0.75
"""A weak label with a lower probability is left out of evaluations: the clip is close to a threshold."""


def clip_label(clip: Clip, library: ClipLibrary) -> tuple[str | None, str]:
    """Return the label of a clip's first window and its labeler.

    People's and programs' annotations come first, then the weak label of an infant's clip, then the source. The label
    is None where it is uncertain.
    """
    if clip.annotations is not None and (label := clip.annotations.first_label()) is not None:
        return label or None, clip.annotations.by
    if clip.kind == "infant":
        return weak_label(clip, library), LABELLER
    return "none", "by source"


def weak_label(clip: Clip, library: ClipLibrary) -> str | None:
    """Return an infant clip's weak label; None where an adult may be in it or the distress is uncertain."""
    return sure_label(library.truth(clip), library.guideline) if clip.file in library.usable_infants else None


def sure_label(tracks: FloatArray, guideline: Guideline) -> str | None:
    """Return the guideline's label of the first window of truth tracks [frames, 3]; None if it is uncertain."""
    window = np.zeros((WINDOW_FRAMES, tracks.shape[1]), np.float32)
    part = tracks[:WINDOW_FRAMES]
    window[: len(part)] = part
    steps = window.reshape(WINDOW_STEPS, -1, tracks.shape[1]).mean(axis=1)
    probabilities = window_labels(torch.from_numpy(steps[None]), guideline, WINDOW_STEPS)[0, 0]
    best = int(probabilities.argmax())
    return guideline.labels[best].name if probabilities[best] >= CONFIDENT else None

"""The label of a clip: from people or programs, from the weak-label rule, or from its source."""

import numpy as np
import torch

import label_schema
from edge.detection.classifier import WINDOW_FRAMES, WINDOW_STEPS
from training.data.manifest import Clip
from training.labels.weak_labels import LABELLER
from training.synthesis.clip_library import ClipLibrary
from training.synthesis.mixture import Track
from training.synthesis.targets import window_labels

CONFIDENT = 0.75
"""Weak labels less sure than this are left out of the figures: the guideline's line runs through the clip."""


def clip_label(clip: Clip, library: ClipLibrary) -> tuple[str | None, str]:
    """A real clip's label and who gave it: people or programs in their stead, else the rule in an infant's clip, else
    its source.
    """
    if clip.annotations is not None and (word := clip.annotations.opening()) is not None:
        return word or None, clip.annotations.by
    if clip.kind == "infant":
        return weak_label(clip, library), LABELLER
    return "none", "by source"


def weak_label(clip: Clip, library: ClipLibrary) -> str | None:
    """None where nobody can say: an adult may be in it, or the teachers half hear something."""
    return _sure_label(library.track(clip)) if clip.file in library.usable_infants else None


def _sure_label(layer: Track) -> str | None:
    """What the guideline's thresholds make of the truth tracks, if they are sure."""
    tracks = np.zeros((WINDOW_FRAMES, layer.tracks.shape[1]), np.float32)
    part = layer.tracks[:WINDOW_FRAMES]
    tracks[: len(part)] = part
    steps = tracks.reshape(WINDOW_STEPS, -1, tracks.shape[1]).mean(axis=1)
    guideline = label_schema.load()
    odds = window_labels(torch.from_numpy(steps[None]), guideline, WINDOW_STEPS)[0, 0]
    best = int(odds.argmax())
    return guideline.labels[best].name if odds[best] >= CONFIDENT else None

"""Parity of two models: the share of windows to which both give the same label."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

import label_schema
from edge.detection.classifier import Classifier
from edge.detection.features import FRAME_STEP_SAMPLES, FRAMES_PER_SECOND
from edge.records import WINDOW_SAMPLES, FloatArray, LogMel
from training.synthesis.feature_shards import load_shard


def same_label(one: Path, other: Path, shards: Sequence[Path]) -> float:
    """Return the share 0..1 of the scenes' windows, one a second, to which both models give the same label."""
    guideline = label_schema.load()
    scenes = [scene for shard in shards for scene in load_shard(shard)[0]]
    labels = [list(_labels(Classifier.load(model, guideline), scenes)) for model in (one, other)]
    return float(np.mean([mine == theirs for mine, theirs in zip(*labels, strict=True)]))


def _labels(classifier: Classifier, scenes: Sequence[FloatArray]) -> Iterator[str]:
    """Yield the label of each window; a gap of one window before each scene clears the classifier's memory."""
    end_sample = 0
    for scene in scenes:
        end_sample += WINDOW_SAMPLES
        for start in range(0, len(scene), FRAMES_PER_SECOND):
            frames = scene[start : start + FRAMES_PER_SECOND]
            end_sample += len(frames) * FRAME_STEP_SAMPLES
            scores = classifier.push(LogMel(frames, end_sample, level_dbfs=0.0))
            if scores is not None:
                yield scores.label

"""How near a model's word is to that of another, of which it was made: do both give scenes the same labels?"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

import label_schema
from edge.detection.classifier import Classifier
from edge.detection.features import FRAME_STEP_SAMPLES, FRAMES_PER_SECOND
from edge.records import WINDOW_SAMPLES, FloatArray, LogMel
from training.synthesis.feature_shards import load_shard


def same_label(one: Path, other: Path, shards: Sequence[Path]) -> float:
    """Of the windows of ``shards``' scenes, a window each second, the share 0..1 of which both models say the same."""
    guideline = label_schema.load()
    scenes = [scene for shard in shards for scene in load_shard(shard)[0]]
    said = [list(_labels(Classifier.load(model, guideline), scenes)) for model in (one, other)]
    return float(np.mean([mine == its for mine, its in zip(*said, strict=True)]))


def _labels(classifier: Classifier, scenes: Sequence[FloatArray]) -> Iterator[str]:
    """A scene begins so long after the one before that nothing is remembered of it."""
    end_sample = 0
    for scene in scenes:
        end_sample += WINDOW_SAMPLES
        for start in range(0, len(scene), FRAMES_PER_SECOND):
            frames = scene[start : start + FRAMES_PER_SECOND]
            end_sample += len(frames) * FRAME_STEP_SAMPLES
            scores = classifier.push(LogMel(frames, end_sample, level_dbfs=0.0))
            if scores is not None:
                yield scores.label

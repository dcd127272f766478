"""Real clips played in a row through the deployed pipeline: an hour of everything that is no cry, half a minute of each
infant that cries, and composed episodes.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed

import label_schema
from edge.detection.classifier import Classifier
from edge.records import SAMPLE_RATE, WINDOW_SAMPLES, FloatArray
from training.data.workspace import Workplace
from training.evaluation.streaming import run_pipeline
from training.model.operating_points import ScoredStream
from training.synthesis.clip_labels import weak_label
from training.synthesis.clip_library import ClipLibrary
from training.synthesis.episodes import STORIES, compose_episode
from training.synthesis.feature_shards import open_library

EPISODE_S = 30.0
ROW_S = 3_600.0


def run_episodes(model: Path, split: str, each: int, seed: int, place: Workplace) -> list[ScoredStream]:
    """Scores of ``each`` composed episodes of every kind (four times as many confusers)."""
    todo = [(kind, number) for kind in STORIES for number in range(each * (4 if kind == "confuser" else 1))]
    batches = [batch for start in range(place.jobs * 4) if (batch := todo[start :: place.jobs * 4])]
    heard = Parallel(n_jobs=place.jobs)(delayed(_hear)(model, split, batch, seed, place) for batch in batches)
    # Back in order: the bootstrap draws by place, and figures shall not depend on how many work.
    return [heard[index % len(batches)][index // len(batches)] for index in range(len(todo))]


def _hear(model: Path, split: str, todo: Sequence[tuple[str, int]], seed: int, place: Workplace) -> list[ScoredStream]:
    library = open_library(place.data, place.clips, split, place.work)
    classifier = Classifier.load(model, label_schema.load())
    heard = []
    for kind, number in todo:
        rng = np.random.default_rng([seed, list(STORIES).index(kind), number])
        samples = compose_episode(kind, library, rng).samples
        heard.append(ScoredStream(kind, run_pipeline(classifier, samples), _hours(samples)))
    return heard


def run_none_row(model: Path, library: ClipLibrary, seed: int, seconds: float) -> ScoredStream:
    """So many seconds of the split's real clips that hold no infant's distress, shuffled, again and again."""
    clips = [clip for kind, mine in sorted(library.by_kind.items()) if kind != "rir" for clip in mine]
    order = np.random.default_rng(seed).permutation(len(clips))
    once = np.concatenate([library.audio(clips[index]) for index in order])
    samples = np.resize(once, round(seconds * SAMPLE_RATE))
    return ScoredStream("night", run_pipeline(Classifier.load(model, label_schema.load()), samples), _hours(samples))


def run_criers(model: Path, library: ClipLibrary) -> list[ScoredStream]:
    """Per infant: its clips labeled crying (by rule, weak) strung to 30 s after 5 s of near silence."""
    classifier = Classifier.load(model, label_schema.load())
    heard = []
    for infant, clips in sorted(library.criers.items()):
        crying = [library.audio(clip) for clip in clips if weak_label(clip, library) == "crying"]
        if crying:
            faint = np.random.default_rng(0).normal(0, 1e-4, WINDOW_SAMPLES).astype(np.float32)
            samples = np.concatenate([faint, np.resize(np.concatenate(crying), round(EPISODE_S * SAMPLE_RATE))])
            heard.append(ScoredStream(f"crier {infant}", run_pipeline(classifier, samples), _hours(samples)))
    return heard


def _hours(samples: FloatArray) -> float:
    return len(samples) / SAMPLE_RATE / 3_600

"""Runs of real clips and composed episodes through the deployed pipeline.

Clips without a cry are played in a row for an hour, the crying clips of each infant for half a minute.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed

import label_schema
from edge.detection.classifier import Classifier
from edge.records import SAMPLE_RATE, WINDOW_SAMPLES, FloatArray
from training.data.audio_cache import open_audio_cache
from training.data.workspace import Workspace
from training.evaluation.streaming import run_pipeline
from training.model.operating_points import ScoredStream
from training.synthesis.clip_labels import weak_label
from training.synthesis.clip_library import ClipLibrary
from training.synthesis.episodes import EPISODE_KINDS, compose_episode
from training.synthesis.feature_shards import open_library

EPISODE_S = 30.0
ROW_S = 3_600.0
CONFUSER_FACTOR = 4
"""Episodes with a confuser for one of any other kind, because they hold the most different sounds."""


def episode_counts(each: int) -> Mapping[str, int]:
    """Return the number of episodes of every kind, for ``each`` episodes of a kind."""
    return {kind: each * (CONFUSER_FACTOR if kind == "confuser" else 1) for kind in EPISODE_KINDS}


def run_episodes(model: Path, split: str, each: int, seed: int, workspace: Workspace) -> list[ScoredStream]:
    """Score the composed episodes of every kind in ``workspace.jobs`` processes."""
    open_audio_cache(workspace)  # decoded before the workers need it: two of them would write the same file
    todo = [(kind, number) for kind, count in episode_counts(each).items() for number in range(count)]
    pieces = workspace.jobs * 4
    batches = [batch for start in range(pieces) if (batch := todo[start::pieces])]
    scored = Parallel(n_jobs=workspace.jobs)(
        delayed(_run_batch)(model, split, batch, seed, workspace) for batch in batches
    )
    # Back in order: the bootstrap draws by place, and figures must not depend on the number of processes.
    return [scored[index % len(batches)][index // len(batches)] for index in range(len(todo))]


def _run_batch(
    model: Path, split: str, todo: Sequence[tuple[str, int]], seed: int, workspace: Workspace
) -> list[ScoredStream]:
    """Score some episodes in a process of its own, which opens the library and the model once."""
    library, classifier = open_library(workspace, split), Classifier.load(model, label_schema.load())
    scored = []
    for kind, number in todo:
        rng = np.random.default_rng([seed, list(EPISODE_KINDS).index(kind), number])
        scored.append(_run(kind, classifier, compose_episode(kind, library, rng).samples))
    return scored


def run_none_row(classifier: Classifier, library: ClipLibrary, seed: int, seconds: float) -> ScoredStream:
    """Score the split's real clips without infant distress, shuffled and repeated for ``seconds``."""
    clips = [clip for kind, mine in sorted(library.by_kind.items()) if kind != "rir" for clip in mine]
    order = np.random.default_rng(seed).permutation(len(clips))
    once = np.concatenate([library.audio(clips[index]) for index in order])
    return _run("night", classifier, np.resize(once, round(seconds * SAMPLE_RATE)))


def run_criers(classifier: Classifier, library: ClipLibrary) -> list[ScoredStream]:
    """Score, for each infant, its clips with the weak label crying, repeated for 30 s after 5 s of near silence."""
    scored = []
    for infant, clips in sorted(library.criers.items()):
        crying = [library.audio(clip) for clip in clips if weak_label(clip, library) == "crying"]
        if crying:
            faint = np.random.default_rng(0).normal(0, 1e-4, WINDOW_SAMPLES).astype(np.float32)
            cry = np.resize(np.concatenate(crying), round(EPISODE_S * SAMPLE_RATE))
            scored.append(_run(f"crier {infant}", classifier, np.concatenate([faint, cry])))
    return scored


def _run(kind: str, classifier: Classifier, samples: FloatArray) -> ScoredStream:
    return ScoredStream(kind, run_pipeline(classifier, samples), len(samples) / SAMPLE_RATE / 3_600)

"""The start-up's own story: one net taught under guideline v1 and one under v2, and what a phone then rings for.

Version 1 knows cry and not cry, so its net has two outputs and its device rings on cry. Both nets learn from the same
clips, in the same order, for the same number of steps, and both are heard through the device's decision. Episodes are
composed from clips of groups that neither ever saw.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed
from tqdm import tqdm

import label_schema
from edge.detection import features
from edge.records import FloatArray, Scores
from training.data.workspace import Workplace
from training.experiments.label_noise.examples import CLIP_FRAMES, FRAMES_PER_SECOND, Examples, Frames, coarse, keep
from training.experiments.label_noise.grid import draw
from training.experiments.label_noise.trainer import TrainSettings, probabilities, train
from training.synthesis.episodes import compose_episode
from training.synthesis.feature_shards import open_library

STORIES = ("cry", "cry_tv", "soothed", "fuss", "confuser")
FIRST_END_S = CLIP_FRAMES // FRAMES_PER_SECOND


@dataclass(frozen=True, slots=True)
class GuidelineComparison:
    """All that the story's nets share."""

    place: Workplace
    train: Path
    """Stem of the examples to learn from."""
    examples: int
    settings: TrainSettings
    split: str
    each: int
    """Composed episodes of each kind."""
    episode_seed: int
    folder: Path
    """Where episodes and what the nets say of them are kept."""


def compose(tale: GuidelineComparison) -> Path:
    """Coarse log-mel [stories, each, frames, 64] of every episode, in one file; made if it is not there."""
    path = tale.folder / "episodes.npy"
    if not path.exists():
        todo = [(kind, number) for kind in STORIES for number in range(tale.each)]
        pieces = [todo[start : start + 20] for start in range(0, len(todo), 20)]
        made: list[Frames] = []
        composing = Parallel(n_jobs=tale.place.jobs, return_as="generator")(
            delayed(_compose)(tale, piece) for piece in pieces
        )
        with tqdm(total=len(todo), desc=f"compose {tale.split} episodes", unit="episode") as progress:
            for batch in composing:
                made += batch
                progress.update(len(batch))
        keep(path, np.stack(made).reshape(len(STORIES), tale.each, -1, features.MELS))
    return path


def run_comparison(tale: GuidelineComparison, seeds: int) -> dict[int, FloatArray]:
    """Guideline version -> probabilities [seeds, stories, each, windows, labels]; only what is missing is heard."""
    episodes = compose(tale)
    todo = [(version, seed) for seed in range(seeds) for version in (1, 2)]
    missing = [each for each in todo if not _heard_path(tale, *each).exists()]
    hearing = Parallel(n_jobs=tale.place.jobs, return_as="generator_unordered")(
        delayed(_hear)(tale, episodes, version, seed) for version, seed in missing
    )
    with tqdm(total=len(todo), initial=len(todo) - len(missing), desc="v1 and v2 nets", unit="net") as progress:
        for _ in hearing:
            progress.update()
    return {
        version: np.stack([np.load(_heard_path(tale, version, seed)) for seed in range(seeds)]) for version in (1, 2)
    }


def as_scores(rows: FloatArray) -> list[Scores]:
    """What the decision gets of one episode [windows, labels]: a v1 net's cry is the label that rings."""
    names = label_schema.load().names
    table = rows
    if rows.shape[1] == len(label_schema.load(1).names):
        table = np.zeros((len(rows), len(names)), np.float32)
        table[:, names.index("crying")], table[:, names.index("none")] = rows.T
    return [
        Scores(dict(zip(names, map(float, row), strict=True)), end_s=float(FIRST_END_S + number), level_dbfs=-30.0)
        for number, row in enumerate(table)
    ]


def _compose(tale: GuidelineComparison, todo: Sequence[tuple[str, int]]) -> list[Frames]:
    place = tale.place
    library = open_library(place.data, place.clips, tale.split, place.work)
    made = []
    for kind, number in todo:
        rng = np.random.default_rng([tale.episode_seed, STORIES.index(kind), number])
        made.append(coarse(features.log_mel(compose_episode(kind, library, rng).samples)))
    return made


def _hear(tale: GuidelineComparison, episodes: Path, version: int, seed: int) -> None:
    guideline = label_schema.load(version)
    pool = Examples.load(tale.train)
    chosen = draw(len(pool), tale.examples, seed)
    labels = pool.labels[chosen]
    if version == 1:  # both draw the line of distress at 0.3 s: not cry is exactly what v2 calls none
        none = label_schema.load().names.index("none")
        labels = np.where(labels == none, guideline.names.index("not cry"), guideline.names.index("cry"))
    net = train(pool.frames[chosen], labels, len(guideline.names), tale.settings, seed)
    heard = np.load(episodes, mmap_mode="r")
    windows = np.lib.stride_tricks.sliding_window_view(heard, CLIP_FRAMES, axis=2)[:, :, ::FRAMES_PER_SECOND]
    windows = windows.swapaxes(-1, -2)  # [stories, each, windows, frames, mels]
    said = [
        [probabilities(net, windows[story, number]) for number in range(tale.each)] for story in range(len(windows))
    ]
    keep(_heard_path(tale, version, seed), np.array(said))


def _heard_path(tale: GuidelineComparison, version: int, seed: int) -> Path:
    return tale.folder / f"v{version}-{seed}.npy"

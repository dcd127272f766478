"""The benchmark's composed episodes as night events, so that the nights' questions apply to them.

The work folder keeps, for each chunk of episodes, the truth and the scores of each model. Their names contain the
digests of what they depend on: of the clips and the composing code for the truth, of the model's graph for the scores.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import label_schema
from edge.detection.decision_settings import Thresholds
from edge.records import Scores
from training.data import audio_cache, manifest
from training.data.workspace import Workspace
from training.evaluation.nights.metrics import EventAnswer
from training.evaluation.nights.runner import graph_digest
from training.evaluation.runs import episode_counts
from training.evaluation.streaming import run_pipeline
from training.model.load import open_model
from training.model.operating_points import run_decision
from training.storage.atomic import write_whole
from training.storage.cache import digest, make_missing
from training.synthesis.episodes import CHANGE_S, END_S, EPISODE_KINDS, ONSET_S, Episode, compose_episode
from training.synthesis.feature_shards import open_library
from training.synthesis.night_plan import NightEvent, NightEventKind, Span
from training.synthesis.recipe_digests import EPISODES, guideline_numbers

CHUNK = 15
"""Episodes in a file."""
NO_NIGHT = -1
"""The night number of an episode's night event."""

_KINDS = {
    "cry": NightEventKind.CRY,
    "cry_tv": NightEventKind.CRY_TELEVISION,
    "soothed": NightEventKind.SOOTHED,
    "soothed_late": NightEventKind.SOOTHED_LATE,
    "soothing_stops": NightEventKind.SOOTHING_STOPS,
    "fuss": NightEventKind.FUSS,
    "confuser": NightEventKind.CONFUSER,
}
_CRIES: dict[str, Span] = {
    "cry": (ONSET_S, CHANGE_S),
    "cry_tv": (ONSET_S, CHANGE_S),
    "soothed": (ONSET_S, END_S),
    "soothed_late": (ONSET_S, END_S),
    "soothing_stops": (ONSET_S, END_S),
}
_ADULTS: dict[str, Span] = {
    "soothed": (ONSET_S, END_S),
    "soothed_late": (CHANGE_S, END_S),
    "soothing_stops": (ONSET_S, CHANGE_S),
}


@dataclass(frozen=True, slots=True)
class Chunk:
    """Episodes ``start`` up to but excluding ``stop`` of one kind."""

    split: str
    seed: int
    kind: str
    """A key of ``EPISODE_KINDS``."""
    start: int
    stop: int

    @property
    def episodes(self) -> int:
        """Number of episodes."""
        return self.stop - self.start


def chunks(split: str, each: int, seed: int) -> list[Chunk]:
    """Divide the episodes of every kind into chunks."""
    return [
        Chunk(split, seed, kind, start, min(start + CHUNK, count))
        for kind, count in episode_counts(each).items()
        for start in range(0, count, CHUNK)
    ]


def run_episode_set(
    model: Path, wanted: Sequence[Chunk], thresholds: Thresholds, workspace: Workspace
) -> list[EventAnswer]:
    """Return the device's answers, after the missing chunks are run."""
    audio_cache.open_audio_cache(workspace)  # decoded before the workers need it
    make_missing(
        wanted,
        partial(_files, model, workspace),
        partial(_run_all, model, workspace),
        jobs=workspace.jobs,
        label="listen to the test set",
        unit="episode",
        amount=lambda chunk: chunk.episodes,
    )
    return [answer for chunk in wanted for answer in _load(chunk, thresholds, *_files(model, workspace, chunk))]


def _run_all(model: Path, workspace: Workspace, wanted: Sequence[Chunk]) -> None:
    classifier = open_model(model)
    for chunk in wanted:
        library = open_library(workspace, chunk.split)
        truth, scores = [], []
        for number in range(chunk.start, chunk.stop):
            rng = np.random.default_rng([chunk.seed, list(EPISODE_KINDS).index(chunk.kind), number])
            episode = compose_episode(chunk.kind, library, rng)
            scored = run_pipeline(classifier, episode.samples)
            scores.append([(each.end_s, each.level_dbfs, *each.probabilities.values()) for each in scored])
            truth.append(_truth(episode))
        truth_path, scores_path = _files(model, workspace, chunk)
        write_whole(truth_path, json.dumps(truth))
        write_whole(scores_path, np.array(scores, np.float64).tobytes())


def _truth(episode: Episode) -> dict[str, Any]:
    """Return an episode's infant, confuser, sources and clips as JSON fields; the background is not among them."""
    return {
        "infant": episode.infant,
        "confuser": episode.confuser,
        "sources": sorted({clip.source for clip in episode.clips}),
        "clips": sorted({clip.file for clip in episode.clips}),
    }


def _load(chunk: Chunk, thresholds: Thresholds, truth_path: Path, scores_path: Path) -> Iterator[EventAnswer]:
    labels = label_schema.load().names
    table = np.frombuffer(scores_path.read_bytes(), np.float64).reshape(chunk.episodes, -1, 2 + len(labels))
    for truth, rows in zip(json.loads(truth_path.read_text()), table.tolist(), strict=True):
        scores = [Scores(dict(zip(labels, row[2:], strict=True)), end_s=row[0], level_dbfs=row[1]) for row in rows]
        yield EventAnswer(_build_night_event(chunk.kind, truth), run_decision(scores, thresholds))


def _build_night_event(kind: str, truth: dict[str, Any]) -> NightEvent:
    """Build the night event of an episode. Its levels are NaN, because an episode is mixed in one piece."""
    return NightEvent(
        night=NO_NIGHT,
        kind=_KINDS[kind],
        confuser=truth["confuser"],
        span=(0.0, END_S),
        slot=(0.0, END_S),
        cry=_CRIES.get(kind),
        adult=_ADULTS.get(kind),
        manner="",
        infant=truth["infant"],
        sources=tuple(truth["sources"]),
        clips=tuple(truth["clips"]),
        dbfs=float("nan"),
        near_db=None,
        adult_over_cry_db=None,
        bed="",
        bed_below_db=float("nan"),
        microphone=(),
    )


def _files(model: Path, workspace: Workspace, chunk: Chunk) -> tuple[Path, Path]:
    """Return the paths of the truth and of this model's scores."""
    clips = manifest.clips_digest(workspace.clips_of(chunk.split))
    composed = digest(clips, guideline_numbers(label_schema.load()), code=EPISODES)
    folder = workspace.work / "test-set" / f"{chunk.split}-{chunk.seed}-{composed}"
    name = f"{chunk.kind}-{chunk.start}-{chunk.stop}"
    return folder / f"{name}.json", folder / f"{name}-{graph_digest(model)}.f64"

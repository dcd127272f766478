"""The fixed test set's episodes as acts one can ask the nights' questions of; what was heard is kept.

The work folder holds, for each chunk of episodes, the truth and each model's scores, named by what they depend on: the
clips and the code that composes for the one, the model's graph for the other.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from tqdm import tqdm

import label_schema
from edge.detection.decision_settings import Thresholds
from edge.records import Scores
from training.data import audio_cache, manifest
from training.data.workspace import Workplace
from training.evaluation.nights.questions import EventAnswer
from training.evaluation.nights.runner import graph_digest
from training.evaluation.streaming import run_pipeline
from training.model.load import open_model
from training.model.operating_points import run_decision
from training.storage.atomic import write_whole
from training.synthesis.episodes import CHANGE_S, END_S, ONSET_S, STORIES, Episode, compose_episode
from training.synthesis.feature_shards import open_library
from training.synthesis.night_plan import NightEvent, NightEventKind, Span
from training.synthesis.recipes import EPISODES, recipe_digest

CONFUSERS_TIMES = 4
"""As many more confusers than other stories, as ``evaluate`` has."""
CHUNK = 15
NO_NIGHT = -1
"""The night of an act that stands alone."""

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
    """Some episodes of one story."""

    split: str
    seed: int
    story: str
    start: int
    stop: int


def chunks(split: str, each: int, seed: int) -> list[Chunk]:
    """``each`` episodes of every story, and more confusers."""
    made = []
    for story in STORIES:
        count = each * (CONFUSERS_TIMES if story == "confuser" else 1)
        made += [Chunk(split, seed, story, start, min(start + CHUNK, count)) for start in range(0, count, CHUNK)]
    return made


def run_episode_set(model: Path, wanted: list[Chunk], thresholds: Thresholds, place: Workplace) -> list[EventAnswer]:
    """The device's answers, the missing ones heard first."""
    audio_cache.open_audio_cache(place.data, place.clips, place.work / "bank")  # decoded before the workers need it
    missing = [chunk for chunk in wanted if not all(path.exists() for path in _paths(model, chunk, place))]
    listening = Parallel(n_jobs=place.jobs, return_as="generator_unordered")(
        delayed(_hear)(model, chunk, place) for chunk in missing
    )
    total = sum(chunk.stop - chunk.start for chunk in wanted)
    heard = total - sum(chunk.stop - chunk.start for chunk in missing)
    with tqdm(total=total, initial=heard, desc="listen to the test set", unit="episode") as progress:
        for count in listening:
            progress.update(count)
    return [answer for chunk in wanted for answer in _load(model, chunk, thresholds, place)]


def _hear(model: Path, chunk: Chunk, place: Workplace) -> int:
    library = open_library(place.data, place.clips, chunk.split, place.work)
    classifier = open_model(model)
    truth, heard = [], []
    for number in range(chunk.start, chunk.stop):
        rng = np.random.default_rng([chunk.seed, list(STORIES).index(chunk.story), number])
        episode = compose_episode(chunk.story, library, rng)
        scores = run_pipeline(classifier, episode.samples)
        heard.append([(each.end_s, each.level_dbfs, *each.probabilities.values()) for each in scores])
        truth.append(_truth(episode))
    truth_path, scores_path = _paths(model, chunk, place)
    write_whole(truth_path, json.dumps(truth))
    write_whole(scores_path, np.array(heard, np.float64).tobytes())
    return chunk.stop - chunk.start


def _truth(episode: Episode) -> dict[str, Any]:
    """The infant, the confuser and the clips of an episode's story."""
    return {
        "infant": episode.infant,
        "confuser": episode.confuser,
        "sources": sorted({clip.source for clip in episode.clips}),
        "clips": sorted({clip.file for clip in episode.clips}),
    }


def _load(model: Path, chunk: Chunk, thresholds: Thresholds, place: Workplace) -> Iterator[EventAnswer]:
    labels = label_schema.load().names
    truth_path, scores_path = _paths(model, chunk, place)
    table = np.frombuffer(scores_path.read_bytes(), np.float64)
    table = table.reshape(chunk.stop - chunk.start, -1, 2 + len(labels))
    for truth, rows in zip(json.loads(truth_path.read_text()), table.tolist(), strict=True):
        scores = [Scores(dict(zip(labels, row[2:], strict=True)), end_s=row[0], level_dbfs=row[1]) for row in rows]
        yield EventAnswer(_act(chunk.story, truth), run_decision(scores, thresholds))


def _act(story: str, truth: dict[str, Any]) -> NightEvent:
    """With NaN for the levels: an episode is mixed in one piece."""
    return NightEvent(
        night=NO_NIGHT,
        kind=_KINDS[story],
        confuser=truth["confuser"],
        span=(0.0, END_S),
        slot=(0.0, END_S),
        cry=_CRIES.get(story),
        adult=_ADULTS.get(story),
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


def _paths(model: Path, chunk: Chunk, place: Workplace) -> tuple[Path, Path]:
    """Of the truth and of this model's scores."""
    mine = [clip for clip in place.clips if clip.split == chunk.split]
    sources = recipe_digest(EPISODES, label_schema.load())
    digest = hashlib.sha256(manifest.clips_digest(mine).encode() + sources).hexdigest()[:16]
    folder = place.work / "test-set" / f"{chunk.split}-{chunk.seed}-{digest}"
    name = f"{chunk.story}-{chunk.start}-{chunk.stop}"
    return folder / f"{name}.json", folder / f"{name}-{graph_digest(model)}.f64"

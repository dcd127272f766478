"""Play nights to the deployed pipeline, and to YAMNet beside it, a night a process; what was heard is kept.

The work folder holds, for each recipe, the truth of a night, YAMNet's scores and each model's: a run that was
interrupted, or another model, listens only to what is missing.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from joblib import Parallel, delayed
from tqdm import tqdm

import label_schema
from edge.detection import model_loading
from edge.detection.decision import Decision
from edge.detection.decision_settings import DecisionSettings, Sensitivity
from edge.detection.pipeline import Pipeline
from edge.records import AudioBlock, Scores, read_only
from training.data import audio_cache, manifest
from training.data.manifest import Clip
from training.data.yamnet import YamnetStream
from training.model.load import open_model
from training.synthesis.feature_shards import open_library
from training.synthesis.night_plan import NightEvent, NightEventKind
from training.synthesis.nights import NightRecipe, compose_night
from training.synthesis.recipes import NIGHTS, recipe_digest

NIGHT_H = 2.0
"""A night is as short as the first hours of one, and as full as ten: several rooms are worth more than long quiet."""


@dataclass(frozen=True, slots=True)
class NightRunConfig:
    """Where the clips are, who listens, and what has been heard so far."""

    data: Path
    clips: Sequence[Clip]
    work: Path
    model: Path
    yamnet: Path | None
    jobs: int


@dataclass(frozen=True, slots=True)
class Night:
    """What there was to hear and what was heard."""

    number: int
    seconds: float
    acts: Sequence[NightEvent]
    scores: Sequence[Scores]
    yamnet: Sequence[float]
    """Cry scores, one a window of 0.4875 s; empty where YAMNet was not asked."""


def recipes(split: str, hours: float, seed: int) -> list[NightRecipe]:
    """As many nights as make up the hours."""
    whole, rest_h = divmod(hours, NIGHT_H)
    lengths_h = [NIGHT_H] * int(whole) + ([rest_h] if rest_h > 0 else [])
    return [NightRecipe(split, seed, number, 3_600 * hours_each) for number, hours_each in enumerate(lengths_h)]


def run_nights(studio: NightRunConfig, nights: Sequence[NightRecipe]) -> list[Night]:
    """All nights, the missing ones heard first."""
    audio_cache.open_audio_cache(studio.data, studio.clips, studio.work / "bank")  # decoded before the workers need it
    missing = [recipe for recipe in nights if not _is_heard(studio, recipe)]
    listening = Parallel(n_jobs=studio.jobs, return_as="generator_unordered")(
        delayed(_hear)(studio, recipe) for recipe in missing
    )
    hours = sum(recipe.seconds for recipe in nights) / 3_600
    with tqdm(total=hours, initial=hours - _hours(missing), desc="listen to nights", unit="h") as progress:
        for seconds in listening:
            progress.update(seconds / 3_600)
    return [_load(studio, recipe) for recipe in nights]


def _hours(nights: Sequence[NightRecipe]) -> float:
    return sum(recipe.seconds for recipe in nights) / 3_600


def _hear(studio: NightRunConfig, recipe: NightRecipe) -> float:
    """Listen to one night and keep the scores; how long it was, seconds."""
    library = open_library(studio.data, studio.clips, recipe.split, studio.work)
    classifier = open_model(studio.model)
    thresholds = model_loading.operating_point(classifier.card, Sensitivity.NORMAL).thresholds
    pipeline = Pipeline(classifier, Decision(DecisionSettings(), thresholds))
    paths = _paths(studio, recipe)
    yamnet = YamnetStream(studio.yamnet) if studio.yamnet and not paths["yamnet"].exists() else None
    truth: list[dict[str, Any]] = []
    heard: list[tuple[float, ...]] = []
    peer: list[float] = []
    position = 0
    for samples, act in compose_night(recipe, library):
        if act:
            truth.append(asdict(act))
        for said in pipeline.push(AudioBlock(read_only(samples), position)):
            if isinstance(said, Scores):
                heard.append((said.end_s, said.level_dbfs, *said.probabilities.values()))
        if yamnet:
            peer.extend(yamnet.push(samples))
        position += len(samples)
    paths["truth"].parent.mkdir(parents=True, exist_ok=True)
    _keep(paths["truth"], json.dumps(truth).encode())
    if yamnet:
        _keep(paths["yamnet"], np.array(peer, np.float32).tobytes())
    _keep(paths["scores"], np.array(heard, np.float64).tobytes())
    return recipe.seconds


def _load(studio: NightRunConfig, recipe: NightRecipe) -> Night:
    labels = label_schema.load().names
    paths = _paths(studio, recipe)
    table = np.frombuffer(paths["scores"].read_bytes(), np.float64).reshape(-1, 2 + len(labels)).tolist()
    scores = [Scores(dict(zip(labels, row[2:], strict=True)), end_s=row[0], level_dbfs=row[1]) for row in table]
    peer = np.frombuffer(paths["yamnet"].read_bytes(), np.float32).tolist() if studio.yamnet else []
    truth = [_act(row) for row in json.loads(paths["truth"].read_text())]
    return Night(recipe.number, recipe.seconds, truth, scores, peer)


def _act(row: dict[str, Any]) -> NightEvent:
    """An act as it was before JSON made lists of its tuples."""
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
    return NightEvent(**{**values, "kind": NightEventKind(row["kind"])})


def _is_heard(studio: NightRunConfig, recipe: NightRecipe) -> bool:
    paths = _paths(studio, recipe)
    return all(path.exists() for name, path in paths.items() if name != "yamnet" or studio.yamnet)


def _paths(studio: NightRunConfig, recipe: NightRecipe) -> dict[str, Path]:
    mine = [clip for clip in studio.clips if clip.split == recipe.split]
    sources = recipe_digest(NIGHTS, label_schema.load())
    digest = hashlib.sha256(repr((recipe, manifest.clips_digest(mine))).encode() + sources).hexdigest()[:16]
    model = graph_digest(studio.model)
    night = studio.work / "nights" / f"{recipe.split}-{recipe.seed}-{recipe.number:02d}-{digest}"
    return {"truth": night / "truth.json", "yamnet": night / "yamnet.f32", "scores": night / f"{model}.f64"}


@cache
def graph_digest(model: Path) -> str:
    """What scores depend on: not the card, whose operating points may be chosen anew from these very nights."""
    graph = onnx.load(model)
    del graph.metadata_props[:]
    return hashlib.sha256(graph.SerializeToString(deterministic=True)).hexdigest()[:16]


def _keep(path: Path, content: bytes) -> None:
    """Whole or not at all."""
    partial = path.with_suffix(".partial")
    partial.write_bytes(content)
    partial.replace(path)

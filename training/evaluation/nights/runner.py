"""Runs of nights through the deployed pipeline, and through YAMNet beside it; truth and scores are kept on disk.

The work folder holds, for each recipe, the truth of a night, YAMNet's scores and the scores of each model. An
interrupted run, or another model, processes only the missing nights.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import onnx

import label_schema
from edge.detection import model_loading
from edge.detection.decision import Decision
from edge.detection.decision_settings import DecisionSettings, Sensitivity
from edge.detection.pipeline import Pipeline
from edge.records import AudioBlock, Scores, read_only
from training.data import audio_cache, manifest
from training.data.workspace import Workspace
from training.data.yamnet import YamnetStream
from training.model.load import open_model
from training.storage.atomic import write_whole
from training.storage.cache import digest, make_missing
from training.synthesis.clip_library import ClipLibrary
from training.synthesis.feature_shards import open_library
from training.synthesis.night_plan import NightEvent, NightEventKind
from training.synthesis.nights import NightRecipe, compose_night
from training.synthesis.recipe_digests import NIGHTS, guideline_numbers

NIGHT_H = 2.0
"""Length of a night. It is full of night events: many rooms of two hours measure more than long quiet in one."""


@dataclass(frozen=True, slots=True)
class NightRunConfig:
    """The workspace, the model and YAMNet's file."""

    workspace: Workspace
    model: Path
    yamnet: Path | None = None
    """None: without YAMNet."""


@dataclass(frozen=True, slots=True)
class Night:
    """One night's truth and scores."""

    number: int
    seconds: float
    night_events: Sequence[NightEvent]
    scores: Sequence[Scores]
    yamnet: Sequence[float]
    """YAMNet's cry scores, one each 0.4875 s; empty without YAMNet."""


@dataclass(frozen=True, slots=True)
class _OpenRun:
    """All that a process opens to run a night."""

    recipe: NightRecipe
    library: ClipLibrary
    pipeline: Pipeline
    yamnet: YamnetStream | None


@dataclass(frozen=True, slots=True)
class _NightOutput:
    """All that is kept of a night."""

    truth: list[dict[str, Any]] = field(default_factory=list)
    scores: list[tuple[float, ...]] = field(default_factory=list)
    """End of the window in seconds, level in dBFS, one probability a label."""
    yamnet: list[float] | None = None
    """None where YAMNet did not run."""


def recipes(split: str, hours: float, seed: int) -> list[NightRecipe]:
    """Divide the hours into nights of ``NIGHT_H`` and a shorter last one."""
    whole, rest_h = divmod(hours, NIGHT_H)
    lengths_h = [NIGHT_H] * int(whole) + ([rest_h] if rest_h > 0 else [])
    return [NightRecipe(split, seed, number, 3_600 * hours_each) for number, hours_each in enumerate(lengths_h)]


def run_nights(config: NightRunConfig, planned: Sequence[NightRecipe]) -> list[Night]:
    """Return all nights, after the missing ones are run, a night a process."""
    audio_cache.open_audio_cache(config.workspace)  # decoded before the workers need it
    make_missing(
        planned,
        partial(_needed_files, config),
        partial(_run_all, config),
        jobs=config.workspace.jobs,
        label="listen to nights",
        unit="h",
        amount=lambda recipe: recipe.seconds / 3_600,
    )
    return [_load(config, recipe) for recipe in planned]


def _run_all(config: NightRunConfig, planned: Sequence[NightRecipe]) -> None:
    for recipe in planned:
        _write_run(_files(config, recipe), _listen(_open_run(config, recipe)))


def _open_run(config: NightRunConfig, recipe: NightRecipe) -> _OpenRun:
    classifier = open_model(config.model)
    thresholds = model_loading.operating_point(classifier.card, Sensitivity.NORMAL).thresholds
    is_yamnet_missing = config.yamnet and not _files(config, recipe)["yamnet"].exists()
    return _OpenRun(
        recipe,
        open_library(config.workspace, recipe.split),
        Pipeline(classifier, Decision(DecisionSettings(), thresholds)),
        YamnetStream(config.yamnet) if config.yamnet and is_yamnet_missing else None,
    )


def _listen(run: _OpenRun) -> _NightOutput:
    """Stream a night through the pipeline."""
    output = _NightOutput(yamnet=[] if run.yamnet else None)
    position = 0
    for samples, night_event in compose_night(run.recipe, run.library):
        if night_event:
            output.truth.append(asdict(night_event))
        for result in run.pipeline.push(AudioBlock(read_only(samples), position)):
            if isinstance(result, Scores):
                output.scores.append((result.end_s, result.level_dbfs, *result.probabilities.values()))
        if run.yamnet and output.yamnet is not None:
            output.yamnet.extend(run.yamnet.push(samples))
        position += len(samples)
    return output


def _write_run(files: dict[str, Path], output: _NightOutput) -> None:
    write_whole(files["truth"], json.dumps(output.truth))
    if output.yamnet is not None:
        write_whole(files["yamnet"], np.array(output.yamnet, np.float32).tobytes())
    write_whole(files["scores"], np.array(output.scores, np.float64).tobytes())


def _load(config: NightRunConfig, recipe: NightRecipe) -> Night:
    labels = label_schema.load().names
    files = _files(config, recipe)
    table = np.frombuffer(files["scores"].read_bytes(), np.float64).reshape(-1, 2 + len(labels)).tolist()
    scores = [Scores(dict(zip(labels, row[2:], strict=True)), end_s=row[0], level_dbfs=row[1]) for row in table]
    yamnet = np.frombuffer(files["yamnet"].read_bytes(), np.float32).tolist() if config.yamnet else []
    truth = [_build_night_event(row) for row in json.loads(files["truth"].read_text())]
    return Night(recipe.number, recipe.seconds, truth, scores, yamnet)


def _build_night_event(row: dict[str, Any]) -> NightEvent:
    """Build a night event from its JSON, which has lists for tuples."""
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
    return NightEvent(**{**values, "kind": NightEventKind(row["kind"])})


def _needed_files(config: NightRunConfig, recipe: NightRecipe) -> list[Path]:
    return [path for name, path in _files(config, recipe).items() if name != "yamnet" or config.yamnet]


def _files(config: NightRunConfig, recipe: NightRecipe) -> dict[str, Path]:
    clips = manifest.clips_digest(config.workspace.clips_of(recipe.split))
    composed = digest(recipe, clips, guideline_numbers(label_schema.load()), code=NIGHTS)
    name = f"{recipe.split}-{recipe.seed}-{recipe.number:02d}-{composed}"
    night = config.workspace.work / "nights" / name
    return {
        "truth": night / "truth.json",
        "yamnet": night / "yamnet.f32",
        "scores": night / f"{graph_digest(config.model)}.f64",
    }


@cache
def graph_digest(model: Path) -> str:
    """SHA-256 (16 hex digits) of a model's graph, on which scores depend.

    The card is left out, since its operating points may be chosen from these very nights.
    """
    graph = onnx.load(model)
    del graph.metadata_props[:]
    return hashlib.sha256(graph.SerializeToString(deterministic=True)).hexdigest()[:16]

"""The whole experiment: examples, networks of the grid, comparison of the guidelines and the report."""

from pathlib import Path

import label_schema
from edge.errors import HushdError
from training.data.workspace import Workspace
from training.experiments.label_noise import (
    examples,
    guideline_comparison,
    matched_alerts,
    network,
    noise,
    report,
    trainer,
)
from training.experiments.label_noise import grid as grids
from training.experiments.label_noise import run as runner
from training.experiments.label_noise.examples import Examples, collect
from training.experiments.label_noise.grid import GridSize, Result
from training.experiments.label_noise.results_log import ResultsLog
from training.experiments.label_noise.trainer import TrainSettings
from training.model.trainer import FitSettings
from training.storage.cache import digest
from training.synthesis import episodes, targets
from training.synthesis.feature_shards import make_shards

TEST_SEED = 31
_RECIPE = (grids, episodes, examples, trainer, network, noise, runner, guideline_comparison, targets)


class StudyError(HushdError):
    """The experiment has too few examples for the requested sizes."""


def run_experiment(workspace: Workspace, size: GridSize, out: Path) -> str:
    """Train and evaluate all networks, write the report into ``out`` and return its text; existing results are reused.

    Raises StudyError if there are too few examples.
    """
    train = _examples(workspace, "train", size.shards, FitSettings().seed)
    test = _examples(workspace, "test", size.test_shards, TEST_SEED)
    refuse_too_many_examples(len(Examples.load(train)), size)
    results = _run_grid(workspace, size, train, test)
    comparison = _compare_guidelines(workspace, size, train)
    return report.write(results, comparison, size, len(Examples.load(test)), out)


def refuse_too_many_examples(examples: int, size: GridSize) -> None:
    """Raise StudyError if the largest grid point or the guideline comparison needs more examples than there are."""
    needed = max(grids.sizes(size.reference)[-1], size.comparison_examples)
    if examples < needed:
        remedy = "lower --examples" if needed > size.comparison_examples else "add clips to the data folder"
        raise StudyError(f"only {examples} labeled examples, {needed} are needed: {remedy}")


def _run_grid(workspace: Workspace, size: GridSize, train: Path, test: Path) -> list[Result]:
    settings = TrainSettings(size.steps)
    log = ResultsLog(train.parent / _digest(train.name, test.name, settings) / "cells.jsonl")
    points = grids.grid(size.reference, size.seeds)
    return runner.run_grid(points, runner.RunContext(train, test, settings), log, workspace.jobs)


def _compare_guidelines(workspace: Workspace, size: GridSize, train: Path) -> matched_alerts.Comparison:
    settings = TrainSettings(size.comparison_steps)
    key = _digest(train.name, settings, size.comparison_examples, size.episodes)
    comparison = guideline_comparison.GuidelineComparison(
        workspace,
        train,
        size.comparison_examples,
        settings,
        "test",
        size.episodes,
        TEST_SEED,
        train.parent / f"comparison-{key}",
    )
    return matched_alerts.compare_at_matched_alerts(guideline_comparison.run_comparison(comparison, size.seeds))


def _examples(workspace: Workspace, split: str, shards: int, seed: int) -> Path:
    scenes = make_shards(workspace, split, shards, seed)
    return collect(scenes, label_schema.load(), workspace.work / "study" / f"{scenes[0].parent.name}-{len(scenes)}")


def _digest(*inputs: object) -> str:
    """Return the key of cached results, which changes with the inputs, the guideline and the experiment's code."""
    return digest(*inputs, label_schema.load().digest, code=_RECIPE)

"""``python -m training label-noise``: the effect of label noise, and of guideline v2 over v1, on a model."""

import argparse
import shutil
from pathlib import Path

import label_schema
from edge.errors import HushdError
from training.cli.arguments import count
from training.cli.options import add_workspace
from training.data.workspace import Workspace, read_workspace
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
from training.experiments.label_noise.grid import REHEARSAL, GridSize
from training.experiments.label_noise.results_log import ResultsLog
from training.experiments.label_noise.trainer import TrainSettings
from training.model.trainer import FitSettings
from training.storage.cache import digest
from training.storage.paths import find_data
from training.synthesis import episodes, targets
from training.synthesis.feature_shards import make_shards

TEST_SEED = 31
_RECIPE = (grids, episodes, examples, trainer, network, noise, runner, guideline_comparison, targets)


class StudyError(HushdError):
    """The experiment has too few examples for the requested sizes."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_workspace(parser)
    defaults = GridSize()
    parser.add_argument(
        "--examples", type=_reference, default=defaults.reference, help="examples to clean or to double (default: 500)"
    )
    parser.add_argument("--seeds", type=count, default=defaults.seeds, help="networks of each kind (default: 5)")
    parser.add_argument("--steps", type=count, default=defaults.steps, help="training steps of each network")
    parser.add_argument(
        "--rehearse",
        action="store_true",
        help="use the smallest amounts, to show that it runs; the figures are useless",
    )
    parser.add_argument("--out", type=Path, help="folder for report.html, curves.svg and figures.json")
    parser.add_argument("--chart", type=Path, metavar="FILE", help="also write curves.svg to this file")


def run(arguments: argparse.Namespace) -> None:
    """Compose examples, train and evaluate the networks, write the report; existing results are reused."""
    size = REHEARSAL if arguments.rehearse else GridSize(arguments.examples, arguments.seeds, arguments.steps)
    workspace = read_workspace(find_data(arguments.data), arguments.work, arguments.jobs)
    train = _examples(workspace, "train", size.shards, FitSettings().seed)
    test = _examples(workspace, "test", size.test_shards, TEST_SEED)
    refuse_too_many_examples(len(Examples.load(train)), size)
    settings = TrainSettings(size.steps)
    folder = train.parent / _digest(train.name, test.name, settings)
    grid = grids.grid(size.reference, size.seeds)
    outcomes = runner.run_grid(
        grid, runner.RunContext(train, test, settings), ResultsLog(folder / "cells.jsonl"), workspace.jobs
    )

    long = TrainSettings(size.comparison_steps)
    key = _digest(train.name, long, size.comparison_examples, size.episodes)
    comparison = guideline_comparison.GuidelineComparison(
        workspace,
        train,
        size.comparison_examples,
        long,
        "test",
        size.episodes,
        TEST_SEED,
        train.parent / f"comparison-{key}",
    )
    verdict = matched_alerts.compare_at_matched_alerts(guideline_comparison.run_comparison(comparison, size.seeds))
    out = arguments.out or arguments.work / "report" / "study"
    print(report.write(outcomes, verdict, size, len(Examples.load(test)), out))
    print(f"\nreport: {out / 'report.html'}")
    if arguments.chart:
        shutil.copyfile(out / "curves.svg", arguments.chart)


def refuse_too_many_examples(examples: int, size: GridSize) -> None:
    """Raise StudyError if the largest grid point or the guideline comparison needs more examples than there are."""
    needed = max(grids.sizes(size.reference)[-1], size.comparison_examples)
    if examples < needed:
        raise StudyError(f"only {examples} labeled examples, {needed} are needed: lower --examples")


def _reference(text: str) -> int:
    """Parse a number of examples; a quarter of it, the smallest set, must be a whole number."""
    number = count(text)
    if number % 4:
        raise argparse.ArgumentTypeError(f"must be a multiple of 4, not {text}")
    return number


def _examples(workspace: Workspace, split: str, shards: int, seed: int) -> Path:
    scenes = make_shards(workspace, split, shards, seed)
    return collect(scenes, label_schema.load(), workspace.work / "study" / f"{scenes[0].parent.name}-{len(scenes)}")


def _digest(*inputs: object) -> str:
    """Return the key of cached results, which changes with the inputs, the guideline and the experiment's code."""
    return digest(*inputs, label_schema.load().digest, code=_RECIPE)

"""``python -m training study``: what labels are worth, and what guideline v2 bought over v1."""

import argparse
import shutil
from pathlib import Path

import label_schema
from edge.errors import HushdError
from training.cli.arguments import count
from training.data.workspace import Workspace, read_workspace
from training.experiments.label_noise import (
    examples,
    guideline_comparison,
    matched_alerts,
    network,
    noise,
    report,
    run,
    trainer,
)
from training.experiments.label_noise import grid as cells
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
_RECIPE = (cells, episodes, examples, trainer, network, noise, run, guideline_comparison, targets)


class StudyError(HushdError):
    """The study cannot be made as asked."""


def add_arguments(verb: argparse.ArgumentParser) -> None:
    """Beside --data, --work, --jobs and --cluster."""
    defaults = GridSize()
    verb.add_argument(
        "--examples", type=_reference, default=defaults.reference, help="to clean or to double (default: 500)"
    )
    verb.add_argument("--seeds", type=count, default=defaults.seeds, help="nets of each kind (default: 5)")
    verb.add_argument("--steps", type=count, default=defaults.steps, help="of learning, for every net")
    verb.add_argument("--rehearse", action="store_true", help="the least of everything; the figures are worth nothing")
    verb.add_argument("--out", type=Path, help="folder for report.html, curves.svg and figures.json")
    verb.add_argument("--chart", type=Path, metavar="FILE", help="write curves.svg there too")


def main(arguments: argparse.Namespace) -> None:
    """Compose, learn, judge, report; what is there already is not done again."""
    asked = GridSize(arguments.examples, arguments.seeds, arguments.steps)
    extent = REHEARSAL if arguments.rehearse else asked
    workspace = read_workspace(find_data(arguments.data), arguments.work, arguments.jobs)
    train = _examples(workspace, "train", extent.shards, FitSettings().seed)
    test = _examples(workspace, "test", extent.test_shards, TEST_SEED)
    refuse_more_than_there_are(len(Examples.load(train)), extent)
    settings = TrainSettings(extent.steps)
    folder = train.parent / _digest(train.name, test.name, settings)
    grid = cells.grid(extent.reference, extent.seeds)
    outcomes = run.run_grid(
        grid, run.RunContext(train, test, settings), ResultsLog(folder / "cells.jsonl"), workspace.jobs
    )

    long = TrainSettings(extent.story_steps)
    made_of = _digest(train.name, long, extent.story_examples, extent.episodes)
    kept = train.parent / f"story-{made_of}"
    comparison = guideline_comparison.GuidelineComparison(
        workspace,
        train,
        extent.story_examples,
        long,
        "test",
        extent.episodes,
        TEST_SEED,
        kept,
    )
    verdict = matched_alerts.compare_at_matched_alerts(guideline_comparison.run_comparison(comparison, extent.seeds))
    out = arguments.out or arguments.work / "report" / "study"
    print(report.write(outcomes, verdict, extent, len(Examples.load(test)), out))
    print(f"\nreport: {out / 'report.html'}")
    if arguments.chart:
        shutil.copyfile(out / "curves.svg", arguments.chart)


def refuse_more_than_there_are(examples: int, extent: GridSize) -> None:
    """StudyError where the largest cell, or the story, asks for more than was composed."""
    needed = max(cells.sizes(extent.reference)[-1], extent.story_examples)
    if examples < needed:
        raise StudyError(f"there are {examples} labeled examples, {needed} are needed: ask for fewer with --examples")


def _reference(text: str) -> int:
    """A quarter of it is the smallest set, so that is to be a whole number, too."""
    number = count(text)
    if number % 4:
        raise argparse.ArgumentTypeError(f"must be a multiple of 4, not {text}")
    return number


def _examples(workspace: Workspace, split: str, shards: int, seed: int) -> Path:
    scenes = make_shards(workspace, split, shards, seed)
    return collect(scenes, label_schema.load(), workspace.work / "study" / f"{scenes[0].parent.name}-{len(scenes)}")


def _digest(*inputs: object) -> str:
    """Name results after the scenes, settings and code that they are made from."""
    return digest(*inputs, label_schema.load().digest, code=_RECIPE)

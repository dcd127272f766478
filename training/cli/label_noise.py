"""``python -m training label-noise``: the effect of label noise, and of guideline v2 over v1, on a model."""

import argparse
import shutil
from pathlib import Path

from training.cli.arguments import count
from training.cli.options import add_workspace
from training.data.workspace import read_workspace
from training.experiments.label_noise.experiment import run_experiment
from training.experiments.label_noise.grid import REHEARSAL, GridSize
from training.storage.paths import find_data


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
    """Run the experiment and print the report; existing results are reused."""
    size = REHEARSAL if arguments.rehearse else GridSize(arguments.examples, arguments.seeds, arguments.steps)
    workspace = read_workspace(find_data(arguments.data), arguments.work, arguments.jobs)
    out = arguments.out or arguments.work / "report" / "study"
    print(f"{run_experiment(workspace, size, out)}\n\nreport: {out / 'report.html'}")
    if arguments.chart:
        shutil.copyfile(out / "curves.svg", arguments.chart)


def _reference(text: str) -> int:
    """Parse a number of examples; a quarter of it, the smallest set, must be a whole number."""
    number = count(text)
    if number % 4:
        raise argparse.ArgumentTypeError(f"must be a multiple of 4, not {text}")
    return number

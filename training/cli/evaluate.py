"""``python -m training evaluate``: a report on a model by class, by source and by episode."""

import argparse
from pathlib import Path

from training.cli.arguments import count, seed
from training.cli.options import add_consensus, add_workspace
from training.evaluation.report import as_text, evaluate
from training.evaluation.seeds import EPISODE_SEED
from training.labels.open_workspace import describe_label_sources, open_workspace
from training.pipeline.params import Amounts, read_params


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_workspace(parser)
    parser.add_argument("model", type=Path, help="model.onnx")
    parser.add_argument("--split", choices=["dev", "test"], default="test", help="split of the clips (default: test)")
    parser.add_argument(
        "--episodes", type=count, default=Amounts().test_episodes, help="number of composed episodes of each kind"
    )
    parser.add_argument("--seed", type=seed, default=EPISODE_SEED, help="random seed of the episodes")
    add_consensus(parser)
    parser.add_argument("--out", type=Path, help="folder for report.html and figures.json")


def run(arguments: argparse.Namespace) -> None:
    """Evaluate the model, write the report and print the figures."""
    workspace = open_workspace(
        arguments.data, arguments.work, arguments.jobs, read_params().labels, arguments.consensus
    )
    out = arguments.out or arguments.work / "report" / arguments.model.parent.name
    print(as_text(evaluate(arguments.model, arguments.split, workspace, arguments.episodes, arguments.seed, out)))
    print(f"\n{describe_label_sources(workspace, arguments.split)}\nreport: {out / 'report.html'}")

"""``python -m training evaluate-nights``: a model's alerts in whole nights, beside YAMNet's."""

import argparse
from pathlib import Path

import label_schema
from edge.detection.classifier import Classifier
from edge.detection.model_loading import shipped_model
from training.cli.arguments import hours, seed
from training.cli.options import add_consensus, add_model_file, add_workspace
from training.evaluation.nights.report import as_text, write_report
from training.evaluation.nights.runner import NightRunConfig, recipes, run_nights
from training.evaluation.seeds import NIGHT_SEED
from training.labels.open_workspace import describe_label_sources, open_workspace
from training.pipeline.params import read_params


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_workspace(parser)
    add_model_file(parser)
    parser.add_argument(
        "--split", choices=["train", "dev", "test"], default="test", help="split of the clips (default: test)"
    )
    parser.add_argument(
        "--hours",
        type=hours,
        default=24.0,
        help="total hours, in nights of 2 hours, each in its own room (default: 24)",
    )
    parser.add_argument("--seed", type=seed, default=NIGHT_SEED, help="random seed of the nights")
    parser.add_argument("--yamnet", type=Path, metavar="FILE", help="yamnet.tflite, to run on the same nights")
    add_consensus(parser)
    parser.add_argument("--out", type=Path, help="folder for report.html and figures.json")


def run(arguments: argparse.Namespace) -> None:
    """Compose the nights, run the pipeline on them, write the report and print the figures."""
    workspace = open_workspace(
        arguments.data, arguments.work, arguments.jobs, read_params().labels, arguments.consensus
    )
    model = arguments.model or shipped_model()
    card = Classifier.load(model, label_schema.load()).card
    config = NightRunConfig(workspace, model, arguments.yamnet)
    nights = run_nights(config, recipes(arguments.split, arguments.hours, arguments.seed))
    out = arguments.out or arguments.work / "report" / card.model_id / f"nights-{arguments.split}-{arguments.seed}"
    print(as_text(write_report(nights, card, arguments.split, arguments.seed, out)))
    print(f"\n{describe_label_sources(workspace, arguments.split)}\nreport: {out / 'report.html'}")

"""``python -m training benchmark``: processor time, memory and start-up of a model beside YAMNet's."""

import argparse

from edge.detection.model_loading import shipped_model
from training.benchmarks import model_cost
from training.cli.arguments import count
from training.cli.options import add_data, add_model_file, add_yamnet, find_yamnet


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_model_file(parser)
    add_data(parser)
    add_yamnet(parser)
    parser.add_argument("--repeats", type=count, default=5, help="number of runs; the table has medians (default: 5)")


def run(arguments: argparse.Namespace) -> None:
    """Measure the model and print the table."""
    print(model_cost.measure(arguments.model or shipped_model(), find_yamnet(arguments), arguments.repeats).table())

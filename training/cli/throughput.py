"""``python -m training throughput``: the throughput of one core, and what many clips and devices would need."""

import argparse

from edge.detection.model_loading import shipped_model
from training.benchmarks import throughput
from training.cli.arguments import count
from training.cli.options import add_data, add_model_file, add_work
from training.data.workspace import read_workspace
from training.storage.paths import find_data


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_model_file(parser)
    add_data(parser)
    add_work(parser)
    parser.add_argument("--seconds", type=count, default=5, help="processor time to spend on each step (default: 5)")
    parser.add_argument("--clips", type=count, default=1_000_000, help="clips to extrapolate to (default: 1000000)")
    parser.add_argument("--devices", type=count, default=10_000, help="devices to extrapolate to (default: 10000)")
    parser.add_argument(
        "--shared-a-week", type=count, default=7, help="assumed clips shared a week and device (default: 7)"
    )
    parser.add_argument("--listen-s", type=count, default=8, help="assumed seconds to label one clip (default: 8)")


def run(arguments: argparse.Namespace) -> None:
    """Measure each step and print the tables."""
    workspace, model = read_workspace(find_data(arguments.data), arguments.work), arguments.model or shipped_model()
    rates = throughput.measure(workspace, model, arguments.seconds)
    fleet = throughput.Fleet(arguments.clips, arguments.devices, arguments.shared_a_week, arguments.listen_s)
    print(throughput.as_text(rates, fleet, throughput.clip_bytes(workspace), model.stat().st_size))

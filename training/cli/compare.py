"""``python -m training compare``: a candidate beside the current model, with a recorded decision."""

import argparse

from edge.errors import HushdError
from training.cli.arguments import count, hours, model_name
from training.cli.options import add_consensus, add_models, add_workspace
from training.cli.promote import print_promotion
from training.evaluation.error_analysis.benchmark import Benchmark
from training.labels.open_workspace import open_workspace
from training.model.files import model_file
from training.pipeline.params import read_params
from training.release import history
from training.release.evaluation import evaluate_candidate
from training.release.record import Record
from training.release.report import as_text, write_report


class RefusedError(HushdError):
    """The candidate does not pass the release gate, or is the current model itself."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_workspace(parser)
    add_models(parser)
    parser.add_argument("candidate", type=model_name, help="name in the folder of models")
    parser.add_argument("--against", type=model_name, help="model to compare with (default: the current one)")
    parser.add_argument(
        "--episodes", type=count, default=Benchmark().episodes, help="episodes of each kind, from the test split"
    )
    parser.add_argument(
        "--hours", type=hours, default=Benchmark().hours, help="total hours of nights, from the test split"
    )
    add_consensus(parser)
    parser.add_argument("--promote", action="store_true", help="make the candidate current if it passes")


def run(arguments: argparse.Namespace) -> None:
    """Run both models, record the decision and print it; RefusedError if the candidate does not pass."""
    models, candidate = arguments.models, arguments.candidate
    against = arguments.against or history.current_model(models)
    if candidate == against:
        raise RefusedError(f"{candidate} is the current model: name another candidate, or another --against")
    record = _compare(arguments, candidate, against)
    path = record.write(models / candidate)
    write_report(record, models / candidate)
    print(f"{as_text(record)}\n\nrecord: {path}")
    if not record.decision.passed:
        raise RefusedError(f"{candidate} is refused: {'; '.join(record.decision.why)}")
    if arguments.promote:
        print_promotion(history.promote(models, candidate))


def _compare(arguments: argparse.Namespace, candidate: str, against: str) -> Record:
    new, old = (model_file(arguments.models, name) for name in (candidate, against))
    workspace = open_workspace(
        arguments.data, arguments.work, arguments.jobs, read_params().labels, arguments.consensus
    )
    benchmark = Benchmark(episodes=arguments.episodes, hours=arguments.hours)
    return evaluate_candidate(new, old, benchmark, workspace)

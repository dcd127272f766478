"""What the commands that make a model share: options, the plan of a candidate, the last line of output."""

import argparse
import os
from pathlib import Path

from training.cli.options import add_models, add_workspace
from training.data.workspace import read_workspace
from training.pipeline.params import PARAMS, Params
from training.pipeline.stages import Plan
from training.release.guard import refuse_shipped
from training.storage.paths import find_data


def add_candidate_options(parser: argparse.ArgumentParser) -> None:
    """Add --data, --work, --jobs, --cluster, --models and --params."""
    add_workspace(parser)
    add_models(parser)
    parser.add_argument("--params", type=Path, default=PARAMS, help="training parameters (default: params.yaml)")


def candidate_plan(arguments: argparse.Namespace, params: Params) -> Plan:
    """Return the plan of a new model; raises ModelError if a released model has its name."""
    refuse_shipped(arguments.models, params.model)
    default = None if "HUSHD_DATA" in os.environ else Path(params.data)
    return make_plan(arguments, params, find_data(arguments.data or default))


def make_plan(arguments: argparse.Namespace, params: Params, data: Path) -> Plan:
    """Return the plan of the stages with the folders of the command line."""
    return Plan(params, read_workspace(data, arguments.work, arguments.jobs), arguments.models)


def print_candidate(plan: Plan) -> None:
    """Print the paths of the model and its report."""
    print(f"model and card: {plan.model.parent}; report: {plan.report / 'report.html'}")

"""``python -m training run-stage``: one stage of training, as ``dvc.yaml`` names it."""

import argparse
from pathlib import Path

from training.cli.candidate import add_candidate_options, make_plan
from training.pipeline.params import read_params
from training.pipeline.stages import STAGES
from training.release.guard import refuse_shipped
from training.storage.paths import find_data

_REPORTING = ("evaluate", "nights", "card")
"""Stages that describe a model and do not change it, so they may run on a released one."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_candidate_options(parser)
    parser.add_argument("stage", choices=STAGES, help="name of the stage")


def run(arguments: argparse.Namespace) -> None:
    """Run the stage; raises ModelError if it would change a released model."""
    params = read_params(arguments.params)
    if arguments.stage not in _REPORTING:
        refuse_shipped(arguments.models, params.model)
    STAGES[arguments.stage](make_plan(arguments, params, find_data(arguments.data or Path(params.data))))

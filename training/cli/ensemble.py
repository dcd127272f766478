"""``python -m training ensemble``: the mean of several models as one model, quantized to 8 bits, with its card."""

import argparse
from dataclasses import replace

from training.cli.arguments import model_name
from training.cli.candidate import add_candidate_options, candidate_plan, print_candidate
from training.pipeline.combine import combine
from training.pipeline.params import REHEARSAL, read_params


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_candidate_options(parser)
    parser.add_argument("model_id", type=model_name, help="name of the new model, e.g. cry-11")
    parser.add_argument("members", type=model_name, nargs="+", help="names of two or more trained models")
    parser.add_argument("--rehearse", action="store_true", help="use the smallest amounts, as for train")


def run(arguments: argparse.Namespace) -> None:
    """Combine the models and print the paths of the new card and report."""
    params = replace(read_params(arguments.params), model=arguments.model_id)
    amounts = REHEARSAL if arguments.rehearse else params.amounts
    plan = candidate_plan(arguments, replace(params, amounts=amounts))
    combine(plan, arguments.members)
    print_candidate(plan)

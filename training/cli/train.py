"""``python -m training train``: a model with its card, from the data folder and params.yaml."""

import argparse
from dataclasses import replace
from pathlib import Path

from training.cli.arguments import count, model_name, seed, validated
from training.cli.candidate import add_candidate_options, candidate_plan, print_candidate
from training.pipeline.params import REHEARSAL, Params, read_params
from training.pipeline.stages import train
from training.synthesis.oversampling import parse_oversampling


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_candidate_options(parser)
    parser.add_argument("model_id", type=model_name, help="name of the new model, e.g. cry-2")
    parser.add_argument("--shards", type=count, help="number of training scenes / 64")
    parser.add_argument("--steps", type=count, help="number of training steps")
    parser.add_argument("--seed", type=seed, help="random seed")
    parser.add_argument(
        "--consensus",
        type=Path,
        metavar="FILE",
        help="consensus table with the training labels (default: the label store's consensus)",
    )
    parser.add_argument(
        "--rehearse",
        action="store_true",
        help="use the smallest amounts, to show that training runs; the model is useless",
    )
    parser.add_argument(
        "--emphasize",
        type=lambda text: validated(parse_oversampling, text),
        action="append",
        metavar="TRAIT=VALUE:SHARE",
        help="oversample this slice in a share of the training scenes, e.g. confuser=cat:0.15 (see error-analysis)",
    )


def run(arguments: argparse.Namespace) -> None:
    """Train the model and print the paths of its card and report."""
    plan = candidate_plan(arguments, _override(read_params(arguments.params), arguments))
    train(replace(plan, consensus=arguments.consensus))
    print_candidate(plan)


def _override(params: Params, arguments: argparse.Namespace) -> Params:
    """Return the parameters with the values of the command line in place of the file's."""
    amounts = REHEARSAL if arguments.rehearse else params.amounts
    if arguments.shards:
        amounts = replace(amounts, shards=arguments.shards)
    emphasize = params.emphasize if arguments.emphasize is None else ",".join(map(str, arguments.emphasize))
    return replace(
        params,
        model=arguments.model_id,
        seed=params.seed if arguments.seed is None else arguments.seed,
        steps=arguments.steps or params.steps,
        emphasize=emphasize,
        amounts=amounts,
    )

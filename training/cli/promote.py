"""``python -m training promote``: a candidate becomes the current model."""

import argparse

from training.cli.arguments import model_name
from training.cli.options import add_models
from training.release import history


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_models(parser)
    parser.add_argument("candidate", type=model_name, help="name in the folder of models")
    parser.add_argument(
        "--anyway", metavar="REASON", default="", help="promote without a record that passed; the reason is recorded"
    )


def run(arguments: argparse.Namespace) -> None:
    """Promote the candidate and print the change."""
    print_promotion(history.promote(arguments.models, arguments.candidate, arguments.anyway))


def print_promotion(promotion: history.PromotionRecord) -> None:
    """Print the current model, the previous one and the reason for an exception."""
    reason = f", anyway: {promotion.anyway}" if promotion.anyway else ""
    print(f"current: {promotion.model_id}, was {promotion.before}{reason}")

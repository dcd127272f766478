"""``python -m training rollback``: the previous model becomes current again."""

import argparse

from training.cli.options import add_models
from training.cli.promote import print_promotion
from training.release import history


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_models(parser)


def run(arguments: argparse.Namespace) -> None:
    """Roll back and print the change."""
    print_promotion(history.rollback(arguments.models))

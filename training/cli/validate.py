"""``python -m training validate``: a check of the label store."""

import argparse

from training.cli.options import add_jobs, add_store
from training.labels import validation
from training.labels.records import LabelError
from training.labels.store import LabelStore


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_store(parser)
    add_jobs(parser)
    parser.add_argument("--deep", action="store_true", help="read and decode every file, not only names and sizes")


def run(arguments: argparse.Namespace) -> None:
    """Print each problem and raise LabelError with their number, or print the store's size."""
    with LabelStore(arguments.store) as store:
        problems = list(validation.problems(store, deep=arguments.deep, jobs=arguments.jobs))
        for problem in problems:
            print(problem)
        if problems:
            raise LabelError(f"{arguments.store}: {len(problems)} problem{'s' if len(problems) > 1 else ''}")
        print(f"{arguments.store}: {len(store.clips())} clips and {len(store.labels())} labels are valid")

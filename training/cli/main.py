"""The workshop's commands: label, agree, train, evaluate."""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from signal import SIGINT

from joblib import cpu_count

from edge.errors import HushdError
from training import parallel
from training.cli.arguments import count
from training.storage.paths import REPOSITORY

FAMILIES = {
    "training.cli.pipeline": {
        "train": "compose, fit, export, evaluate: a model with its card",
        "combine": "models into one, their mean, in 8 bits, with its card",
        "stage": "one step of training, as `dvc repro` runs it",
        "why": "the way from labels to a model, and how to make it again",
    },
    "training.cli.evaluate": {
        "evaluate": "report on a model: by class, by source, by episode",
        "quantize": "the same model in 8-bit integers",
        "nights": "whole nights through the deployed pipeline: a report",
        "study": "what labels are worth, and guideline v2 over v1",
        "cost": "processor time, memory and start-up beside YAMNet's",
        "throughput": "what one core gets through, and what many clips and speakers need",
        "errors": "where a model fails, by slice, and what to do about it",
        "readings": "what programs read off pictures of clips, as a consensus",
        "collect": "a source's clips from the label store into the data folder, scored",
    },
    "training.cli.labels": {
        "import": "clips and labels into the label store",
        "validate": "is the label store what it says?",
        "tasks": "clips to listen to, for Label Studio",
        "labels": "answers back from Label Studio",
        "agreement": "do people agree, and where not? Figures and a page",
        "consensus": "one label a clip, and where it came from",
        "audit": "likely wrong labels, duplicates, leaks, poor sound: a page",
        "relabel": "a new guideline: carry labels over, queue the rest",
    },
    "training.cli.release": {
        "release": "a candidate against the current model: a table, a record, a verdict",
        "promote": "make a model current whose record passed",
        "rollback": "make the model current that was before",
    },
}
"""Module -> its verbs, and what each does. Only the asked verb's is imported: what the others need takes seconds."""


def main() -> int:
    """Run one verb; expected failures are one line on stderr."""
    words = [word for word in sys.argv[1:] if not word.startswith("-")]
    arguments = parser_of(words[:1]).parse_args()
    try:
        with parallel.cluster_backend(arguments):
            arguments.run(arguments)
            sys.stdout.flush()
    except HushdError as error:
        print(f"training: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 128 + SIGINT
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python tries once more at the end
    return 0


def parser_of(asked: Sequence[str]) -> argparse.ArgumentParser:
    """Of the asked verb and its family; an overview, where none is asked."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    everywhere = argparse.ArgumentParser(add_help=False)
    everywhere.add_argument("--data", type=Path, help="data folder (default: $HUSHD_DATA, else ../shared/data)")
    everywhere.add_argument(
        "--work", type=Path, default=REPOSITORY / "artifacts", help="folder for what can be made again"
    )
    everywhere.add_argument("--jobs", type=count, default=cpu_count(), help="processes (default: one a core)")
    parallel.add_arguments(everywhere)
    for module, names in FAMILIES.items():
        if not names.keys().isdisjoint(asked):
            import_module(module).add_verbs(verbs, everywhere)
            return parser
    for names in FAMILIES.values():
        for name, does in names.items():
            verbs.add_parser(name, help=does)
    return parser

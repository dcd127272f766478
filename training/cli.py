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
from training import cluster
from training.arguments import count
from training.catalog import REPOSITORY

FAMILIES = {
    "training.train_verbs": ("train", "stage", "why"),
    "training.judge_verbs": (
        "evaluate", "quantize", "nights", "study", "cost", "throughput", "errors", "collect",
    ),
    "training.labels.verbs": (
        "import", "validate", "tasks", "labels", "agreement", "consensus", "audit", "relabel",
    ),
    "training.release.command": ("release", "promote", "rollback"),
}  # fmt: skip
"""Module -> its verbs. Only the asked verb's is imported: what the others need takes seconds to load."""


def main() -> int:
    """Run one verb; expected failures are one line on stderr."""
    arguments = parser_of(sys.argv[1:2]).parse_args()
    try:
        with cluster.chosen(arguments):
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
    """Of the asked verb; of all, where none of them is asked."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    everywhere = argparse.ArgumentParser(add_help=False)
    everywhere.add_argument("--data", type=Path, help="data folder (default: $HUSHD_DATA, else ../shared/data)")
    everywhere.add_argument(
        "--work", type=Path, default=REPOSITORY / "artifacts", help="folder for what can be made again"
    )
    everywhere.add_argument("--jobs", type=count, default=cpu_count(), help="processes (default: one a core)")
    cluster.add_arguments(everywhere)
    mine = [module for module, names in FAMILIES.items() if not {*asked}.isdisjoint(names)]
    for module in mine or FAMILIES:
        import_module(module).add_verbs(verbs, everywhere)
    return parser

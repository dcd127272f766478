"""``python -m training program-labels``: the consensus of labels that programs gave to pictures of clips."""

import argparse
from pathlib import Path

import label_schema
from training.cli.options import add_workspace
from training.data.workspace import read_workspace
from training.labels.program_labels import READINGS, describe, label_clips
from training.labels.records import LabelError
from training.storage.paths import find_data


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_workspace(parser)
    parser.add_argument("table", type=Path, nargs="?", help="the programs' labels (default: readings/infants.csv)")
    parser.add_argument("--out", type=Path, help="consensus table to write (default: readings/consensus.csv)")


def run(arguments: argparse.Namespace) -> None:
    """Write the consensus table and print the programs' agreement and the number of clips of each label."""
    if (arguments.table is None) != (arguments.out is None):
        raise LabelError("name both the table of answers and --out, or neither of them")
    table, out = arguments.table or READINGS / "infants.csv", arguments.out or READINGS / "consensus.csv"
    workspace, guideline = read_workspace(find_data(arguments.data), arguments.work), label_schema.load()
    result = label_clips(table, workspace, guideline)
    result.write(out)
    print("\n".join(describe(result)))

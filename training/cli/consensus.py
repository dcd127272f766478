"""``python -m training consensus``: one label a clip, and the labels it was derived from."""

import argparse
from pathlib import Path

from training.cli.arguments import share
from training.cli.options import add_guideline, add_jobs, add_store
from training.labels.consensus import Method, reach_consensus, write
from training.labels.records import guideline_of
from training.labels.store import LabelStore
from training.storage.paths import REPOSITORY


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_store(parser)
    add_jobs(parser)
    add_guideline(parser)
    parser.add_argument(
        "--method", type=Method, choices=list(Method), default=Method.MAJORITY, help="method (default: majority)"
    )
    parser.add_argument(
        "--sure", type=share, default=0.5, help="clips at or below this confidence stay undecided (default: 0.5)"
    )
    parser.add_argument("--out", type=Path, help="table to write (default: artifacts/consensus/vN.csv)")


def run(arguments: argparse.Namespace) -> None:
    """Write the consensus table and print its counts."""
    guideline = guideline_of(arguments.guideline)
    out = arguments.out or REPOSITORY / "artifacts" / "consensus" / f"v{guideline.version}.csv"
    with LabelStore(arguments.store) as store:
        settled = reach_consensus(store.labels(guideline.version), guideline.version, arguments.method, arguments.sure)
        write(out, settled, store.clips(), guideline.version)
    for name in guideline.names:
        print(f"{sum(each.label == name for each in settled):7}  {name}")
    print(f"{sum(each.label is None for each in settled):7}  undecided: for an adjudicator\n{out}")

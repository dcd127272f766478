"""``python -m training migrate``: labels of an old guideline, carried over by rule or queued for relabeling."""

import argparse
from pathlib import Path

from training.cli.options import add_jobs, add_store
from training.labels import migration
from training.labels.records import LabelError
from training.labels.store import LabelStore
from training.storage.paths import REPOSITORY


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_store(parser)
    add_jobs(parser)
    parser.add_argument("--from", dest="old", type=int, required=True, metavar="N", help="old guideline version")
    parser.add_argument("--to", dest="new", type=int, required=True, metavar="N", help="new guideline version")
    parser.add_argument("--out", type=Path, help="queue to write (default: artifacts/relabel/vN-vN.csv)")
    parser.add_argument("--dry-run", action="store_true", help="print the cost and change nothing")


def run(arguments: argparse.Namespace) -> None:
    """Add the labels that carry over, write the queue of the others and print its cost."""
    out = arguments.out or REPOSITORY / "artifacts" / "relabel" / f"v{arguments.old}-v{arguments.new}.csv"
    with LabelStore(arguments.store) as store:
        clips, labels = store.clips(), store.labels()
        plan = migration.plan_migration(labels, clips, arguments.old, arguments.new)
        if all(label.guideline != arguments.old for label in labels):
            raise LabelError(
                f"{arguments.store} has no labels of guideline version {arguments.old} to migrate: name another --from"
            )
        if not arguments.dry_run:
            store.add((), plan.carried)
            migration.write_queue(out, plan, clips)
    print(plan.as_text() + ("" if arguments.dry_run else f"\nqueue: {out}"))

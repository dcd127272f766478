"""``python -m training agreement``: agreement between labelers, and a page with every disagreement."""

import argparse
from pathlib import Path

from training.cli.options import add_guideline, add_jobs, add_store
from training.labels.agreement import measure_agreement
from training.labels.disagreements import disagreements
from training.labels.records import guideline_of
from training.labels.report import as_text, write_report
from training.labels.store import LabelStore
from training.storage.paths import REPOSITORY


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_store(parser)
    add_jobs(parser)
    add_guideline(parser)
    parser.add_argument(
        "--slice",
        action="append",
        default=[],
        metavar="NAME",
        help="report agreement by this attribute of the clips, or by source (default: source)",
    )
    parser.add_argument("--out", type=Path, help="folder of the report (default: artifacts/agreement/vN)")


def run(arguments: argparse.Namespace) -> None:
    """Measure agreement, write the report and print the figures."""
    guideline = guideline_of(arguments.guideline)
    out = arguments.out or REPOSITORY / "artifacts" / "agreement" / f"v{guideline.version}"
    with LabelStore(arguments.store) as store:
        labels, clips = store.labels(guideline.version), store.clips()
        agreement = measure_agreement(labels, clips, guideline.version, arguments.slice or ["source"])
        groups = disagreements(labels, clips, guideline)
        page = write_report(store, agreement, groups, guideline, out, arguments.jobs)
    print(f"{as_text(agreement, groups)}\n\nreport: {page}")

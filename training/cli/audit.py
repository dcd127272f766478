"""``python -m training audit``: likely wrong labels, duplicates, leaks across splits and poor sound."""

import argparse
from pathlib import Path

from training.audit import inputs
from training.audit.report import as_text, write_report
from training.audit.run import audit
from training.cli.arguments import count
from training.cli.options import add_data, add_jobs, add_store, add_work
from training.data.workspace import read_workspace
from training.labels.records import guideline_of
from training.labels.store import LabelStore
from training.storage.paths import REPOSITORY, find_data


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_store(parser)
    add_jobs(parser)
    parser.add_argument(
        "--of", choices=["store", "data", "both"], default="store", help="clips to audit (default: store)"
    )
    parser.add_argument("--guideline", type=int, help="guideline version of the store's labels (default: the latest)")
    add_data(parser)
    add_work(parser)
    parser.add_argument("--most", type=count, default=200, help="most findings of a kind on the page (default: 200)")
    parser.add_argument("--out", type=Path, help="folder of the report (default: artifacts/audit/OF)")


def run(arguments: argparse.Namespace) -> None:
    """Audit the clips, write the report and print the counts."""
    guideline = guideline_of(arguments.guideline)
    clips = []
    if arguments.of in ("store", "both"):
        with LabelStore(arguments.store) as store:
            clips += inputs.of_store(store, guideline.version)
    if arguments.of in ("data", "both"):
        clips += inputs.of_data_folder(read_workspace(find_data(arguments.data), arguments.work))
    findings = audit(clips, guideline.names, guideline.clip_seconds, arguments.jobs)
    out = arguments.out or REPOSITORY / "artifacts" / "audit" / arguments.of
    page = write_report(findings, guideline, out, arguments.most, arguments.jobs)
    print(
        f"{as_text(findings)}\n\nreport: {page}; all findings: {out / 'findings.csv'}; to relabel: {out / 'queue.csv'}"
    )

"""``python -m training audit``."""

import argparse
from pathlib import Path

from training.cli.arguments import count
from training.data.workspace import read_workspace
from training.labels.records import guideline_of
from training.labels.store import LabelStore
from training.storage.paths import REPOSITORY, find_data


def add_arguments(verb: argparse.ArgumentParser) -> None:
    """Besides the store and the number of processes."""
    verb.add_argument("--of", choices=["store", "data", "both"], default="store", help="what to audit (default: store)")
    verb.add_argument("--guideline", type=int, help="version the store's labels are of (default: the latest)")
    verb.add_argument("--data", type=Path, help="data folder (default: $HUSHD_DATA, else ../shared/data)")
    verb.add_argument("--work", type=Path, default=REPOSITORY / "artifacts", help="folder of the decoded data")
    verb.add_argument("--most", type=count, default=200, help="findings of a kind on the page (default: 200)")
    verb.add_argument("--out", type=Path, help="folder of the report (default: artifacts/audit/OF)")


def main(arguments: argparse.Namespace) -> None:
    """Audit, write the report, and say what was found."""
    # the other verbs of labels need not wait for what this one loads
    from training.audit import inputs  # noqa: PLC0415
    from training.audit.report import as_text, write_report  # noqa: PLC0415
    from training.audit.run import audit  # noqa: PLC0415

    guideline = guideline_of(arguments.guideline)
    audited = []
    if arguments.of in ("store", "both"):
        with LabelStore(arguments.store) as store:
            audited += inputs.of_store(store, guideline.version)
    if arguments.of in ("data", "both"):
        audited += inputs.of_catalog(read_workspace(find_data(arguments.data), arguments.work))
    found = audit(audited, guideline.names, guideline.clip_seconds, arguments.jobs)
    out = arguments.out or REPOSITORY / "artifacts" / "audit" / arguments.of
    page = write_report(found, guideline, out, arguments.most, arguments.jobs)
    print(
        f"{as_text(found)}\n\nreport: {page}; all findings: {out / 'findings.csv'}; to hear again: {out / 'queue.csv'}"
    )

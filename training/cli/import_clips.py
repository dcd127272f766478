"""``python -m training import``: clips and labels of several formats into the label store."""

import argparse
from pathlib import Path

from label_schema import versions
from training.cli.arguments import count
from training.cli.options import add_jobs, add_store
from training.labels import csv_reader, importers
from training.labels.device_clips import device_clips
from training.labels.records import LabelError, guideline_of
from training.labels.run_import import NO_LABEL, OTHERS, ImportSettings, import_all
from training.labels.store import LabelStore

_READERS = {
    "folder": importers.folder,
    "donateacry": importers.donateacry,
    "esc50": importers.esc50,
    "csv": csv_reader.read_table,
    "device": device_clips,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_store(parser)
    add_jobs(parser)
    parser.add_argument("format", choices=_READERS)
    parser.add_argument("path", type=Path, help="folder of audio; for esc50 its meta/esc50.csv, for csv the table")
    parser.add_argument("--guideline", type=int, help="guideline version the labels follow (default: the latest)")
    parser.add_argument("--labeller", help="labeler of rows that do not name one (default: source:NAME)")
    parser.add_argument("--source", help="name of the source (default: the format's)")
    parser.add_argument(
        "--round", type=count, default=1, help="number of times the labeler has labeled these clips (default: 1)"
    )
    parser.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="WORD=LABEL",
        help=f"translate the source's WORD to a label; {OTHERS}=LABEL for all others, WORD={NO_LABEL} for no label",
    )
    parser.add_argument("--leave-out-damaged", action="store_true", help="skip files that cannot be decoded")


def run(arguments: argparse.Namespace) -> None:
    """Import the clips and print the counts."""
    words = dict(_parse_mapping(each) for each in arguments.map)
    if arguments.format == "donateacry":
        words.setdefault(OTHERS, NO_LABEL)  # its labels are parents' guesses at the reason, not this guideline's
    settings = ImportSettings(
        guideline=guideline_of(arguments.guideline).version,
        labeller=arguments.labeller,
        source=arguments.source,
        round=arguments.round,
        words=words,
        leave_out_damaged=arguments.leave_out_damaged,
        jobs=arguments.jobs,
    )
    rows = _READERS[arguments.format](arguments.path)
    with LabelStore(arguments.store, create=True) as store:
        added = import_all(store, rows, settings)
    print(f"{arguments.store}: {added.clips} new clips, {added.labels} new labels, {added.known} known already")


def _parse_mapping(option: str) -> tuple[str, str]:
    word, equals, label = option.rpartition("=")
    if not equals or not word or not label:
        raise LabelError(f"--map {option}: must be WORD=LABEL")
    # Each row may name its own guideline version, so a label of any version is accepted here.
    known = dict.fromkeys(name for version in reversed(versions()) for name in guideline_of(version).names)
    if label not in (*known, NO_LABEL):
        raise LabelError(
            f"--map {option}: {label!r} is not a label of any guideline version ({', '.join(known)});"
            f" use --map {word}=LABEL with one of these, or {word}={NO_LABEL} for no label"
        )
    return word, label

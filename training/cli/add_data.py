"""``python -m training add-data``: a source's clips from the label store into the data folder, with tagger scores."""

import argparse

from training.cli.options import add_store, add_workspace, add_yamnet, find_yamnet
from training.data.manifest import KINDS, SPLITS
from training.data.yamnet import YamnetStream
from training.labels.collect import SplitAssignment, collect
from training.labels.store import LabelStore
from training.storage.paths import find_data


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_workspace(parser)
    add_store(parser)
    add_yamnet(parser)
    parser.add_argument("source", help="source of the clips: --source of `import`")
    parser.add_argument("--kind", choices=KINDS, help="kind of clips without an attribute `kind`")
    parser.add_argument(
        "--called", metavar="WORD", help="the source's word for the sound, such as cat (default: the kind)"
    )
    parser.add_argument("--licence", help="licence of clips without an attribute `licence`")
    parser.add_argument("--split", choices=SPLITS, help="split of new groups (default: drawn, 7 : 1 : 2)")


def run(arguments: argparse.Namespace) -> None:
    """Add the clips and print their number by split."""
    data, tagger = find_data(arguments.data), YamnetStream(find_yamnet(arguments))
    assignment = SplitAssignment(arguments.kind, arguments.called, arguments.licence, arguments.split)
    with LabelStore(arguments.store) as store:
        added = collect(store, arguments.source, assignment, data, arguments.work, tagger)
    counts = ", ".join(f"{sum(clip.split == split for clip in added)} {split}" for split in SPLITS)
    print(f"{data}: {len(added)} new clips ({counts}), scored by YAMNet")

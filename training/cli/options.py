"""Options that several commands share, each defined once with its help text."""

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from joblib import cpu_count

from training import parallel
from training.cli.arguments import count
from training.storage.paths import REPOSITORY, find_data


def add_workspace(parser: argparse.ArgumentParser) -> None:
    """Add --data, --work, --jobs and --cluster, for commands with heavy steps."""
    add_data(parser)
    add_work(parser)
    add_jobs(parser)
    parser.add_argument(
        "--cluster",
        metavar="ADDRESS",
        default=os.environ.get(parallel.ADDRESS),
        help=f"Dask scheduler that runs the heavy steps, e.g. tcp://10.0.0.5:8786 (default: ${parallel.ADDRESS},"
        " or this machine if unset); see docs/scale.md",
    )


def add_data(parser: argparse.ArgumentParser) -> None:
    """Add --data; ``find_data`` resolves the default."""
    parser.add_argument("--data", type=Path, help="data folder (default: $HUSHD_DATA, or ../shared/data if unset)")


def add_work(parser: argparse.ArgumentParser) -> None:
    """Add --work."""
    parser.add_argument(
        "--work", type=Path, default=REPOSITORY / "artifacts", help="folder of outputs that can be made again"
    )


def add_jobs(parser: argparse.ArgumentParser) -> None:
    """Add --jobs."""
    parser.add_argument("--jobs", type=count, default=cpu_count(), help="number of processes (default: one a core)")


def add_store(parser: argparse.ArgumentParser) -> None:
    """Add --store."""
    default = Path(os.environ.get("HUSHD_LABELS", REPOSITORY / "labels"))
    parser.add_argument(
        "--store", type=Path, default=default, help="label store (default: $HUSHD_LABELS, or labels/ if unset)"
    )


def add_models(parser: argparse.ArgumentParser) -> None:
    """Add --models."""
    parser.add_argument("--models", type=Path, default=REPOSITORY / "models", help="folder of models")


def add_model_file(parser: argparse.ArgumentParser) -> None:
    """Add the optional positional argument MODEL."""
    parser.add_argument("model", type=Path, nargs="?", help="model.onnx (default: the shipped model)")


def add_consensus(parser: argparse.ArgumentParser) -> None:
    """Add --consensus, for commands that evaluate."""
    parser.add_argument(
        "--consensus",
        type=Path,
        metavar="FILE",
        help="consensus table with the true labels (default: the label store's consensus)",
    )


def add_yamnet(parser: argparse.ArgumentParser) -> None:
    """Add --yamnet; ``find_yamnet`` resolves the default."""
    parser.add_argument("--yamnet", type=Path, help="yamnet.tflite (default: ../peers/ beside the data folder)")


def find_yamnet(arguments: argparse.Namespace) -> Path:
    """Return the file of --yamnet or its default."""
    return Path(arguments.yamnet or find_data(arguments.data).parent / "peers" / "yamnet.tflite")


def add_guideline(parser: argparse.ArgumentParser) -> None:
    """Add --guideline."""
    parser.add_argument("--guideline", type=int, help="guideline version of the labels (default: the latest)")


@contextmanager
def on_cluster(arguments: argparse.Namespace) -> Iterator[None]:
    """Run the block's joblib calls on the cluster of --cluster, and set --jobs to its number of workers.

    Without --cluster the block runs on this machine. Raises ClusterError if the workers cannot be used.
    """
    address = getattr(arguments, "cluster", None)
    if not address:
        yield
        return
    arguments.data, arguments.work = find_data(arguments.data).resolve(), arguments.work.resolve()
    with parallel.cluster_backend(address, arguments.data, arguments.work) as workers:
        arguments.jobs = workers
        yield

"""``python -m training quantize``: a model in 8-bit integers."""

import argparse
from pathlib import Path

from training.cli.arguments import count, seed
from training.cli.options import add_workspace
from training.data.workspace import read_workspace
from training.model.quantize import quantize, refuse_quantized
from training.storage.paths import find_data
from training.synthesis.feature_shards import make_shards


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_workspace(parser)
    parser.add_argument("model", type=Path, help="model.onnx")
    parser.add_argument("out", type=Path, help="file to write")
    parser.add_argument(
        "--shards", type=count, default=1, help="number of dev scenes / 64 for calibrating the ranges (default: 1)"
    )
    parser.add_argument("--seed", type=seed, default=1, help="random seed of those scenes (default: 1)")


def run(arguments: argparse.Namespace) -> None:
    """Write the quantized model and print both sizes."""
    refuse_quantized(arguments.model)  # before the slow reading of the data
    workspace = read_workspace(find_data(arguments.data), arguments.work, arguments.jobs)
    scenes = make_shards(workspace, "dev", arguments.shards, arguments.seed)
    quantize(arguments.model, scenes, arguments.out)
    before, after = (path.stat().st_size / 1e3 for path in (arguments.model, arguments.out))
    print(f"{arguments.out}: {after:.0f} kB instead of {before:.0f} kB; now run evaluate and evaluate-nights on it")

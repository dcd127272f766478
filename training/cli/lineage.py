"""``python -m training lineage``: a model's provenance, and the commands that rebuild it."""

import argparse
from pathlib import Path

from training.cli.options import add_models
from training.model.files import model_file
from training.pipeline.lineage import describe_lineage
from training.storage.paths import REPOSITORY


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_models(parser)
    parser.add_argument("model", help="name in the folder of models, or a model.onnx")
    parser.add_argument(
        "--clip", metavar="FILE", help="also print this clip's labels and role: its name in the manifest, or its audio"
    )
    parser.add_argument("--work", type=Path, default=REPOSITORY / "artifacts", help="folder of the training outputs")
    parser.add_argument("--store", type=Path, default=REPOSITORY / "labels", help="label store, for --clip")


def run(arguments: argparse.Namespace) -> None:
    """Print the model's lineage, and the clip's if one is named."""
    named = Path(arguments.model)
    model = named if named.suffix == ".onnx" else model_file(arguments.models, arguments.model)
    print("\n".join(describe_lineage(model, arguments.clip, arguments.work / "train", arguments.store)))

"""``python -m training nights``: what the device would have rung for in whole nights, beside YAMNet."""

import argparse
from pathlib import Path

import label_schema
from edge.detection.classifier import Classifier
from edge.detection.model_loading import shipped_model
from training.cli.arguments import hours, seed
from training.evaluation.nights.report import as_text, write_report
from training.evaluation.nights.runner import NightRunConfig, recipes, run_nights
from training.evaluation.seeds import NIGHT_SEED
from training.labels.open_workspace import describe_label_sources, open_workspace
from training.pipeline.params import read_params


def add_arguments(verb: argparse.ArgumentParser) -> None:
    """Beside --data, --work and --jobs."""
    verb.add_argument("model", type=Path, nargs="?", help="model.onnx (default: the shipped one)")
    verb.add_argument("--split", choices=["train", "dev", "test"], default="test", help="whose clips (default: test)")
    verb.add_argument("--hours", type=hours, default=24.0, help="in nights of 2 hours, each a room of its own")
    verb.add_argument("--seed", type=seed, default=NIGHT_SEED)
    verb.add_argument("--yamnet", type=Path, metavar="FILE", help="yamnet.tflite, to judge it on the same nights")
    verb.add_argument("--consensus", type=Path, metavar="FILE", help="labels to judge by, instead of the label store's")
    verb.add_argument("--out", type=Path, help="folder for report.html and figures.json")


def main(arguments: argparse.Namespace) -> None:
    """Compose, listen, judge, report."""
    labels = read_params().labels
    workspace = open_workspace(arguments.data, arguments.work, arguments.jobs, labels, arguments.consensus)
    model = arguments.model or shipped_model()
    card = Classifier.load(model, label_schema.load()).card
    config = NightRunConfig(workspace, model, arguments.yamnet)
    nights = run_nights(config, recipes(arguments.split, arguments.hours, arguments.seed))
    out = arguments.out or arguments.work / "report" / card.model_id / f"nights-{arguments.split}-{arguments.seed}"
    print(as_text(write_report(nights, card, arguments.split, arguments.seed, out)))
    print(f"\n{describe_label_sources(workspace, arguments.split)}\nreport: {out / 'report.html'}")

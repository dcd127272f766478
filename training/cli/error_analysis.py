"""``python -m training errors``: where a model fails, the three data remedies, and what a remedy bought."""

import argparse
import json
import os
from pathlib import Path

from edge.detection.model_loading import shipped_model
from training.cli.arguments import count, hours
from training.data.workspace import Workspace
from training.evaluation.error_analysis.benchmark import Benchmark, BenchmarkResult, run_benchmark
from training.evaluation.error_analysis.effect import effects
from training.evaluation.error_analysis.relabel_queue import SliceError, parse_trait, slice_clips, write_queue
from training.evaluation.error_analysis.report import as_text, effect_as_json, effect_as_text, write_report
from training.evaluation.error_analysis.slices import weakest_first
from training.labels.open_workspace import describe_label_sources, open_workspace
from training.labels.store import LabelStore
from training.model.files import model_file
from training.pipeline.params import read_params
from training.storage.atomic import write_whole
from training.storage.paths import REPOSITORY


def add_arguments(verb: argparse.ArgumentParser) -> None:
    """Beside --data, --work and --jobs."""
    verb.add_argument("model", nargs="?", help="name of a model, or its model.onnx (default: the shipped one)")
    verb.add_argument("--models", type=Path, default=REPOSITORY / "models", help="folder of models")
    verb.add_argument("--split", choices=["dev", "test"], default=Benchmark().split, help="whose clips (default: test)")
    verb.add_argument("--episodes", type=count, default=Benchmark().episodes, help="of each story")
    verb.add_argument("--hours", type=hours, default=Benchmark().hours, help="of nights")
    verb.add_argument("--top", type=count, default=20, metavar="N", help="slices to print; the page has all")
    verb.add_argument("--out", type=Path, help="folder for errors.html and errors.json")
    does = verb.add_mutually_exclusive_group()
    does.add_argument("--relabel", metavar="TRAIT=VALUE", help="queue a slice's clips to be heard again")
    does.add_argument("--effect", nargs=2, metavar=("OLD", "NEW"), help="what changed between two models, by slice")
    verb.add_argument("--slice", metavar="TRAIT=VALUE", help="with --effect: which slice first")
    default = Path(os.environ.get("HUSHD_LABELS", REPOSITORY / "labels"))
    verb.add_argument("--store", type=Path, default=default, help="label store (default: $HUSHD_LABELS, else labels/)")


def main(arguments: argparse.Namespace) -> None:
    """One of three: figures by slice, a queue, or an effect."""
    for text in filter(None, (arguments.relabel, arguments.slice)):
        parse_trait(text)  # a slip in its form is told now, and not after an hour of listening
    if arguments.slice and not arguments.effect:
        raise SliceError("--slice is of --effect OLD NEW; a model's slices are all in its report")
    workspace = open_workspace(arguments.data, arguments.work, arguments.jobs, read_params().labels)
    exam = Benchmark(split=arguments.split, episodes=arguments.episodes, hours=arguments.hours)
    if arguments.effect:
        files = [_file(name, arguments.models) for name in arguments.effect]
        old, new = (run_benchmark(file, exam, workspace) for file in files)
        _effect(old, new, workspace, arguments)
        return
    model = _file(arguments.model, arguments.models)
    sitting = run_benchmark(model, exam, workspace)
    if arguments.relabel:
        _relabel(sitting, workspace, arguments)
        return
    clips = workspace.by_file
    weak = weakest_first(sitting.answers, clips)
    out = arguments.out or arguments.work / "report" / sitting.card.model_id / f"errors-{exam.split}"
    name = arguments.model or model.parent.name
    word = describe_label_sources(workspace, exam.split)
    write_report(name, sitting, exam, weak, clips, word, out)
    print(f"{as_text(name, weak, clips, arguments.top, explained=3)}\n\n{word}\nreport: {out / 'errors.html'}")


def _file(name: str | None, models: Path) -> Path:
    if name is None:
        return shipped_model()
    return Path(name) if name.endswith(".onnx") else model_file(models, name)


def _relabel(sitting: BenchmarkResult, workspace: Workspace, arguments: argparse.Namespace) -> None:
    wanted = parse_trait(arguments.relabel)
    clips = slice_clips(wanted, sitting.answers, workspace)
    named = "".join(each if each.isalnum() else "-" for each in arguments.relabel)
    path = arguments.out or arguments.work / "relabel"
    with LabelStore(arguments.store, create=True) as store:
        queued = write_queue(wanted, clips, workspace, store, path / f"errors-{named}.csv")
    print(f"{queued} clips to be heard again, in the store {arguments.store}\nqueue: {path / f'errors-{named}.csv'}")


def _effect(old: BenchmarkResult, new: BenchmarkResult, workspace: Workspace, arguments: argparse.Namespace) -> None:
    found = effects(old.answers, new.answers, workspace.by_file)
    names = old.card.model_id, new.card.model_id
    out = arguments.out or arguments.work / "report" / names[1] / f"errors-{arguments.split}"
    path = out / f"effect-since-{names[0]}.json"
    write_whole(path, json.dumps(effect_as_json(found), indent=1) + "\n")
    wanted = parse_trait(arguments.slice) if arguments.slice else None
    print(f"{effect_as_text(*names, found, wanted, arguments.top)}\n\nall slices: {path}")

"""``python -m training error-analysis``: failures by slice, three data remedies, and the effect of a remedy."""

import argparse
from pathlib import Path

from edge.detection.model_loading import shipped_model
from training.cli.arguments import count, hours
from training.cli.options import add_models, add_store, add_workspace
from training.data.workspace import Workspace
from training.evaluation.error_analysis.benchmark import Benchmark, BenchmarkResult, run_benchmark
from training.evaluation.error_analysis.effect import effects
from training.evaluation.error_analysis.relabel_queue import SliceError, parse_trait, slice_clips, write_queue
from training.evaluation.error_analysis.report import as_text, effect_as_text, write_effect, write_report
from training.evaluation.error_analysis.slices import weakest_first
from training.labels.open_workspace import describe_label_sources, open_workspace
from training.labels.store import LabelStore
from training.model.files import model_file
from training.pipeline.params import read_params


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_workspace(parser)
    add_store(parser)
    add_models(parser)
    parser.add_argument("model", nargs="?", help="name of a model, or its model.onnx (default: the shipped model)")
    parser.add_argument(
        "--split", choices=["dev", "test"], default=Benchmark().split, help="split of the clips (default: test)"
    )
    parser.add_argument("--episodes", type=count, default=Benchmark().episodes, help="episodes of each kind")
    parser.add_argument("--hours", type=hours, default=Benchmark().hours, help="total hours of nights")
    parser.add_argument(
        "--top", type=count, default=20, metavar="N", help="number of slices to print; the page has all (default: 20)"
    )
    parser.add_argument("--out", type=Path, help="folder for errors.html and errors.json")
    task = parser.add_mutually_exclusive_group()
    task.add_argument("--relabel", metavar="TRAIT=VALUE", help="queue this slice's clips for relabeling")
    task.add_argument(
        "--effect", nargs=2, metavar=("OLD", "NEW"), help="report the difference between two models by slice"
    )
    parser.add_argument("--slice", metavar="TRAIT=VALUE", help="with --effect: slice to print first")


def run(arguments: argparse.Namespace) -> None:
    """Write a report by slice, or a queue with --relabel, or a comparison with --effect."""
    for text in filter(None, (arguments.relabel, arguments.slice)):
        parse_trait(text)  # raises on a wrong form before the benchmark, which takes an hour
    if arguments.slice and not arguments.effect:
        raise SliceError("--slice needs --effect OLD NEW; without it, the report has all slices of a model")
    workspace = open_workspace(arguments.data, arguments.work, arguments.jobs, read_params().labels)
    benchmark = Benchmark(split=arguments.split, episodes=arguments.episodes, hours=arguments.hours)
    if arguments.effect:
        files = [_find_model(name, arguments.models) for name in arguments.effect]
        old, new = (run_benchmark(file, benchmark, workspace) for file in files)
        _write_effect(old, new, workspace, arguments)
        return
    model = _find_model(arguments.model, arguments.models)
    result = run_benchmark(model, benchmark, workspace)
    if arguments.relabel:
        _queue_slice(result, workspace, arguments)
        return
    clips = workspace.by_file
    slices = weakest_first(result.answers, clips)
    out = arguments.out or arguments.work / "report" / result.card.model_id / f"errors-{benchmark.split}"
    name = arguments.model or model.parent.name
    sources = describe_label_sources(workspace, benchmark.split)
    write_report(name, result, benchmark, slices, clips, sources, out)
    print(f"{as_text(name, slices, clips, arguments.top, explained=3)}\n\n{sources}\nreport: {out / 'errors.html'}")


def _find_model(name: str | None, models: Path) -> Path:
    if name is None:
        return shipped_model()
    return Path(name) if name.endswith(".onnx") else model_file(models, name)


def _queue_slice(result: BenchmarkResult, workspace: Workspace, arguments: argparse.Namespace) -> None:
    key = parse_trait(arguments.relabel)
    clips = slice_clips(key, result.answers, workspace)
    file_stem = "".join(each if each.isalnum() else "-" for each in arguments.relabel)
    path = (arguments.out or arguments.work / "relabel") / f"errors-{file_stem}.csv"
    with LabelStore(arguments.store, create=True) as store:
        queued = write_queue(key, clips, workspace, store, path)
    print(f"{queued} clips to relabel, in the store {arguments.store}\nqueue: {path}")


def _write_effect(
    old: BenchmarkResult, new: BenchmarkResult, workspace: Workspace, arguments: argparse.Namespace
) -> None:
    changes = effects(old.answers, new.answers, workspace.by_file)
    names = old.card.model_id, new.card.model_id
    out = arguments.out or arguments.work / "report" / names[1] / f"errors-{arguments.split}"
    path = out / f"effect-since-{names[0]}.json"
    write_effect(changes, path)
    key = parse_trait(arguments.slice) if arguments.slice else None
    print(f"{effect_as_text(*names, changes, key, arguments.top)}\n\nall slices: {path}")

"""The verbs that tell of a model and of what it is made from: evaluate, quantize, nights, study, cost and so on."""

import argparse
from pathlib import Path

from training.cli import benchmarks
from training.cli import error_analysis as errors
from training.cli import evaluate_nights as nights
from training.cli import label_noise as study
from training.cli.arguments import count, seed
from training.data.workspace import read_workspace
from training.evaluation.report import as_text, evaluate
from training.evaluation.seeds import EPISODE_SEED
from training.labels import collect, program_labels
from training.labels.open_workspace import describe_label_sources, open_workspace
from training.model.quantize import quantize, refuse_quantized
from training.pipeline.params import Amounts, read_params
from training.storage.paths import find_data
from training.synthesis.feature_shards import make_shards


def add_verbs(
    verbs: "argparse._SubParsersAction[argparse.ArgumentParser]", everywhere: argparse.ArgumentParser
) -> None:
    """``everywhere`` has --data, --work, --jobs and --cluster."""
    verb = verbs.add_parser("evaluate", parents=[everywhere])
    verb.add_argument("model", type=Path, help="model.onnx")
    verb.add_argument("--split", choices=["dev", "test"], default="test")
    verb.add_argument("--episodes", type=count, default=Amounts().test_episodes, help="composed episodes of each kind")
    verb.add_argument("--seed", type=seed, default=EPISODE_SEED)
    verb.add_argument("--consensus", type=Path, metavar="FILE", help="labels to judge by, instead of the label store's")
    verb.add_argument("--out", type=Path, help="folder for report.html and figures.json")
    verb.set_defaults(run=_evaluate)

    verb = verbs.add_parser("quantize", parents=[everywhere])
    verb.add_argument("model", type=Path, help="model.onnx")
    verb.add_argument("out", type=Path, help="the file to write")
    verb.add_argument("--shards", type=count, default=1, help="dev scenes / 64 that the ranges are measured on")
    verb.add_argument("--seed", type=seed, default=1)
    verb.set_defaults(run=_quantize)

    verb = verbs.add_parser("nights", parents=[everywhere])
    nights.add_arguments(verb)
    verb.set_defaults(run=nights.main)

    verb = verbs.add_parser("study", parents=[everywhere])
    study.add_arguments(verb)
    verb.set_defaults(run=study.main)

    verb = verbs.add_parser("cost")
    benchmarks.add_cost_arguments(verb)
    verb.set_defaults(run=benchmarks.cost)

    verb = verbs.add_parser("throughput")
    benchmarks.add_throughput_arguments(verb)
    verb.set_defaults(run=benchmarks.measure_throughput)

    verb = verbs.add_parser("errors", parents=[everywhere])
    errors.add_arguments(verb)
    verb.set_defaults(run=errors.main)

    verb = verbs.add_parser("readings", parents=[everywhere])
    program_labels.add_arguments(verb)
    verb.set_defaults(run=program_labels.main)

    verb = verbs.add_parser("collect", parents=[everywhere])
    collect.add_arguments(verb)
    verb.set_defaults(run=collect.main)


def _evaluate(arguments: argparse.Namespace) -> None:
    workspace = open_workspace(
        arguments.data, arguments.work, arguments.jobs, read_params().labels, arguments.consensus
    )
    out = arguments.out or arguments.work / "report" / arguments.model.parent.name
    print(as_text(evaluate(arguments.model, arguments.split, workspace, arguments.episodes, arguments.seed, out)))
    print(f"\n{describe_label_sources(workspace, arguments.split)}\nreport: {out / 'report.html'}")


def _quantize(arguments: argparse.Namespace) -> None:
    refuse_quantized(arguments.model)  # before the data are read
    workspace = read_workspace(find_data(arguments.data), arguments.work, arguments.jobs)
    scenes = make_shards(workspace, "dev", arguments.shards, arguments.seed)
    quantize(arguments.model, scenes, arguments.out)
    before, after = (path.stat().st_size / 1e3 for path in (arguments.model, arguments.out))
    print(f"{arguments.out}: {after:.0f} kB instead of {before:.0f} kB; now evaluate it, and nights")

"""The verbs that tell of a model and of what it is made from: evaluate, quantize, nights, study, cost and so on."""

import argparse
from pathlib import Path

from training import collect, cost, readings, throughput
from training.arguments import count, seed
from training.catalog import find_data, read_catalog
from training.errors import command as errors
from training.evaluate import as_text, evaluate
from training.nights import command as nights
from training.params import Amounts
from training.place import open_place, whose_word
from training.quantize import quantize, refuse_quantized
from training.shards import make_shards
from training.study import command as study
from training.train import TEST_SEED


def add_verbs(
    verbs: "argparse._SubParsersAction[argparse.ArgumentParser]", everywhere: argparse.ArgumentParser
) -> None:
    """``everywhere`` has --data, --work, --jobs and --cluster."""
    verb = verbs.add_parser("evaluate", parents=[everywhere])
    verb.add_argument("model", type=Path, help="model.onnx")
    verb.add_argument("--split", choices=["dev", "test"], default="test")
    verb.add_argument("--episodes", type=count, default=Amounts().test_episodes, help="composed episodes of each kind")
    verb.add_argument("--seed", type=seed, default=TEST_SEED)
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
    cost.add_arguments(verb)
    verb.set_defaults(run=cost.main)

    verb = verbs.add_parser("throughput")
    throughput.add_arguments(verb)
    verb.set_defaults(run=throughput.main)

    verb = verbs.add_parser("errors", parents=[everywhere])
    errors.add_arguments(verb)
    verb.set_defaults(run=errors.main)

    verb = verbs.add_parser("readings", parents=[everywhere])
    readings.add_arguments(verb)
    verb.set_defaults(run=readings.main)

    verb = verbs.add_parser("collect", parents=[everywhere])
    collect.add_arguments(verb)
    verb.set_defaults(run=collect.main)


def _evaluate(arguments: argparse.Namespace) -> None:
    place = open_place(arguments.data, arguments.work, arguments.jobs, given=arguments.consensus)
    out = arguments.out or arguments.work / "report" / arguments.model.parent.name
    print(as_text(evaluate(arguments.model, arguments.split, place, arguments.episodes, arguments.seed, out)))
    print(f"\n{whose_word(place, arguments.split)}\nreport: {out / 'report.html'}")


def _quantize(arguments: argparse.Namespace) -> None:
    refuse_quantized(arguments.model)  # before the data are read
    data = find_data(arguments.data)
    clips = read_catalog(data)
    scenes = make_shards(data, clips, "dev", arguments.shards, arguments.seed, arguments.work, arguments.jobs)
    quantize(arguments.model, scenes, arguments.out)
    before, after = (path.stat().st_size / 1e3 for path in (arguments.model, arguments.out))
    print(f"{arguments.out}: {after:.0f} kB instead of {before:.0f} kB; now evaluate it, and nights")

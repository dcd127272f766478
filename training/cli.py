"""The workshop's commands: label, agree, train, evaluate."""

import argparse
import os
import sys
from pathlib import Path
from signal import SIGINT

from edge.errors import HushdError
from training import cluster, cost, throughput
from training.arguments import count, model_name, seed
from training.catalog import REPOSITORY, find_data, read_catalog
from training.errors import command as errors
from training.evaluate import as_text, evaluate
from training.fit import FitSettings
from training.labels.verbs import add_verbs
from training.nights import command as nights
from training.release import command as release
from training.streams import Workplace
from training.study import command as study
from training.train import REHEARSAL, TEST_SEED, Amounts, train


def main() -> int:
    """Run one verb; expected failures are one line on stderr."""
    arguments = _parser().parse_args()
    try:
        with cluster.chosen(arguments):
            arguments.run(arguments)
    except HushdError as error:
        print(f"training: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 128 + SIGINT
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    everywhere = argparse.ArgumentParser(add_help=False)
    everywhere.add_argument("--data", type=Path, help="data folder (default: $HUSHD_DATA, else ../shared/data)")
    everywhere.add_argument(
        "--work", type=Path, default=REPOSITORY / "artifacts", help="folder for what can be made again"
    )
    everywhere.add_argument("--jobs", type=count, default=os.cpu_count() or 1, help="processes (default: one a core)")
    cluster.add_arguments(everywhere)

    verb = verbs.add_parser("train", parents=[everywhere], help="compose, fit, export, evaluate: a model with its card")
    verb.add_argument("model_id", type=model_name, help="name of the new model, e.g. cry-2")
    verb.add_argument("--models", type=Path, default=REPOSITORY / "models")
    verb.add_argument("--shards", type=count, default=Amounts().shards, help="training scenes / 64")
    verb.add_argument("--steps", type=count, default=FitSettings().steps)
    verb.add_argument("--seed", type=seed, default=FitSettings().seed)
    verb.add_argument(
        "--rehearse",
        action="store_true",
        help="the least of everything: shows that it runs, the model is worth nothing",
    )
    verb.set_defaults(run=_train)

    verb = verbs.add_parser("evaluate", parents=[everywhere], help="report on a model: by class, by source, by episode")
    verb.add_argument("model", type=Path, help="model.onnx")
    verb.add_argument("--split", choices=["dev", "test"], default="test")
    verb.add_argument("--episodes", type=count, default=Amounts().test_episodes, help="composed episodes of each kind")
    verb.add_argument("--seed", type=seed, default=TEST_SEED)
    verb.add_argument("--out", type=Path, help="folder for report.html and figures.json")
    verb.set_defaults(run=_evaluate)

    verb = verbs.add_parser("nights", parents=[everywhere], help="whole nights through the deployed pipeline: a report")
    nights.add_arguments(verb)
    verb.set_defaults(run=nights.main)

    verb = verbs.add_parser("study", parents=[everywhere], help="what labels are worth, and guideline v2 over v1")
    study.add_arguments(verb)
    verb.set_defaults(run=study.main)

    verb = verbs.add_parser("cost", help="processor time, memory and start-up beside YAMNet's")
    cost.add_arguments(verb)
    verb.set_defaults(run=cost.main)

    verb = verbs.add_parser("throughput", help="what one core gets through, and what many clips and speakers need")
    throughput.add_arguments(verb)
    verb.set_defaults(run=throughput.main)

    add_verbs(verbs)
    release.add_verbs(verbs, everywhere)

    verb = verbs.add_parser(
        "errors", parents=[everywhere], help="where a model fails, by slice, and what to do about it"
    )
    errors.add_arguments(verb)
    verb.set_defaults(run=errors.main)
    return parser


def _train(arguments: argparse.Namespace) -> None:
    settings = FitSettings(steps=arguments.steps, seed=arguments.seed, threads=arguments.jobs)
    data = find_data(arguments.data)
    amounts = REHEARSAL if arguments.rehearse else Amounts(shards=arguments.shards)
    folder = train(arguments.model_id, data, arguments.work, arguments.models, amounts, settings, arguments.jobs)
    print(f"model and card: {folder}; report: {arguments.work / 'report' / arguments.model_id / 'report.html'}")


def _evaluate(arguments: argparse.Namespace) -> None:
    data = find_data(arguments.data)
    place = Workplace(data, read_catalog(data), arguments.work, arguments.jobs)
    out = arguments.out or arguments.work / "report" / arguments.model.parent.name
    print(as_text(evaluate(arguments.model, arguments.split, place, arguments.episodes, arguments.seed, out)))
    print(f"\nreport: {out / 'report.html'}")

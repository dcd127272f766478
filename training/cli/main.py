"""The training commands: label, measure agreement, train, evaluate, release."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from signal import SIGINT

from edge.errors import HushdError
from training.cli.options import on_cluster

PROGRAM = "python -m training"


@dataclass(frozen=True, slots=True)
class Command:
    """An entry of the registry: one module of this package, with its functions ``add_arguments`` and ``run``."""

    module: str
    """Name in ``training.cli``. It is imported for this command only: the libraries of the others take seconds."""
    help: str
    """One line for the overview."""


COMMANDS = {
    "import": Command("import_clips", "import clips and labels into the label store"),
    "validate": Command("validate", "check the label store's rows and files"),
    "label-studio": Command("label_studio", "send clips to Label Studio (push) and read its answers (pull)"),
    "agreement": Command("agreement", "measure agreement between labelers; report every disagreement"),
    "consensus": Command("consensus", "derive one label a clip from all of its labels"),
    "program-labels": Command("program_labels", "derive a consensus from labels that programs gave"),
    "audit": Command("audit", "find likely wrong labels, duplicates, leaks across splits and poor sound"),
    "migrate": Command("migrate", "migrate labels to a new guideline: carry over by rule, queue the rest"),
    "add-data": Command("add_data", "copy a source's clips from the label store into the data folder, with scores"),
    "train": Command("train", "train a model: compose scenes, fit, export, evaluate, write its card"),
    "ensemble": Command("ensemble", "combine models into their mean, quantized to 8 bits, with its card"),
    "run-stage": Command("run_stage", "run one stage of training, as `dvc repro` does"),
    "lineage": Command("lineage", "print a model's provenance and the commands that rebuild it"),
    "evaluate": Command("evaluate", "report a model's metrics by class, by source and by episode"),
    "evaluate-nights": Command("evaluate_nights", "run whole nights through the deployed pipeline; report its alerts"),
    "error-analysis": Command("error_analysis", "report a model's failures by slice, with a remedy for each"),
    "quantize": Command("quantize", "quantize a model to 8-bit integers"),
    "compare": Command("compare", "compare a candidate with the current model and record the decision"),
    "promote": Command("promote", "make a candidate the current model if its record passed"),
    "rollback": Command("rollback", "make the previous model current again"),
    "label-noise": Command("label_noise", "measure the effect of label noise and of guideline v2 on a model"),
    "benchmark": Command("benchmark", "measure a model's processor time, memory and start-up beside YAMNet's"),
    "throughput": Command("throughput", "measure one core's throughput and extrapolate it to many clips and devices"),
}

ALIASES = {
    "tasks": "label-studio push",
    "labels": "label-studio pull",
    "readings": "program-labels",
    "relabel": "migrate",
    "collect": "add-data",
    "combine": "ensemble",
    "stage": "run-stage",
    "why": "lineage",
    "nights": "evaluate-nights",
    "errors": "error-analysis",
    "release": "compare",
    "study": "label-noise",
    "cost": "benchmark",
}
"""Former name -> current name. Scripts, notes and the metadata of shipped models use the former ones."""


def main() -> int:
    """Run the command of ``sys.argv`` and return the exit status; an expected failure is one line on stderr."""
    arguments = parse_arguments(sys.argv[1:])
    try:
        with on_cluster(arguments):
            arguments.run(arguments)
            sys.stdout.flush()
    except HushdError as error:
        print(f"training: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 128 + SIGINT
    except BrokenPipeError:  # the reader of the output has closed it, as `head` does
        # Python flushes stdout again at exit, which must not raise a second time.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def parse_arguments(words: Sequence[str]) -> argparse.Namespace:
    """Return the parsed command line; its attribute ``run`` is the command's function. SystemExit on a usage error."""
    words = [*ALIASES.get(words[0], words[0]).split(" "), *words[1:]] if words else []
    name = _build_overview().parse_args(words[:1]).command
    module = import_module(f"training.cli.{COMMANDS[name].module}")
    summary = COMMANDS[name].help
    parser = argparse.ArgumentParser(prog=f"{PROGRAM} {name}", description=f"{summary[0].upper()}{summary[1:]}.")
    run: Callable[[argparse.Namespace], None] = module.run
    parser.set_defaults(run=run)
    module.add_arguments(parser)
    return parser.parse_args(words[1:])


def _build_overview() -> argparse.ArgumentParser:
    former = ", ".join(f"{old} ({new})" for old, new in ALIASES.items())
    parser = argparse.ArgumentParser(prog=PROGRAM, description=__doc__, epilog=f"Former names still work: {former}.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="command")
    for name, command in COMMANDS.items():
        commands.add_parser(name, help=command.help, add_help=False)
    return parser

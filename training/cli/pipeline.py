"""The verbs that make a model, ``train``, ``combine`` and ``stage``, and the one that says how it was made, ``why``."""

import argparse
import os
from dataclasses import replace
from pathlib import Path

from training.cli.arguments import checked, count, model_name, seed
from training.data.workspace import read_workspace
from training.pipeline import lineage
from training.pipeline.combine import combine
from training.pipeline.params import PARAMS, REHEARSAL, Params, read_params
from training.pipeline.stages import STAGES, Plan, train
from training.release.guard import refuse_shipped
from training.storage.paths import REPOSITORY, find_data
from training.synthesis.oversampling import parse_oversampling

_TELLING = ("evaluate", "nights", "card")
"""Stages that make no model, but say how one does."""


def add_verbs(
    verbs: "argparse._SubParsersAction[argparse.ArgumentParser]", everywhere: argparse.ArgumentParser
) -> None:
    """Train, stage, why; ``everywhere`` has --data, --work and --jobs."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--models", type=Path, default=REPOSITORY / "models", help="folder of models")
    common.add_argument("--params", type=Path, default=PARAMS, help="what a model is made from (default: params.yaml)")

    verb = verbs.add_parser("train", parents=[everywhere, common])
    verb.add_argument("model_id", type=model_name, help="name of the new model, e.g. cry-2")
    verb.add_argument("--shards", type=count, help="training scenes / 64")
    verb.add_argument("--steps", type=count)
    verb.add_argument("--seed", type=seed)
    verb.add_argument(
        "--consensus", type=Path, metavar="FILE", help="labels to learn from, instead of the label store's"
    )
    verb.add_argument(
        "--rehearse",
        action="store_true",
        help="the least of everything: shows that it runs, the model is worth nothing",
    )
    verb.add_argument(
        "--emphasize",
        type=lambda text: checked(parse_oversampling, text),
        action="append",
        metavar="TRAIT=VALUE:SHARE",
        help="mix this into a share of the training scenes, e.g. confuser=cat:0.15 (see errors)",
    )
    verb.set_defaults(run=_train)

    verb = verbs.add_parser("combine", parents=[everywhere, common])
    verb.add_argument("model_id", type=model_name, help="name of the new model, e.g. cry-11")
    verb.add_argument("members", type=model_name, nargs="+", help="two or more of the folder of models")
    verb.add_argument("--rehearse", action="store_true", help="the least of everything, as for train")
    verb.set_defaults(run=_combine)

    verb = verbs.add_parser("stage", parents=[everywhere, common])
    verb.add_argument("stage", choices=STAGES)
    verb.set_defaults(run=_stage)

    verb = verbs.add_parser("why")
    lineage.add_arguments(verb)
    verb.set_defaults(run=lineage.main)


def _train(arguments: argparse.Namespace) -> None:
    plan = _candidate(arguments, _asked(read_params(arguments.params), arguments))
    train(replace(plan, consensus=arguments.consensus))
    _tell(plan)


def _combine(arguments: argparse.Namespace) -> None:
    params = replace(read_params(arguments.params), model=arguments.model_id)
    plan = _candidate(arguments, replace(params, amounts=REHEARSAL if arguments.rehearse else params.amounts))
    combine(plan, arguments.members)
    _tell(plan)


def _candidate(arguments: argparse.Namespace, params: Params) -> Plan:
    refuse_shipped(arguments.models, params.model)
    beside = None if "HUSHD_DATA" in os.environ else Path(params.data)
    return _plan(arguments, params, find_data(arguments.data or beside))


def _tell(plan: Plan) -> None:
    print(f"model and card: {plan.model.parent}; report: {plan.report / 'report.html'}")


def _stage(arguments: argparse.Namespace) -> None:
    params = read_params(arguments.params)
    if arguments.stage not in _TELLING:
        refuse_shipped(arguments.models, params.model)
    STAGES[arguments.stage](_plan(arguments, params, find_data(arguments.data or Path(params.data))))


def _plan(arguments: argparse.Namespace, params: Params, data: Path) -> Plan:
    return Plan(params, read_workspace(data, arguments.work, arguments.jobs), arguments.models)


def _asked(params: Params, arguments: argparse.Namespace) -> Params:
    """The parameters, with what the command line says instead."""
    amounts = REHEARSAL if arguments.rehearse else params.amounts
    if arguments.shards:
        amounts = replace(amounts, shards=arguments.shards)
    emphasize = params.emphasize if arguments.emphasize is None else ",".join(map(str, arguments.emphasize))
    return replace(
        params,
        model=arguments.model_id,
        seed=params.seed if arguments.seed is None else arguments.seed,
        steps=arguments.steps or params.steps,
        emphasize=emphasize,
        amounts=amounts,
    )

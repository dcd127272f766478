"""``python -m training label-studio``: clips to Label Studio and answers back, by files or over its REST API."""

import argparse
import os
from pathlib import Path

from training.cli.arguments import count, model_name, seed, share
from training.cli.options import add_jobs, add_store
from training.labels.label_studio.answers import read_export_file
from training.labels.label_studio.batches import LABEL, PILOT, SOURCE, BatchSettings
from training.labels.label_studio.client import LabelStudio
from training.labels.label_studio.import_answers import import_answers
from training.labels.label_studio.media import serve, write_files
from training.labels.label_studio.planning import plan_batch, read_queue
from training.labels.label_studio.projects import fetch_all, send, title_of
from training.labels.records import LabelError, guideline_of
from training.labels.store import LabelStore
from training.storage.paths import REPOSITORY

PILOT_SIZE = 60
"""Clips; ten minutes of a labeler's time, at ten seconds a clip."""
_TOKEN = "LABEL_STUDIO_API_KEY"  # noqa: S105 - the name of an environment variable


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the commands push and pull with their options."""
    directions = parser.add_subparsers(required=True, metavar="DIRECTION")
    _add_push(directions.add_parser("push", help="plan a batch and send its clips to the labelers"))
    _add_pull(directions.add_parser("pull", help="read the labelers' answers into the label store"))


def run(arguments: argparse.Namespace) -> None:
    """Push or pull, as the command line says."""
    arguments.direction(arguments)


def _add_push(parser: argparse.ArgumentParser) -> None:
    work = REPOSITORY / "artifacts" / "label-studio"
    add_store(parser)
    add_jobs(parser)
    parser.add_argument("batch", type=model_name, help=f"{PILOT}, or a name for the larger batch after it")
    parser.add_argument("--labeller", action="append", required=True, help="labeler; repeat for each labeler")
    parser.add_argument("--guideline", type=int, help="guideline version (default: the latest)")
    parser.add_argument(
        "--size", type=count, help=f"number of clips (default: {PILOT_SIZE} for {PILOT}, otherwise all)"
    )
    parser.add_argument("--queue", type=Path, help="only the clips of this table, written by migrate or consensus")
    parser.add_argument(
        "--by", action="append", help=f"strata: {SOURCE}, {LABEL} or an attribute (default: {SOURCE} and {LABEL})"
    )
    parser.add_argument("--gold", type=share, default=0.1, help="share of hidden gold clips (default: 0.1)")
    parser.add_argument("--repeats", type=share, default=0.1, help="share of hidden repeated clips (default: 0.1)")
    parser.add_argument("--seed", type=seed, default=0, help="random seed of the selection (default: 0)")
    parser.add_argument(
        "--anyway", action="store_true", help="plan a large batch before the pilot's agreement suffices"
    )
    parser.add_argument(
        "--media", type=Path, default=work / "media", help="Label Studio's document root for local files"
    )
    parser.add_argument("--out", type=Path, default=work / "projects", help="folder of the files to import by hand")
    _add_server(parser)
    parser.set_defaults(direction=push)


def _add_pull(parser: argparse.ArgumentParser) -> None:
    add_store(parser)
    add_jobs(parser)
    parser.add_argument("export", type=Path, nargs="*", help="Label Studio's JSON exports (default: ask the server)")
    parser.add_argument("--guideline", type=int, help="guideline version of the batch (default: the latest)")
    parser.add_argument(
        "--account",
        action="append",
        default=[],
        metavar="LABELLER=ACCOUNT",
        help="the labeler's account, by number or (with a server) e-mail address; answers of others are left out",
    )
    parser.add_argument(
        "--keep-accepted", action="store_true", help="keep the accepted label where its answer was changed later"
    )
    _add_server(parser)
    parser.set_defaults(direction=pull)


def push(arguments: argparse.Namespace) -> None:
    """Plan a batch, write its clips and files, and send it if a server is named."""
    guideline = guideline_of(arguments.guideline)
    settings = BatchSettings(
        batch=arguments.batch,
        labellers=tuple(dict.fromkeys(arguments.labeller)),
        size=arguments.size or (PILOT_SIZE if arguments.batch == PILOT else None),
        queue=read_queue(arguments.queue) if arguments.queue else None,
        by=arguments.by or (SOURCE, LABEL),
        gold=arguments.gold,
        repeats=arguments.repeats,
        seed=arguments.seed,
        anyway=arguments.anyway,
    )
    server = _server(arguments)
    for labeller in settings.labellers if server else ():
        title_of(guideline, labeller)  # raises on a name that is too long, before the batch is planned
    with LabelStore(arguments.store) as store:
        for plan in plan_batch(store, guideline, settings):
            served = serve(store, plan, arguments.media, arguments.jobs)
            folder = write_files(served, guideline, plan, arguments.out)
            print(f"{plan.labeller}: {len(plan.tasks)} tasks; to import by hand: {folder}")
            if server:
                sent, address = send(server, plan, served, guideline)
                print(f"{' ' * len(plan.labeller)}  {sent} sent, {len(plan.tasks) - sent} there already: {address}")


def pull(arguments: argparse.Namespace) -> None:
    """Read answers from the named exports or from the server, and print the counts by labeler."""
    guideline = guideline_of(arguments.guideline)
    accounts = dict(_parse_account(each) for each in arguments.account)
    with LabelStore(arguments.store) as store:
        if arguments.export:
            exports = [read_export_file(path, guideline) for path in arguments.export]
        else:
            server = _server(arguments)
            if server is None:
                raise LabelError("no answers to read: name exported files, or a server with --url")
            exports = fetch_all(server, store, guideline)
            numbers = {address: number for number, address in server.accounts().items()}
            accounts = {labeller: numbers.get(account, account) for labeller, account in accounts.items()}
        for result in import_answers(store, exports, guideline, accounts, keep_accepted=arguments.keep_accepted):
            print(result.as_text())


def _add_server(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--url",
        default=os.environ.get("LABEL_STUDIO_URL"),
        help=f"Label Studio's address (default: $LABEL_STUDIO_URL); the access token comes from ${_TOKEN}",
    )


def _server(arguments: argparse.Namespace) -> LabelStudio | None:
    if not arguments.url:
        return None
    token = os.environ.get(_TOKEN, "").strip()
    if not token:
        raise LabelError(f"${_TOKEN} is not set: set it to the access token of Label Studio's Account & Settings")
    return LabelStudio(arguments.url, token)


def _parse_account(option: str) -> tuple[str, str]:
    labeller, equals, account = option.partition("=")
    if not equals or not labeller or not account:
        raise LabelError(f"--account {option}: must be LABELLER=ACCOUNT")
    return labeller, account

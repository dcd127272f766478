"""The verbs ``tasks`` and ``labels``: to Label Studio and back, by files or over its REST API."""

import argparse
import os
from pathlib import Path

from label_schema import Guideline
from training.cli.arguments import count, model_name, seed, share
from training.labels.label_studio.answers import Export, read_export
from training.labels.label_studio.batches import LABEL, PILOT, SOURCE, BatchSettings, read_plans
from training.labels.label_studio.client import LabelStudio
from training.labels.label_studio.import_answers import ImportResult, import_answers
from training.labels.label_studio.media import serve, write_files
from training.labels.label_studio.planning import plan_batch, read_queue
from training.labels.label_studio.projects import fetch, send, title_of
from training.labels.records import LabelError, guideline_of
from training.labels.store import LabelStore
from training.storage.paths import REPOSITORY

PILOT_SIZE = 60
"""Clips; at ten seconds each, ten minutes of a labeller's time."""
_TOKEN = "LABEL_STUDIO_API_KEY"  # noqa: S105 - a variable's name


def add_tasks_arguments(verb: argparse.ArgumentParser) -> None:
    """Of ``tasks``, whose store is named already."""
    work = REPOSITORY / "artifacts" / "label-studio"
    verb.add_argument("batch", type=model_name, help=f"{PILOT}, or a name for the larger one after it")
    verb.add_argument("--labeller", action="append", required=True, help="who shall listen; once for each")
    verb.add_argument("--guideline", type=int, help="version (default: the latest)")
    verb.add_argument("--size", type=count, help=f"clips (default: {PILOT_SIZE} for {PILOT}, else all there are)")
    verb.add_argument("--queue", type=Path, help="only the clips of this table, as relabel and consensus write it")
    verb.add_argument(
        "--by", action="append", help=f"strata: {SOURCE}, {LABEL} or an attribute (default: {SOURCE} and {LABEL})"
    )
    verb.add_argument("--gold", type=share, default=0.1, help="hidden gold clips, share of the batch (default: 0.1)")
    verb.add_argument("--repeats", type=share, default=0.1, help="clips heard again, hidden, share (default: 0.1)")
    verb.add_argument("--seed", type=seed, default=0)
    verb.add_argument("--anyway", action="store_true", help="a large batch before the pilot says ready")
    verb.add_argument("--media", type=Path, default=work / "media", help="Label Studio's document root for local files")
    verb.add_argument("--out", type=Path, default=work / "projects", help="folder of the files to import by hand")
    _add_server(verb)
    verb.set_defaults(run=tasks)


def add_labels_arguments(verb: argparse.ArgumentParser) -> None:
    """Of ``labels``, whose store is named already."""
    verb.add_argument("export", type=Path, nargs="*", help="what Label Studio exported as JSON; none: ask the server")
    verb.add_argument("--guideline", type=int, help="version they were labeled under (default: the latest)")
    verb.add_argument(
        "--account",
        action="append",
        default=[],
        metavar="LABELLER=ACCOUNT",
        help="whose account is whose, by number or (with a server) e-mail address; other accounts are left out",
    )
    verb.add_argument(
        "--keep-accepted", action="store_true", help="go on where an answer was changed after it was accepted"
    )
    _add_server(verb)
    verb.set_defaults(run=labels)


def tasks(arguments: argparse.Namespace) -> None:
    """Plan a batch, write its sounds and files, and send it where a server is named."""
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
        title_of(guideline, labeller)  # refused before anything is planned
    with LabelStore(arguments.store) as store:
        for plan in plan_batch(store, guideline, settings):
            served = serve(store, plan, arguments.media, arguments.jobs)
            folder = write_files(served, guideline, plan, arguments.out)
            print(f"{plan.labeller}: {len(plan.tasks)} tasks; to import by hand: {folder}")
            if server:
                sent, address = send(server, plan, served, guideline)
                print(f"{' ' * len(plan.labeller)}  {sent} sent, {len(plan.tasks) - sent} there already: {address}")


def labels(arguments: argparse.Namespace) -> None:
    """Read answers back, from files or from the server."""
    guideline = guideline_of(arguments.guideline)
    accounts = dict(_account(each) for each in arguments.account)
    with LabelStore(arguments.store) as store:
        if arguments.export:
            exports = [_read(path, guideline) for path in arguments.export]
        else:
            server = _server(arguments)
            if server is None:
                raise LabelError("name the files to read, or a server with --url")
            exports = _ask(server, store, guideline)
            numbers = {address: number for number, address in server.accounts().items()}
            accounts = {labeller: numbers.get(account, account) for labeller, account in accounts.items()}
        for taken in import_answers(store, exports, guideline, accounts, keep_accepted=arguments.keep_accepted):
            print(_said(taken))


def _add_server(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--url",
        default=os.environ.get("LABEL_STUDIO_URL"),
        help=f"Label Studio's address (default: $LABEL_STUDIO_URL); its access token is read from ${_TOKEN}",
    )


def _server(arguments: argparse.Namespace) -> LabelStudio | None:
    if not arguments.url:
        return None
    token = os.environ.get(_TOKEN, "").strip()
    if not token:
        raise LabelError(f"put the access token of Label Studio's Account & Settings into ${_TOKEN}")
    return LabelStudio(arguments.url, token)


def _account(option: str) -> tuple[str, str]:
    labeller, equals, account = option.partition("=")
    if not equals or not labeller or not account:
        raise LabelError(f"--account {option}: say LABELLER=ACCOUNT")
    return labeller, account


def _read(path: Path, guideline: Guideline) -> Export:
    try:
        return read_export(path.read_bytes(), str(path), guideline)
    except OSError as error:
        raise LabelError(f"{path}: cannot be read: {error.strerror}") from error


def _ask(server: LabelStudio, store: LabelStore, guideline: Guideline) -> list[Export]:
    labellers = {plan.labeller for plan in read_plans(store.folder) if plan.guideline == guideline.version}
    if not labellers:
        raise LabelError(f"no batch was planned under guideline version {guideline.version}: make tasks first")
    return [fetch(server, labeller, guideline) for labeller in sorted(labellers)]


def _said(taken: ImportResult) -> str:
    details = {
        "skipped": taken.skipped,
        "changed after they were accepted, kept as accepted": taken.changed,
        "of other accounts, left out": taken.others,
        "tasks not answered yet": taken.unanswered,
    }
    more = "".join(f"; {number} {what}" for what, number in details.items() if number)
    return f"{taken.labeller}: {taken.new} new labels, {taken.known} known already{more}"

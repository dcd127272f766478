"""The verbs of the label store, for ``python -m training``."""

import argparse
import os
from pathlib import Path

from joblib import cpu_count

from training.cli import audit, label_studio
from training.cli.arguments import count, share
from training.labels import csv_reader, importers, migration, validation
from training.labels.agreement import measure_agreement
from training.labels.consensus import Method, reach_consensus, write
from training.labels.device_clips import device_clips
from training.labels.disagreements import disagreements
from training.labels.records import LabelError, guideline_of
from training.labels.report import as_text, write_report
from training.labels.run_import import NO_LABEL, OTHERS, ImportSettings, import_all
from training.labels.store import LabelStore
from training.storage.paths import REPOSITORY

_READERS = {
    "folder": importers.folder,
    "donateacry": importers.donateacry,
    "esc50": importers.esc50,
    "csv": csv_reader.read_table,
    "device": device_clips,
}


def add_verbs(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]", _: argparse.ArgumentParser) -> None:
    """Import, validate, tasks, labels, agreement, consensus, audit, relabel: they have options of their own."""
    common = argparse.ArgumentParser(add_help=False)
    default = Path(os.environ.get("HUSHD_LABELS", REPOSITORY / "labels"))
    common.add_argument(
        "--store", type=Path, default=default, help="label store (default: $HUSHD_LABELS, else labels/)"
    )
    common.add_argument("--jobs", type=count, default=cpu_count(), help="processes (default: one a core)")

    verb = verbs.add_parser("import", parents=[common])
    verb.add_argument("format", choices=_READERS)
    verb.add_argument("path", type=Path, help="folder of audio; for esc50 its meta/esc50.csv, for csv the table")
    verb.add_argument("--guideline", type=int, help="version the labels were given under (default: the latest)")
    verb.add_argument("--labeller", help="who gave them, where the rows do not say (default: source:NAME)")
    verb.add_argument("--source", help="what to call the source")
    verb.add_argument("--round", type=count, default=1, help="how many times the labeller has heard the clips now")
    verb.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="WORD=LABEL",
        help=f"the source's word for a label; {OTHERS}=LABEL for all others, WORD={NO_LABEL} for no label",
    )
    verb.add_argument("--leave-out-damaged", action="store_true", help="go on without files that cannot be decoded")
    verb.set_defaults(run=_import)

    verb = verbs.add_parser("validate", parents=[common])
    verb.add_argument("--deep", action="store_true", help="read and decode every file, not only names and sizes")
    verb.set_defaults(run=_validate)

    verb = verbs.add_parser("tasks", parents=[common])
    label_studio.add_tasks_arguments(verb)

    verb = verbs.add_parser("labels", parents=[common])
    label_studio.add_labels_arguments(verb)

    verb = verbs.add_parser("agreement", parents=[common])
    verb.add_argument("--guideline", type=int, help="version (default: the latest)")
    verb.add_argument("--slice", action="append", default=[], metavar="NAME", help="source, or an attribute of clips")
    verb.add_argument("--out", type=Path, help="folder of the report (default: artifacts/agreement/vN)")
    verb.set_defaults(run=_agreement)

    verb = verbs.add_parser("consensus", parents=[common])
    verb.add_argument("--guideline", type=int, help="version (default: the latest)")
    verb.add_argument("--method", type=Method, choices=list(Method), default=Method.MAJORITY)
    verb.add_argument("--sure", type=share, default=0.5, help="undecided at or below this confidence (default: 0.5)")
    verb.add_argument("--out", type=Path, help="table to write (default: artifacts/consensus/vN.csv)")
    verb.set_defaults(run=_consensus)

    verb = verbs.add_parser("audit", parents=[common])
    audit.add_arguments(verb)
    verb.set_defaults(run=audit.main)

    verb = verbs.add_parser("relabel", parents=[common])
    verb.add_argument("--from", dest="old", type=int, required=True, metavar="N", help="old version")
    verb.add_argument("--to", dest="new", type=int, required=True, metavar="N", help="new version")
    verb.add_argument("--out", type=Path, help="queue to write (default: artifacts/relabel/vN-vN.csv)")
    verb.add_argument("--dry-run", action="store_true", help="say what it would cost, change nothing")
    verb.set_defaults(run=_relabel)


def _import(arguments: argparse.Namespace) -> None:
    words = dict(_word(each) for each in arguments.map)
    if arguments.format == "donateacry":
        words.setdefault(OTHERS, NO_LABEL)  # a parent's guess why is no label of ours
    settings = ImportSettings(
        guideline=guideline_of(arguments.guideline).version,
        labeller=arguments.labeller,
        source=arguments.source,
        round=arguments.round,
        words=words,
        leave_out_damaged=arguments.leave_out_damaged,
        jobs=arguments.jobs,
    )
    found = _READERS[arguments.format](arguments.path)
    with LabelStore(arguments.store, create=True) as store:
        added = import_all(store, found, settings)
    print(f"{arguments.store}: {added.clips} new clips, {added.labels} new labels, {added.known} known already")


def _word(option: str) -> tuple[str, str]:
    word, equals, label = option.rpartition("=")
    if not equals or not word or not label:
        raise LabelError(f"--map {option}: say WORD=LABEL")
    return word, label


def _validate(arguments: argparse.Namespace) -> None:
    with LabelStore(arguments.store) as store:
        problems = list(validation.problems(store, deep=arguments.deep, jobs=arguments.jobs))
        for problem in problems:
            print(problem)
        if problems:
            raise LabelError(f"{arguments.store}: {len(problems)} problem{'s' if len(problems) > 1 else ''}")
        print(f"{arguments.store}: {len(store.clips())} clips and {len(store.labels())} labels are what they say")


def _agreement(arguments: argparse.Namespace) -> None:
    guideline = guideline_of(arguments.guideline)
    out = arguments.out or REPOSITORY / "artifacts" / "agreement" / f"v{guideline.version}"
    with LabelStore(arguments.store) as store:
        labels, clips = store.labels(guideline.version), store.clips()
        found = measure_agreement(labels, clips, guideline.version, arguments.slice or ["source"])
        groups = disagreements(labels, clips, guideline)
        page = write_report(store, found, groups, guideline, out, arguments.jobs)
    print(f"{as_text(found, groups)}\n\nreport: {page}")


def _consensus(arguments: argparse.Namespace) -> None:
    guideline = guideline_of(arguments.guideline)
    out = arguments.out or REPOSITORY / "artifacts" / "consensus" / f"v{guideline.version}.csv"
    with LabelStore(arguments.store) as store:
        settled = reach_consensus(store.labels(guideline.version), guideline.version, arguments.method, arguments.sure)
        write(out, settled, store.clips(), guideline.version)
    for name in guideline.names:
        print(f"{sum(each.label == name for each in settled):7}  {name}")
    print(f"{sum(each.label is None for each in settled):7}  undecided: for an adjudicator\n{out}")


def _relabel(arguments: argparse.Namespace) -> None:
    out = arguments.out or REPOSITORY / "artifacts" / "relabel" / f"v{arguments.old}-v{arguments.new}.csv"
    with LabelStore(arguments.store) as store:
        clips, labels = store.clips(), store.labels()
        plan = migration.plan_migration(labels, clips, arguments.old, arguments.new)
        if all(label.guideline != arguments.old for label in labels):
            raise LabelError(f"nobody labeled anything under guideline version {arguments.old}: nothing to carry over")
        if not arguments.dry_run:
            store.add((), plan.carried)
            migration.write_queue(out, plan, clips)
    again = f"{len(plan.queue)} clips must be heard again: {plan.audio_s / 3600:.2f} h of audio"
    if plan.label_s:
        again += f", about {plan.label_s * len(plan.queue) / 3600:.2f} h a labeller at {plan.label_s:.1f} s a clip"
    print(f"{len(plan.carried)} clips carry over by rule\n{again}" + ("" if arguments.dry_run else f"\nqueue: {out}"))

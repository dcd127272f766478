"""``python -m training release``, ``promote`` and ``rollback``."""

import argparse
from pathlib import Path

from edge.errors import HushdError
from training.cli.arguments import count, hours, model_name
from training.data.annotations import PEOPLE, PROGRAMS
from training.evaluation.error_analysis.benchmark import Benchmark, run_benchmark
from training.labels.open_workspace import count_labeled_by, open_workspace
from training.model.files import model_file
from training.pipeline.params import read_params
from training.release import history
from training.release.comparison import compare, regressions
from training.release.gate import decide
from training.release.record import ModelResult, Record, commit, now
from training.release.report import as_text, write_report
from training.storage.paths import REPOSITORY


class RefusedError(HushdError):
    """The candidate may not ship."""


def add_verbs(
    verbs: "argparse._SubParsersAction[argparse.ArgumentParser]", everywhere: argparse.ArgumentParser
) -> None:
    """Release, promote, rollback; ``everywhere`` has --data, --work and --jobs."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--models", type=Path, default=REPOSITORY / "models", help="folder of models")

    verb = verbs.add_parser(
        "release",
        parents=[everywhere, common],
    )
    verb.add_argument("candidate", type=model_name, help="its name in the folder of models")
    verb.add_argument("--against", type=model_name, help="another model than the current one")
    verb.add_argument("--episodes", type=count, default=Benchmark().episodes, help="of each story, from the test split")
    verb.add_argument("--hours", type=hours, default=Benchmark().hours, help="of nights, from the test split")
    verb.add_argument("--consensus", type=Path, metavar="FILE", help="labels to judge by, instead of the label store's")
    verb.add_argument("--promote", action="store_true", help="make it current if it passes")
    verb.set_defaults(run=_release)

    verb = verbs.add_parser("promote", parents=[common])
    verb.add_argument("candidate", type=model_name)
    verb.add_argument("--anyway", metavar="REASON", default="", help="without such a record; the reason is kept")
    verb.set_defaults(run=_promote)

    verb = verbs.add_parser("rollback", parents=[common])
    verb.set_defaults(run=_rollback)


def _release(arguments: argparse.Namespace) -> None:
    models, candidate = arguments.models, arguments.candidate
    against = arguments.against or history.current_model(models)
    if candidate == against:
        raise RefusedError(f"{candidate} is the current model: name another candidate, or another --against")
    files = [model_file(models, name) for name in (candidate, against)]
    labels = read_params().labels
    workspace = open_workspace(arguments.data, arguments.work, arguments.jobs, labels, arguments.consensus)
    exam = Benchmark(episodes=arguments.episodes, hours=arguments.hours)
    new, old = (run_benchmark(file, exam, workspace) for file in files)
    clips = workspace.by_file
    figures, fallen = compare(old, new, clips), regressions(old, new, clips)
    decision = decide(figures, fallen)
    labeled = [count_labeled_by(whom, workspace, exam.split) for whom in (PEOPLE, PROGRAMS)]
    record = Record(
        ModelResult.of(new), ModelResult.of(old), exam, figures, fallen, decision, commit(), now(), *labeled
    )
    path = record.write(models / candidate)
    write_report(record, models / candidate)
    print(f"{as_text(record)}\n\nrecord: {path}")
    if not decision.passed:
        raise RefusedError(f"{candidate} is refused: {'; '.join(decision.why)}")
    if arguments.promote:
        _tell(history.promote(models, candidate))


def _promote(arguments: argparse.Namespace) -> None:
    _tell(history.promote(arguments.models, arguments.candidate, arguments.anyway))


def _rollback(arguments: argparse.Namespace) -> None:
    _tell(history.rollback(arguments.models))


def _tell(step: history.PromotionRecord) -> None:
    why = f", anyway: {step.anyway}" if step.anyway else ""
    print(f"current: {step.model_id}, was {step.before}{why}")

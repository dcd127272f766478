"""Answers become rows: each is matched with its plan, and all are kept or none."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from label_schema import Guideline
from training.labels.label_studio.answers import Export, StudioAnswer, as_label, last_words
from training.labels.label_studio.batches import Plan, Task, read_plans
from training.labels.label_studio.planning import check_wording
from training.labels.records import Label, LabelError
from training.labels.store import LabelStore


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What became of one labeller's answers."""

    labeller: str
    new: int
    known: int
    """Rows that were there already."""
    skipped: int
    """Of both."""
    changed: int
    """Changed after they were accepted; what was accepted stays."""
    others: int
    """Of another account, left out."""
    unanswered: int
    """Tasks."""


@dataclass(slots=True)
class _Pile:
    """What the exports hold of one labeller's tasks."""

    tasks: set[str] = field(default_factory=set)
    answers: list[StudioAnswer] = field(default_factory=list)


def import_answers(
    store: LabelStore,
    exports: Sequence[Export],
    guideline: Guideline,
    accounts: Mapping[str, str],
    *,
    keep_accepted: bool = False,
) -> list[ImportResult]:
    """Keep the answers; LabelError says what is wrong with them, and then nothing was changed.

    ``accounts``: labeller -> Label Studio's number of theirs, needed where several people answered one's tasks.
    """
    planned = {name: found for plan in _plans(store, guideline) for name, found in _by_name(plan)}
    piles = _piles(exports, planned)
    theirs = _theirs(piles, accounts)
    with store.writing():
        accepted = {(label.clip, label.labeller, label.round): label.label for label in store.labels(guideline.version)}
        taken = []
        for labeller, pile in sorted(piles.items()):
            own = [answer for answer in pile.answers if answer.account == theirs.get(labeller)]
            labels = [as_label(answer, *planned[answer.task]) for answer in own]
            changed = [label for label in labels if accepted.get(_key(label), label.label) != label.label]
            if changed and not keep_accepted:
                raise LabelError(_complaint(changed, accepted))
            added = store.insert((), (label for label in labels if label not in changed))
            taken.append(
                ImportResult(
                    labeller,
                    added.labels,
                    added.known,
                    skipped=sum(label.label is None for label in labels),
                    changed=len(changed),
                    others=len(pile.answers) - len(own),
                    unanswered=len(pile.tasks - {answer.task for answer in own}),
                )
            )
    return taken


def _plans(store: LabelStore, guideline: Guideline) -> list[Plan]:
    plans = [plan for plan in read_plans(store.folder) if plan.guideline == guideline.version]
    for plan in plans:
        check_wording(plan, guideline)
    return plans


def _by_name(plan: Plan) -> list[tuple[str, tuple[Plan, Task]]]:
    return [(task.name, (plan, task)) for task in plan.tasks]


def _piles(exports: Sequence[Export], planned: Mapping[str, tuple[Plan, Task]]) -> dict[str, _Pile]:
    foreign = sorted({name for export in exports for name in export.tasks} - planned.keys())
    if foreign:
        raise LabelError(
            f"nothing was imported: task {foreign[0][:40]!r} is of no batch planned in this store ({len(foreign)} such"
            " tasks): is --store the one they were made from?"
        )
    piles: dict[str, _Pile] = defaultdict(_Pile)
    for export in exports:
        for name in export.tasks:
            piles[planned[name][0].labeller].tasks.add(name)
    for answer in last_words([answer for export in exports for answer in export.answers]):
        piles[planned[answer.task][0].labeller].answers.append(answer)
    return piles


def _theirs(piles: Mapping[str, _Pile], accounts: Mapping[str, str]) -> dict[str, str]:
    """Labeller -> account; LabelError where nobody can tell whose answers these are."""
    unknown = sorted(accounts.keys() - piles.keys())
    if unknown:
        raise LabelError(f"nothing was imported: --account names {unknown[0]}, whose tasks are not in this export")
    theirs: dict[str, str] = {}
    for labeller, pile in sorted(piles.items()):
        answered = {answer.account for answer in pile.answers}
        if labeller not in accounts and len(answered) > 1:
            raise LabelError(
                f"nothing was imported: the tasks of {labeller} were answered by the accounts"
                f" {', '.join(sorted(answered))}: say which is theirs with --account {labeller}=ACCOUNT"
            )
        if answered:
            theirs[labeller] = accounts.get(labeller) or answered.pop()
    for labeller, account in theirs.items():
        both = [other for other in theirs if other != labeller and theirs[other] == account]
        if both and not {labeller, *both} <= accounts.keys():
            raise LabelError(
                f"nothing was imported: account {account} answered the tasks of {labeller} and of {both[0]}: say whose"
                f" account is whose with --account LABELLER=ACCOUNT; one person in two roles is named twice"
            )
    return theirs


def _key(label: Label) -> tuple[str, str, int]:
    return label.clip, label.labeller, label.round


def _complaint(changed: Sequence[Label], accepted: Mapping[tuple[str, str, int], str | None]) -> str:
    first = changed[0]
    more = f" ({len(changed)} such answers)" if len(changed) > 1 else ""
    return (
        f"nothing was imported: clip {first.clip[:12]}: {first.labeller} said {accepted[_key(first)] or 'skip'}, which"
        f" was accepted, and now {first.label or 'skip'}{more}: rows never change; --keep-accepted takes the others"
    )

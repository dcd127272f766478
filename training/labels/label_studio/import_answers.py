"""Import of answers: match each with its plan, and add all rows in one transaction."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from label_schema import Guideline
from training.labels.label_studio.answers import Export, StudioAnswer, as_label, latest_answers
from training.labels.label_studio.batches import Plan, Task, read_plans
from training.labels.label_studio.planning import check_wording
from training.labels.records import Label, LabelError
from training.labels.store import LabelStore


@dataclass(frozen=True, slots=True)
class ImportResult:
    """The counts of one labeler's answers."""

    labeller: str
    new: int
    """Rows added to the store."""
    known: int
    """Rows that the store already had."""
    skipped: int
    """Skipped clips among both."""
    changed: int
    """Answers changed after they were accepted; the accepted rows stay."""
    others: int
    """Answers of other accounts, left out."""
    unanswered: int
    """Tasks without an answer."""

    def as_text(self) -> str:
        """Return the counts as a line: always the new and the known labels, and the others unless they are zero."""
        details = {
            "skipped": self.skipped,
            "changed after they were accepted, kept as accepted": self.changed,
            "of other accounts, left out": self.others,
            "tasks not answered yet": self.unanswered,
        }
        more = "".join(f"; {number} {detail}" for detail, number in details.items() if number)
        return f"{self.labeller}: {self.new} new labels, {self.known} known already{more}"


@dataclass(slots=True)
class _LabelerAnswers:
    """The tasks and answers of one labeler in the exports."""

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
    """Add the answers to the store; on LabelError the store is unchanged.

    ``accounts`` is labeler -> number of the Label Studio account. It is needed if several accounts answered the tasks
    of one labeler.
    """
    planned = {task.name: (plan, task) for plan in _plans(store, guideline) for task in plan.tasks}
    by_labeller = _group(exports, planned)
    account_of = _assign_accounts(by_labeller, accounts)
    with store.writing():
        accepted = {(label.clip, label.labeller, label.round): label.label for label in store.labels(guideline.version)}
        results = []
        for labeller, given in sorted(by_labeller.items()):
            own = [answer for answer in given.answers if answer.account == account_of.get(labeller)]
            labels = [as_label(answer, *planned[answer.task]) for answer in own]
            changed = [label for label in labels if accepted.get(_key(label), label.label) != label.label]
            if changed and not keep_accepted:
                raise LabelError(_describe_change(changed, accepted))
            added = store.insert((), (label for label in labels if label not in changed))
            results.append(
                ImportResult(
                    labeller,
                    added.labels,
                    added.known,
                    skipped=sum(label.label is None for label in labels),
                    changed=len(changed),
                    others=len(given.answers) - len(own),
                    unanswered=len(given.tasks - {answer.task for answer in own}),
                )
            )
    return results


def _plans(store: LabelStore, guideline: Guideline) -> list[Plan]:
    plans = [plan for plan in read_plans(store.folder) if plan.guideline == guideline.version]
    for plan in plans:
        check_wording(plan, guideline)
    return plans


def _group(exports: Sequence[Export], planned: Mapping[str, tuple[Plan, Task]]) -> dict[str, _LabelerAnswers]:
    foreign = sorted({name for export in exports for name in export.tasks} - planned.keys())
    if foreign:
        raise LabelError(
            f"nothing was imported: task {foreign[0][:40]!r} belongs to no batch of this store ({len(foreign)} such"
            " tasks): name the store of the batch with --store"
        )
    by_labeller: dict[str, _LabelerAnswers] = defaultdict(_LabelerAnswers)
    for export in exports:
        for name in export.tasks:
            by_labeller[planned[name][0].labeller].tasks.add(name)
    for answer in latest_answers([answer for export in exports for answer in export.answers]):
        by_labeller[planned[answer.task][0].labeller].answers.append(answer)
    return by_labeller


def _assign_accounts(by_labeller: Mapping[str, _LabelerAnswers], accounts: Mapping[str, str]) -> dict[str, str]:
    """Return labeler -> account; LabelError if the answers' account is ambiguous."""
    unknown = sorted(accounts.keys() - by_labeller.keys())
    if unknown:
        raise LabelError(
            f"nothing was imported: --account names {unknown[0]}, but the export has no tasks of that labeler"
        )
    assigned: dict[str, str] = {}
    for labeller, given in sorted(by_labeller.items()):
        answered = {answer.account for answer in given.answers}
        if labeller not in accounts and len(answered) > 1:
            raise LabelError(
                f"nothing was imported: several accounts answered the tasks of {labeller}"
                f" ({', '.join(sorted(answered))}): name the labeler's with --account {labeller}=ACCOUNT"
            )
        if answered:
            assigned[labeller] = accounts.get(labeller) or answered.pop()
    for labeller, account in assigned.items():
        both = [other for other in assigned if other != labeller and assigned[other] == account]
        if both and not {labeller, *both} <= accounts.keys():
            raise LabelError(
                f"nothing was imported: account {account} answered the tasks of {labeller} and of {both[0]}: name each"
                f" labeler's account with --account LABELLER=ACCOUNT, also if both are the same person"
            )
    return assigned


def _key(label: Label) -> tuple[str, str, int]:
    return label.clip, label.labeller, label.round


def _describe_change(changed: Sequence[Label], accepted: Mapping[tuple[str, str, int], str | None]) -> str:
    first = changed[0]
    more = f" ({len(changed)} such answers)" if len(changed) > 1 else ""
    return (
        f"nothing was imported: clip {first.clip[:12]}: {first.labeller} changed the accepted label"
        f" {accepted[_key(first)] or 'skip'} to {first.label or 'skip'}{more}: rows never change; add --keep-accepted"
        " to import the others"
    )

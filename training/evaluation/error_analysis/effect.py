"""The effect of a remedy: an older and a newer model on the same night events, slice by slice."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from training.data.manifest import Clip
from training.evaluation.error_analysis.paired import Difference, Pair, pairs, share_difference
from training.evaluation.error_analysis.slice_keys import SliceKey, slice_keys
from training.evaluation.nights.metrics import YES_OR_NO, EventAnswer, is_failure

ALL: SliceKey = ("all", "")
"""The slice of all night events of a question."""


@dataclass(frozen=True, slots=True)
class Effect:
    """Failures of one slice under two models, per cent; a negative change is better."""

    question: str
    trait: str
    value: str
    failures: Difference

    @property
    def better(self) -> bool:
        """Whether the whole interval is below zero."""
        return self.failures.high < 0

    @property
    def worse(self) -> bool:
        """Whether the whole interval is above zero."""
        return self.failures.low > 0


def effects(old: Sequence[EventAnswer], new: Sequence[EventAnswer], clips: Mapping[str, Clip]) -> list[Effect]:
    """Return every slice in which either model failed: worse ones first, then better ones."""
    made = []
    for question in YES_OR_NO:
        by_trait: dict[SliceKey, list[Pair]] = defaultdict(list)
        for answer, pair in pairs(old, new, partial(is_failure, question), clips):
            for trait in (ALL, *slice_keys(answer.night_event, clips)):
                by_trait[trait].append(pair)
        made += [
            Effect(question.text, trait, value, share_difference(mine))
            for (trait, value), mine in by_trait.items()
            if any(pair.old or pair.new for pair in mine)
        ]
    return sorted(made, key=lambda each: (not each.worse, not each.better, -abs(each.failures.change), repr(each)))

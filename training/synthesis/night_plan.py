"""The plan of a night: seeded events with quiet gaps between them, and the record of the truth about each."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np

from training.synthesis.room_acoustics import Generator

Span = tuple[float, float]
"""Start and end, seconds of the night's stream."""

QUIET_GAP_S = (45.0, 60.0)
"""Between events: longer than an alert episode outlives its last cry, so that an event is evaluated on its own."""

LEAD_IN_S, LEAD_OUT_S = 2.0, 3.0
"""Quiet part of an event before its first sound and after its last."""


class NightEventKind(StrEnum):
    """The stories of a night's events."""

    CRY = "crying"
    CRY_TELEVISION = "crying, television on"
    SOOTHED = "soothed from the start"
    SOOTHED_LATE = "soothed late"
    SOOTHING_STOPS = "soothing stops"
    FUSS = "fussing"
    CONFUSER = "confuser"

    @property
    def unsoothed_first(self) -> bool:
        """Whether it begins with unsoothed crying: the phone must ring."""
        return self in (NightEventKind.CRY, NightEventKind.CRY_TELEVISION, NightEventKind.SOOTHED_LATE)


ADULT_NEAR, TELEVISION = "adult near", "television"
"""Confusers beside the kinds of clips: a parent without a cry, a television without a cry."""

EVENT_DECK = {
    NightEventKind.CRY: 8,
    NightEventKind.CRY_TELEVISION: 7,
    NightEventKind.SOOTHED: 9,
    NightEventKind.SOOTHED_LATE: 5,
    NightEventKind.SOOTHING_STOPS: 6,
    NightEventKind.FUSS: 6,
}
"""Events of each story in about two hours."""
CONFUSERS_EACH = 2
"""Events of each kind of confuser in the same time."""


@dataclass(frozen=True, slots=True)
class PlannedEvent:
    """An event as planned; spans are seconds of the night, in whole quarter seconds."""

    kind: NightEventKind
    confuser: str
    """Kind of confuser; empty for another story."""
    span: Span
    cry: Span | None = None
    adult: Span | None = None


@dataclass(frozen=True, slots=True)
class NightEvent:
    """The truth about a composed event, and properties that may explain an error. Spans are seconds of the night."""

    night: int
    kind: NightEventKind
    confuser: str
    span: Span
    slot: Span
    """The device's events in this span answer this event: up to the beginning of the next."""
    cry: Span | None
    """From the first frame of cry to the last (by the weak-label rule)."""
    adult: Span | None
    """From the adult's first sound to its last (by construction)."""
    manner: str
    """Manner of soothing; empty without an adult."""
    infant: str
    sources: tuple[str, ...]
    clips: tuple[str, ...]
    dbfs: float
    """Active level of the cry, or else of the adult or the other sound, before the microphone; NaN if not measured."""
    near_db: float | None
    """Direct sound over reverberation of the infant or the confuser; None without either."""
    adult_over_cry_db: float | None
    bed: str
    """The recording that is the background."""
    bed_below_db: float
    """Level of the event over the background; NaN if not measured."""
    microphone: tuple[str, ...]
    """Its properties, see ``Microphone.response``."""


def plan_night(rng: Generator, seconds: float, confusers: Sequence[str]) -> list[PlannedEvent]:
    """Plan events from a deck that is shuffled again whenever it is empty, with quiet gaps between them."""
    plan: list[PlannedEvent] = []
    deck: list[tuple[NightEventKind, str]] = []
    now_s = _uniform(rng, 8, 15)
    while True:
        if not deck:
            deck = [(kind, "") for kind, count in EVENT_DECK.items() for _ in range(count)]
            deck += [(NightEventKind.CONFUSER, confuser) for confuser in confusers] * CONFUSERS_EACH
            deck = [deck[index] for index in rng.permutation(len(deck))]
        planned = _plan_event(rng, now_s, *deck.pop())
        if planned.span[1] + QUIET_GAP_S[0] > seconds:
            return plan
        plan.append(planned)
        now_s = planned.span[1] + _uniform(rng, *QUIET_GAP_S)


def split_slots(plan: Sequence[PlannedEvent], seconds: float) -> list[Span]:
    """Split the whole night into one slot for each event."""
    return list(pairwise([0.0, *(planned.span[0] for planned in plan[1:]), seconds])) if plan else []


def _plan_event(rng: Generator, start_s: float, kind: NightEventKind, confuser: str) -> PlannedEvent:
    cry_s = start_s + LEAD_IN_S
    match kind:
        case NightEventKind.CONFUSER | NightEventKind.FUSS:
            longest_s = 60 if kind is NightEventKind.CONFUSER else 90
            return PlannedEvent(kind, confuser, (start_s, start_s + _uniform(rng, longest_s / 3, longest_s)))
        case NightEventKind.CRY:
            cry, adult = (cry_s, cry_s + _uniform(rng, 30, 120)), None
        case NightEventKind.CRY_TELEVISION:
            cry_s = start_s + _uniform(rng, 4, 12)  # the television was on before
            cry, adult = (cry_s, cry_s + _uniform(rng, 30, 120)), None
        case NightEventKind.SOOTHED:
            cry = (cry_s, cry_s + _uniform(rng, 30, 120))
            adult = (cry_s - _uniform(rng, 0, LEAD_IN_S), cry[1])
        case NightEventKind.SOOTHED_LATE:
            comes_s = cry_s + _uniform(rng, 25, 50)
            cry = adult = (comes_s, comes_s + _uniform(rng, 30, 60))
            cry = (cry_s, cry[1])
        case NightEventKind.SOOTHING_STOPS:
            alone_s = _uniform(rng, 20, 30) if rng.random() < 0.5 else 0.0
            adult = (cry_s + alone_s, cry_s + alone_s + _uniform(rng, 25, 50))
            cry = (cry_s, adult[1] + _uniform(rng, 30, 60))
    return PlannedEvent(kind, confuser, (start_s, cry[1] + LEAD_OUT_S), cry, adult)


def _uniform(rng: Generator, low: float, high: float) -> float:
    """Draw whole quarter seconds: the steps in which audio and truth are aligned."""
    return float(np.round(rng.uniform(low, high) * 4) / 4)

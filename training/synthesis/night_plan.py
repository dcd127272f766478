"""What happens in a night: a seeded plan of acts, and the truth about each act once it is composed."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np

from training.synthesis.room_acoustics import Generator

Span = tuple[float, float]
"""From when to when, seconds of the night's stream."""

QUIET_GAP_S = (45.0, 60.0)
"""Between acts: longer than an episode outlives its last cry, so that no act is judged by the one before."""

LEAD_IN_S, LEAD_OUT_S = 2.0, 3.0
"""Of the act before its first sound and after its last."""


class NightEventKind(StrEnum):
    """The stories a night tells."""

    CRY = "crying"
    CRY_TELEVISION = "crying, television on"
    SOOTHED = "soothed from the start"
    SOOTHED_LATE = "soothed late"
    SOOTHING_STOPS = "soothing stops"
    FUSS = "fussing"
    CONFUSER = "confuser"

    @property
    def unsoothed_first(self) -> bool:
        """Whether it opens with crying that nobody soothes: the phone is to ring."""
        return self in (NightEventKind.CRY, NightEventKind.CRY_TELEVISION, NightEventKind.SOOTHED_LATE)


ADULT_NEAR, TELEVISION = "adult near", "television"
"""Confusers that are performed, beside the kinds of clips: a parent without a cry, a show without a cry."""

EVENT_DECK = {
    NightEventKind.CRY: 8,
    NightEventKind.CRY_TELEVISION: 7,
    NightEventKind.SOOTHED: 9,
    NightEventKind.SOOTHED_LATE: 5,
    NightEventKind.SOOTHING_STOPS: 6,
    NightEventKind.FUSS: 6,
}
"""How often each story is told in about two hours; every kind of confuser is heard twice besides."""
CONFUSERS_EACH = 2


@dataclass(frozen=True, slots=True)
class PlannedEvent:
    """An act as planned; spans are seconds of the night, in whole quarter seconds."""

    kind: NightEventKind
    confuser: str
    """Which, if it is one; else empty."""
    span: Span
    cry: Span | None = None
    adult: Span | None = None


@dataclass(frozen=True, slots=True)
class NightEvent:
    """What there was to hear, and all that may explain a wrong answer. Spans are seconds of the night."""

    night: int
    kind: NightEventKind
    confuser: str
    span: Span
    slot: Span
    """Events in here are answers to this act: up to the beginning of the next."""
    cry: Span | None
    """From the first frame of cry to the last (by the weak distress rule)."""
    adult: Span | None
    """From the adult's first sound to the last (by construction)."""
    manner: str
    """How the adult soothes; empty without one."""
    infant: str
    sources: tuple[str, ...]
    clips: tuple[str, ...]
    dbfs: float
    """Active level of what the act is about, before the microphone; NaN where it was mixed in one piece."""
    near_db: float | None
    """Its direct sound over its reverberation; None where the cast does not say."""
    adult_over_cry_db: float | None
    bed: str
    """The recording that is the room's own sound."""
    bed_below_db: float
    """How far the room's own sound lies under the act; NaN as above."""
    microphone: tuple[str, ...]
    """Its habits, see ``NightMicrophone``."""


def plan_night(rng: Generator, seconds: float, confusers: Sequence[str]) -> list[PlannedEvent]:
    """Acts with quiet gaps between them, from a deck that is shuffled again whenever it is through."""
    cues: list[PlannedEvent] = []
    deck: list[tuple[NightEventKind, str]] = []
    now_s = _uniform(rng, 8, 15)
    while True:
        if not deck:
            deck = [(kind, "") for kind, count in EVENT_DECK.items() for _ in range(count)]
            deck += [(NightEventKind.CONFUSER, confuser) for confuser in confusers] * CONFUSERS_EACH
            deck = [deck[index] for index in rng.permutation(len(deck))]
        cue = _cue(rng, now_s, *deck.pop())
        if cue.span[1] + QUIET_GAP_S[0] > seconds:
            return cues
        cues.append(cue)
        now_s = cue.span[1] + _uniform(rng, *QUIET_GAP_S)


def slots(cues: Sequence[PlannedEvent], seconds: float) -> list[Span]:
    """The whole night, shared out among its acts."""
    return list(pairwise([0.0, *(cue.span[0] for cue in cues[1:]), seconds])) if cues else []


def _cue(rng: Generator, start_s: float, kind: NightEventKind, confuser: str) -> PlannedEvent:
    cry_s = start_s + LEAD_IN_S
    match kind:
        case NightEventKind.CONFUSER | NightEventKind.FUSS:
            longest_s = 60 if kind is NightEventKind.CONFUSER else 90
            return PlannedEvent(kind, confuser, (start_s, start_s + _uniform(rng, longest_s / 3, longest_s)))
        case NightEventKind.CRY:
            cry, adult = (cry_s, cry_s + _uniform(rng, 30, 120)), None
        case NightEventKind.CRY_TELEVISION:
            cry_s = start_s + _uniform(rng, 4, 12)  # the show was on before
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
    """In whole quarter seconds, in which sound and truth are kept in line."""
    return float(np.round(rng.uniform(low, high) * 4) / 4)

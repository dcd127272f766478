"""What the device said, held against what there was to hear: one answer an act, one row a question a parent asks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from edge.records import SAMPLE_RATE, WINDOW_SAMPLES, Event, EventKind
from training.evaluation.nights.intervals import Interval, percentile, rate, share
from training.synthesis.night_plan import NightEvent, NightEventKind

LINGERS_S = WINDOW_SAMPLES / SAMPLE_RATE
"""An alert this long after an act's last sound still answers the act: the window looks back that far."""
SOOTHED_WITHIN_S, RESUMED_WITHIN_S = 12.0, 20.0
PARENTS_NIGHT_H = 8.0
_ALERTS = (EventKind.CRY_STARTED, EventKind.CRY_RESUMED)
_SILENCES = (EventKind.CRY_SOOTHED, EventKind.CRY_ENDED)


@dataclass(frozen=True, slots=True)
class EventAnswer:
    """An act and the events in its slot."""

    act: NightEvent
    events: Sequence[Event]

    def first_ring_s(self, after_s: float, until_s: float) -> float | None:
        """When the phone first rang in that time, reminders included."""
        return next((event.at_s for event in self.events if event.kind.rings and after_s < event.at_s <= until_s), None)

    def alert_stands(self, at_s: float) -> bool:
        """Whether the last that the parents heard by then was that the baby cries alone."""
        told = [event.kind for event in self.events if event.at_s <= at_s and event.kind in (*_ALERTS, *_SILENCES)]
        return bool(told) and told[-1] in _ALERTS

    @property
    def false_alerts(self) -> int:
        """Alerts while no infant was in distress."""
        start_s, stop_s = self.act.span
        harmless = self.act.kind is NightEventKind.CONFUSER
        return sum(
            event.kind in _ALERTS and (harmless or not start_s < event.at_s <= stop_s + LINGERS_S)
            for event in self.events
        )


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One question's answer."""

    question: str
    unit: str
    value: Interval
    goal: str
    met: bool | None
    """None without a goal."""


@dataclass(frozen=True, slots=True)
class Question:
    """Asked of every act that it concerns; ``answer`` is None for the others."""

    text: str
    answer: Callable[[EventAnswer], float | None]
    summarize: Callable[[Sequence[float]], Interval]
    unit: str
    at_least: float | None = None
    at_most: float | None = None
    yes_is_wrong: bool = False

    def ask(self, answers: Sequence[EventAnswer]) -> ResultRow:
        value = self.summarize([told for each in answers if (told := self.answer(each)) is not None])
        if self.at_least is not None:
            return ResultRow(self.text, self.unit, value, f">= {self.at_least:g}", value.value >= self.at_least)
        if self.at_most is not None:
            return ResultRow(self.text, self.unit, value, f"<= {self.at_most:g}", value.value <= self.at_most)
        return ResultRow(self.text, self.unit, value, "", None)


def answers(acts: Sequence[NightEvent], events: Sequence[Event]) -> list[EventAnswer]:
    """The events of a night, shared out among its acts."""
    return [EventAnswer(act, [event for event in events if act.slot[0] < event.at_s <= act.slot[1]]) for act in acts]


def found(answer: EventAnswer) -> bool | None:
    """Whether the phone rang while the baby cried and nobody was there; None where that is not the story."""
    return None if (delay := _alone(answer)) is None else answer.first_ring_s(*delay) is not None


def failed(question: Question, answer: EventAnswer) -> bool | None:
    """Whether this act got the wrong answer to a question of yes or no; None where it does not concern it."""
    told = question.answer(answer)
    return None if told is None else bool(told) is question.yes_is_wrong


def _alone(answer: EventAnswer) -> tuple[float, float] | None:
    act = answer.act
    if not act.kind.unsoothed_first or act.cry is None:
        return None
    return act.cry[0], act.adult[0] if act.adult else act.cry[1]


def _if_kind(
    kind: NightEventKind, answer: Callable[[EventAnswer], bool | None]
) -> Callable[[EventAnswer], float | None]:
    return lambda each: answer(each) if each.act.kind is kind else None


def _rang(answer: EventAnswer) -> bool:
    """At any time until the next act."""
    return any(event.kind.rings for event in answer.events)


def _delay_s(answer: EventAnswer) -> float | None:
    alone = _alone(answer)
    rang_s = answer.first_ring_s(*alone) if alone else None
    return rang_s - alone[0] if alone and rang_s is not None else None


def _soothed_after_s(answer: EventAnswer) -> float | None:
    """Seconds until the parents heard that somebody came; infinite if they did not, None if they had no alert."""
    adult = answer.act.adult
    if adult is None or answer.act.kind is not NightEventKind.SOOTHED_LATE or not answer.alert_stands(adult[0]):
        return None
    told = (event.at_s for event in answer.events if event.kind is EventKind.CRY_SOOTHED and event.at_s > adult[0])
    return next(told, float("inf")) - adult[0]


def _soothed_in_time(answer: EventAnswer) -> bool | None:
    after_s = _soothed_after_s(answer)
    return None if after_s is None else after_s <= SOOTHED_WITHIN_S


def _rang_again(answer: EventAnswer) -> bool | None:
    """Of the acts in which no alert stood when the soothing stopped."""
    adult = answer.act.adult
    if adult is None or answer.alert_stands(adult[1]):
        return None
    return answer.first_ring_s(adult[1], adult[1] + RESUMED_WITHIN_S) is not None


def _median(values: Sequence[float]) -> Interval:
    return percentile(values, 50)


def _p95(values: Sequence[float]) -> Interval:
    return percentile(values, 95)


YES_OR_NO = (
    Question("crying found", _if_kind(NightEventKind.CRY, found), share, "%", at_least=98),
    Question("crying found, television on", _if_kind(NightEventKind.CRY_TELEVISION, found), share, "%", at_least=95),
    Question(
        "soothed from the start, rang",
        _if_kind(NightEventKind.SOOTHED, _rang),
        share,
        "%",
        at_most=10,
        yes_is_wrong=True,
    ),
    Question("fussing that rang", _if_kind(NightEventKind.FUSS, _rang), share, "%", at_most=5, yes_is_wrong=True),
    Question("confusers that rang", _if_kind(NightEventKind.CONFUSER, _rang), share, "%", yes_is_wrong=True),
    Question("soothed late: told within 12 s", _soothed_in_time, share, "%", at_least=80),
    Question(
        "soothing stops: rang within 20 s",
        _if_kind(NightEventKind.SOOTHING_STOPS, _rang_again),
        share,
        "%",
        at_least=90,
    ),
)
SECONDS = (
    Question("seconds to the alert, median", _delay_s, _median, "s", at_most=7),
    Question("seconds to the alert, 95th percentile", _delay_s, _p95, "s", at_most=12),
    Question("soothed late: seconds until told, median", _soothed_after_s, _median, "s"),
)


def false_alerts(told: Sequence[EventAnswer]) -> Interval:
    """Alerts in 8 hours of these nights while no infant was in distress."""
    nights = [(each.act.slot[1] - each.act.slot[0]) / 3_600 / PARENTS_NIGHT_H for each in told]
    return rate([each.false_alerts for each in told], nights)


def result_rows(told: Sequence[EventAnswer]) -> list[ResultRow]:
    """Every question, and the false alerts."""
    per_night = false_alerts(told)
    alerts = ResultRow("false alerts in 8 h", "", per_night, "<= 0.5", per_night.value <= 0.5)
    return [*(question.ask(told) for question in YES_OR_NO), alerts, *(question.ask(told) for question in SECONDS)]

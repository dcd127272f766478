"""Metrics of a night: each has one answer per night event, and one row with a 95 % interval in the report.

A metric is a question, such as "did a cry alone raise an alert?". A night event is a composed sound with known truth,
such as a cry that an adult soothes late (``night_plan``). Its answer is the list of events that the device reports in
its ``slot``, the span of the night that belongs to it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from edge.records import SAMPLE_RATE, WINDOW_SAMPLES, Event, EventKind
from training.evaluation import goals
from training.evaluation.goals import GOALS, RESUMED_WITHIN_S, SOOTHED_WITHIN_S
from training.evaluation.nights.intervals import percentile, rate, share
from training.statistics import Estimate
from training.synthesis.night_plan import NightEvent, NightEventKind

LINGERS_S = WINDOW_SAMPLES / SAMPLE_RATE
"""An alert up to this long after a night event's last sound still answers it, because a window looks back that far."""
PARENTS_NIGHT_H = 8.0
"""Hours of the night that false alerts are counted for."""
_ALERTS = (EventKind.CRY_STARTED, EventKind.CRY_RESUMED)
_SILENCES = (EventKind.CRY_SOOTHED, EventKind.CRY_ENDED)


@dataclass(frozen=True, slots=True)
class EventAnswer:
    """A night event and the device's answer to it: the events that the device reports in its ``slot``."""

    night_event: NightEvent
    events: Sequence[Event]

    def first_ring_s(self, after_s: float, until_s: float) -> float | None:
        """Return the time of the first ring in that interval, reminders included; None without one."""
        return next((event.at_s for event in self.events if event.kind.rings and after_s < event.at_s <= until_s), None)

    def alert_stands(self, at_s: float) -> bool:
        """Return whether the last message by then was an alert: the infant cries and no adult is there."""
        kinds = [event.kind for event in self.events if event.at_s <= at_s and event.kind in (*_ALERTS, *_SILENCES)]
        return bool(kinds) and kinds[-1] in _ALERTS

    @property
    def false_alerts(self) -> int:
        """Alerts while no infant was in distress."""
        start_s, stop_s = self.night_event.span
        harmless = self.night_event.kind is NightEventKind.CONFUSER
        return sum(
            event.kind in _ALERTS and (harmless or not start_s < event.at_s <= stop_s + LINGERS_S)
            for event in self.events
        )


@dataclass(frozen=True, slots=True)
class ResultRow:
    """The result of one question: its estimate and its goal."""

    question: str
    unit: str
    value: Estimate
    goal: str
    met: bool | None
    """None without a goal."""

    @classmethod
    def of(cls, question: str, unit: str, value: Estimate) -> "ResultRow":
        """Build the row, with the goal of that name."""
        goal = GOALS.get(question)
        return cls(question, unit, value, str(goal) if goal else "", goal.is_met(value.value) if goal else None)


@dataclass(frozen=True, slots=True)
class Question:
    """A metric over the night events that it concerns; ``answer`` returns None for the others."""

    text: str
    answer: Callable[[EventAnswer], float | None]
    summarize: Callable[[Sequence[float]], Estimate]
    unit: str
    yes_is_wrong: bool = False

    def ask(self, answers: Sequence[EventAnswer]) -> ResultRow:
        """Return the question's row over all night events."""
        values = [value for each in answers if (value := self.answer(each)) is not None]
        return ResultRow.of(self.text, self.unit, self.summarize(values))


def assign_events(night_events: Sequence[NightEvent], events: Sequence[Event]) -> list[EventAnswer]:
    """Assign the device's events of a night to the night events, by the ``slot`` in which they fall."""
    return [
        EventAnswer(night_event, [event for event in events if night_event.slot[0] < event.at_s <= night_event.slot[1]])
        for night_event in night_events
    ]


def is_found(answer: EventAnswer) -> bool | None:
    """Return whether the phone rang while the infant cried alone; None for a night event without such a time."""
    return None if (alone := _time_alone(answer)) is None else answer.first_ring_s(*alone) is not None


def is_failure(question: Question, answer: EventAnswer) -> bool | None:
    """Return whether the answer to a yes-or-no question is wrong; None if it does not concern the night event."""
    value = question.answer(answer)
    return None if value is None else bool(value) is question.yes_is_wrong


def _time_alone(answer: EventAnswer) -> tuple[float, float] | None:
    """From the first cry to the adult's first sound, or to the last cry."""
    night_event = answer.night_event
    if not night_event.kind.unsoothed_first or night_event.cry is None:
        return None
    return night_event.cry[0], night_event.adult[0] if night_event.adult else night_event.cry[1]


def _if_kind(
    kind: NightEventKind, answer: Callable[[EventAnswer], bool | None]
) -> Callable[[EventAnswer], float | None]:
    return lambda each: answer(each) if each.night_event.kind is kind else None


def _rings(answer: EventAnswer) -> bool:
    """Return whether the phone rang at any time until the next night event."""
    return any(event.kind.rings for event in answer.events)


def _delay_s(answer: EventAnswer) -> float | None:
    alone = _time_alone(answer)
    ring_s = answer.first_ring_s(*alone) if alone else None
    return ring_s - alone[0] if alone and ring_s is not None else None


def _soothed_after_s(answer: EventAnswer) -> float | None:
    """Seconds from the adult's first sound to the soothed message; infinite without one, None without an alert."""
    adult = answer.night_event.adult
    if adult is None or answer.night_event.kind is not NightEventKind.SOOTHED_LATE or not answer.alert_stands(adult[0]):
        return None
    soothed = (event.at_s for event in answer.events if event.kind is EventKind.CRY_SOOTHED and event.at_s > adult[0])
    return next(soothed, float("inf")) - adult[0]


def _is_soothed_in_time(answer: EventAnswer) -> bool | None:
    after_s = _soothed_after_s(answer)
    return None if after_s is None else after_s <= SOOTHED_WITHIN_S


def _rings_again(answer: EventAnswer) -> bool | None:
    """Return whether the phone rang soon after the soothing stopped; None where an alert stood then."""
    adult = answer.night_event.adult
    if adult is None or answer.alert_stands(adult[1]):
        return None
    return answer.first_ring_s(adult[1], adult[1] + RESUMED_WITHIN_S) is not None


_median, _p95 = partial(percentile, percent=50), partial(percentile, percent=95)

YES_OR_NO = (
    Question(goals.CRYING_FOUND, _if_kind(NightEventKind.CRY, is_found), share, "%"),
    Question(goals.CRYING_FOUND_TELEVISION, _if_kind(NightEventKind.CRY_TELEVISION, is_found), share, "%"),
    Question(goals.SOOTHED_RANG, _if_kind(NightEventKind.SOOTHED, _rings), share, "%", yes_is_wrong=True),
    Question(goals.FUSSING_RANG, _if_kind(NightEventKind.FUSS, _rings), share, "%", yes_is_wrong=True),
    Question("confusers that rang", _if_kind(NightEventKind.CONFUSER, _rings), share, "%", yes_is_wrong=True),
    Question(goals.SOOTHED_LATE, _is_soothed_in_time, share, "%"),
    Question(goals.SOOTHING_STOPS, _if_kind(NightEventKind.SOOTHING_STOPS, _rings_again), share, "%"),
)
SECONDS = (
    Question(goals.SECONDS_MEDIAN, _delay_s, _median, "s"),
    Question(goals.SECONDS_P95, _delay_s, _p95, "s"),
    Question("soothed late: seconds until told, median", _soothed_after_s, _median, "s"),
)


def false_alerts(answers: Sequence[EventAnswer]) -> Estimate:
    """Alerts in 8 hours of these nights while no infant was in distress."""
    nights = [(each.night_event.slot[1] - each.night_event.slot[0]) / 3_600 / PARENTS_NIGHT_H for each in answers]
    return rate([each.false_alerts for each in answers], nights)


def result_rows(answers: Sequence[EventAnswer]) -> list[ResultRow]:
    """Return the rows of all questions, and of the false alerts."""
    alerts = ResultRow.of(goals.FALSE_ALERTS, "", false_alerts(answers))
    return [*(question.ask(answers) for question in YES_OR_NO), alerts, *(each.ask(answers) for each in SECONDS)]

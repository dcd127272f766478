"""Questions on handmade events and night events."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from edge.records import EventKind
from tests.support.handmade_acts import (
    CAT,
    COMES_AT_S,
    CRY_AT_S,
    CRYING,
    ENDS_AT_S,
    FUSSING,
    LATE,
    SOOTHED,
    STOPS,
    TELEVISION,
    event,
)
from training.evaluation.nights.metrics import (
    SECONDS,
    YES_OR_NO,
    EventAnswer,
    ResultRow,
    assign_events,
    false_alerts,
    is_failure,
    result_rows,
)
from training.synthesis.night_plan import NightEvent

STARTED, REMINDER, RESUMED = EventKind.CRY_STARTED, EventKind.CRY_REMINDER, EventKind.CRY_RESUMED
TOLD_SOOTHED, ENDED = EventKind.CRY_SOOTHED, EventKind.CRY_ENDED

Said = Sequence[tuple[EventKind, float]]


def row(question: str, *told: tuple[NightEvent, Said]) -> ResultRow:
    judged = result_rows([EventAnswer(night_event, [event(*each) for each in said]) for night_event, said in told])
    return next(each for each in judged if each.question == question)


@pytest.mark.parametrize(
    ("question", "night_event", "said", "percent"),
    [
        ("crying found", CRYING, [(STARTED, 110)], 100),
        ("crying found", CRYING, [(REMINDER, 110)], 100),
        ("crying found", CRYING, [], 0),
        ("crying found", CRYING, [(STARTED, CRY_AT_S - 1)], 0),
        ("crying found", CRYING, [(STARTED, ENDS_AT_S + 1)], 0),
        ("crying found", CRYING, [(TOLD_SOOTHED, 110), (ENDED, 130)], 0),
        ("crying found, television on", TELEVISION, [(STARTED, 179)], 100),
        ("soothed from the start, rang", SOOTHED, [(STARTED, 200)], 100),
        ("soothed from the start, rang", SOOTHED, [(TOLD_SOOTHED, 110), (ENDED, 210)], 0),
        ("fussing that rang", FUSSING, [(STARTED, 120)], 100),
        ("fussing that rang", FUSSING, [], 0),
        ("confusers that rang", CAT, [(STARTED, 120)], 100),
        ("soothed late: told within 12 s", LATE, [(STARTED, 110), (TOLD_SOOTHED, COMES_AT_S + 12)], 100),
        ("soothed late: told within 12 s", LATE, [(STARTED, 110), (TOLD_SOOTHED, COMES_AT_S + 13)], 0),
        ("soothed late: told within 12 s", LATE, [(STARTED, 110), (TOLD_SOOTHED, 120), (RESUMED, 130)], 0),
        ("soothing stops: rang within 20 s", STOPS, [(STARTED, COMES_AT_S + 20)], 100),
        ("soothing stops: rang within 20 s", STOPS, [(STARTED, COMES_AT_S + 21)], 0),
        (
            "soothing stops: rang within 20 s",
            STOPS,
            [(STARTED, 110), (TOLD_SOOTHED, 120), (RESUMED, COMES_AT_S + 15)],
            100,
        ),
    ],
)
def test_one_night_event(question: str, night_event: NightEvent, said: Said, percent: float) -> None:
    found = row(question, (night_event, said))
    assert (found.value.value, found.value.n, found.unit) == (percent, 1, "%")


@pytest.mark.parametrize(
    ("question", "night_event", "said"),
    [
        ("crying found", SOOTHED, [(STARTED, 110)]),
        ("soothed late: told within 12 s", LATE, []),  # no alert had been sent
        ("soothing stops: rang within 20 s", STOPS, [(STARTED, 110)]),  # the alert still stood
        ("seconds to the alert, median", CRYING, []),
        ("seconds to the alert, median", LATE, [(STARTED, COMES_AT_S + 1)]),
    ],
)
def test_night_events_that_a_question_does_not_concern(question: str, night_event: NightEvent, said: Said) -> None:
    assert row(question, (night_event, said)).value.n == 0


def test_seconds() -> None:
    found = [(CRYING, [(STARTED, CRY_AT_S + delay_s), (REMINDER, CRY_AT_S + 70)]) for delay_s in (4, 6, 30)]
    assert row("seconds to the alert, median", *found).value.value == 6
    assert row("seconds to the alert, 95th percentile", *found).value.value == 30
    told = [(LATE, [(STARTED, 110), (TOLD_SOOTHED, COMES_AT_S + delay_s)]) for delay_s in (5, 8)]
    never = [(LATE, [(STARTED, 110)])] * 3
    assert row("soothed late: seconds until told, median", *told).value.value == 8
    assert row("soothed late: seconds until told, median", *told, *never).value.value == float("inf")


@pytest.mark.parametrize(
    ("night_event", "said", "count"),
    [
        (CAT, [(STARTED, 120), (REMINDER, 150), (ENDED, 200)], 1),
        (CAT, [(STARTED, 120), (TOLD_SOOTHED, 130), (RESUMED, 150)], 2),
        (FUSSING, [(STARTED, 120)], 0),
        (SOOTHED, [(STARTED, ENDS_AT_S + 8)], 0),
        (CRYING, [(STARTED, ENDS_AT_S + 9)], 1),  # long after the last sound
    ],
)
def test_false_alerts(night_event: NightEvent, said: Said, count: int) -> None:
    slot_h = (night_event.slot[1] - night_event.slot[0]) / 3_600
    found = false_alerts([EventAnswer(night_event, [event(*each) for each in said])])
    assert found.value == pytest.approx(count * 8 / slot_h)


def test_goals() -> None:
    assert row("crying found", (CRYING, [(STARTED, 110)])).met is True
    assert row("crying found", (CRYING, [])).met is False
    assert row("fussing that rang", (FUSSING, [(STARTED, 110)])).met is False
    assert row("confusers that rang", (CAT, [])).met is None


@pytest.mark.parametrize(
    ("question", "night_event", "said", "wrong"),
    [
        ("crying found", CRYING, [], True),
        ("crying found", CRYING, [(STARTED, 110)], False),
        ("confusers that rang", CAT, [(STARTED, 110)], True),
        ("confusers that rang", CAT, [], False),
        ("confusers that rang", CRYING, [], None),
    ],
)
def test_failures(question: str, night_event: NightEvent, said: Said, wrong: bool | None) -> None:
    asked = next(each for each in YES_OR_NO if each.text == question)
    assert is_failure(asked, EventAnswer(night_event, [event(*each) for each in said])) is wrong


def test_events_go_to_the_act_in_whose_slot_they_fall() -> None:
    later = replace(CAT, slot=(240.0, 300.0))
    first, second = assign_events([CRYING, later], [event(STARTED, 110), event(ENDED, 240), event(STARTED, 241)])
    assert [each.at_s for each in first.events] == [110, 240]
    assert [each.at_s for each in second.events] == [241]


def test_every_question_is_asked_once() -> None:
    texts = [each.question for each in result_rows([EventAnswer(CRYING, [])])]
    assert len(set(texts)) == len(texts) == len(YES_OR_NO) + len(SECONDS) + 1

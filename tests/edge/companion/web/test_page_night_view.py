"""View model of the nights: positions and lengths of spans, and days on which the clocks are changed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from edge.companion.history.episodes import Episode
from edge.companion.history.journal import Gap
from edge.companion.web import night_view
from edge.records import EventKind
from tests.support.speaker_messages import DUSK, build_event, utc

BERLIN = ZoneInfo("Europe/Berlin")
MORNING = DUSK + timedelta(hours=10)
MINUTE = 60.0


def episode(*events: tuple[str, float], name: str = "a", verdict: str | None = None) -> Episode:
    """Build an episode from kinds and seconds after dusk."""
    events_of_episode = tuple(
        build_event(kind, at_s, name)
        if kind in list(EventKind)
        else replace(build_event("cry_ended", at_s, name), kind=kind)
        for kind, at_s in events
    )
    ended = next((event.at for event in events_of_episode if event.kind == "cry_ended"), None)
    answers = ((verdict, DUSK),) if verdict else ()
    return Episode("nursery", name, events_of_episode[0].onset, ended, events_of_episode, answers)


def spans(
    *episodes: Episode, gaps: tuple[Gap, ...] = (), under_way: str | None = None
) -> list[tuple[str, float, float]]:
    """Return the spans of the last night: kind, start and end in hours after dusk."""
    last = night_view.nights_view(episodes, gaps, MORNING, ZoneInfo("UTC"), under_way=under_way)["nights"][0]
    return [
        (each["kind"], round(each["began"] * 24 - 8, 2), round(each["ended"] * 24 - 8, 2)) for each in last["spans"]
    ]


def test_crying_and_soothing_become_consecutive_spans() -> None:
    night_episode = episode(("cry_started", 6), ("cry_soothed", 3600), ("cry_resumed", 7200), ("cry_ended", 10800))
    assert spans(night_episode) == [("soothed", 1, 2), ("crying", 0, 1), ("crying", 2, 3)]


def test_reminders_begin_no_span_and_a_lost_end_falls_on_the_last_event() -> None:
    night_episode = episode(
        ("cry_started", 6), ("cry_reminder", 1800), ("soothing_long", 3600), ("of the future", 3700)
    )
    assert spans(night_episode) == [("crying", 0, 1.03)]


def test_an_episode_under_way_lasts_until_now() -> None:
    assert spans(episode(("cry_started", 9 * 3600)), under_way="a") == [("crying", 9, 10)]


def test_a_false_alarm_is_drawn_as_one() -> None:
    night_episode = episode(("cry_started", 6), ("cry_ended", 3600), verdict="false_alarm")
    assert spans(night_episode) == [("false_alarm", 0, 1)]


def test_a_gap_lasts_until_its_end_or_until_now() -> None:
    gaps = (Gap("nursery", utc(0), utc(3600), "gone"), Gap("nursery", utc(7200), None, "deaf"))
    assert spans(gaps=gaps) == [("gap", 0, 1), ("gap", 2, 10)]


def test_gaps_that_overlap_are_one() -> None:
    gaps = (Gap("nursery", utc(1800), utc(5400), "gone"), Gap("nursery", utc(0), utc(3600), "the broker"))
    assert spans(gaps=gaps) == [("gap", 0, 1.5)]


def test_the_words_of_a_night() -> None:
    night_episode = episode(("cry_started", 6), ("cry_soothed", 20 * MINUTE), ("cry_ended", 90 * MINUTE))
    gap = Gap("nursery", utc(7200), utc(7260), "gone")
    last, before, *_ = night_view.nights_view((night_episode,), (gap,), MORNING, ZoneInfo("UTC"))["nights"]
    assert last["summary"] == "20 min crying alone, 70 min soothed, 1 min not watched"
    assert last["short"] == "cried 1 h 30 min, not watched"
    assert before["summary"] == before["short"] == "no crying"


def test_a_night_without_monitoring_is_not_called_quiet() -> None:
    gap = Gap("nursery", utc(-40 * 3600), utc(3600), "gone")
    last, before, *_ = night_view.nights_view((), (gap,), MORNING, ZoneInfo("UTC"))["nights"]
    assert last["short"] == "no crying, not watched"
    assert before["short"] == "not watched"
    assert before["summary"] == "1440 min not watched"


def test_a_night_has_its_evenings_local_date_and_runs_from_noon_to_noon() -> None:
    def evenings(at: datetime) -> list[str]:
        return [each["evening"] for each in night_view.nights_view((), (), at, BERLIN)["nights"]]

    assert evenings(datetime(2026, 1, 31, 10, 59, tzinfo=UTC))[:2] == ["2026-01-30", "2026-01-29"]
    assert evenings(datetime(2026, 1, 31, 11, 0, tzinfo=UTC))[:2] == ["2026-01-31", "2026-01-30"]
    assert len(evenings(MORNING)) == night_view.NIGHTS
    assert night_view.first_noon(datetime(2026, 1, 31, 11, 0, tzinfo=UTC), BERLIN) == datetime(
        2026, 1, 25, 11, tzinfo=UTC
    )


def test_a_night_with_a_clock_change_has_23_or_25_hours() -> None:
    spring = night_view.nights_view((), (), datetime(2026, 3, 29, 9, tzinfo=UTC), BERLIN)["nights"][0]
    assert spring["hours"] == [[18, round(6 / 23, 4)], [0, round(12 / 23, 4)], [6, round(17 / 23, 4)]]
    autumn = night_view.nights_view((), (), datetime(2026, 10, 25, 10, tzinfo=UTC), BERLIN)["nights"][0]
    assert autumn["hours"] == [[18, 0.24], [0, 0.48], [6, 0.76]]


def test_the_json_of_a_listed_episode() -> None:
    night_episode = episode(
        ("cry_started", 6), ("cry_reminder", 66), ("cry_soothed", 90), ("cry_ended", 120), verdict="right"
    )
    (listed,) = night_view.nights_view((night_episode,), (), MORNING, BERLIN)["episodes"]
    assert listed == {
        "id": "a",
        "onset": "2026-01-31T20:00:00.000Z",
        "ended": "2026-01-31T20:02:00.000Z",
        "why": "why cry_started",
        "calls": 2,
        "muted": None,
        "soothed": True,
        "going": False,
        "verdict": "right",
    }


def test_the_list_contains_the_latest_200_episodes() -> None:
    many = [episode(("cry_started", number), name=str(number)) for number in range(1000)]
    view = night_view.nights_view(many, (), MORNING, BERLIN)
    assert [each["id"] for each in view["episodes"]] == [str(number) for number in range(999, 799, -1)]


KINDS = st.sampled_from([*EventKind, "of the future"])
TIMES = st.floats(-400 * 3600, 100 * 3600)


@given(
    st.lists(st.lists(st.tuples(KINDS, TIMES), min_size=1, max_size=6), max_size=4),
    st.lists(st.tuples(TIMES, st.none() | TIMES), max_size=3),
    st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu", "Pacific/Apia", "America/St_Johns"]),
)
def test_all_spans_lie_on_the_line(
    episodes: list[list[tuple[str, float]]], gaps: list[tuple[float, float | None]], zone: str
) -> None:
    """Also for a speaker with a wrong clock, whose times go back and forth."""
    built = [episode(*events, name=str(number)) for number, events in enumerate(episodes)]
    missing = [Gap("nursery", utc(began), None if ended is None else utc(ended), "gone") for began, ended in gaps]
    answer: dict[str, Any] = night_view.nights_view(built, missing, MORNING, ZoneInfo(zone), under_way="0")
    for night in answer["nights"]:
        for span in night["spans"]:
            assert 0 <= span["began"] <= span["ended"] <= 1

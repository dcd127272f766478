"""View model of a speaker, and the states that it must not show."""

from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.companion.history.episodes import Episode
from edge.companion.mqtt.speaker_registry import DeviceView
from edge.companion.web import view_model
from tests.support.speaker_messages import build_event, utc

NOW = utc(60)
SILENT_AFTER = timedelta(seconds=35)
STATE = {
    "state": "crying", "episode_id": "a", "acknowledged": None, "alerts": True, "snoozed_until": None,
    "sensitivity": "normal", "level_dbfs": -31.3, "model": "cry-1",
}  # fmt: skip


def view(**state: Any) -> DeviceView:
    """Return the view of a speaker without trouble."""
    fields = MappingProxyType({**STATE, **state})
    return DeviceView("nursery", online=True, listening=True, state=fields, last_heard=NOW, silent_after=SILENT_AFTER)


def episode(*kinds: str) -> Episode:
    events = tuple(build_event(kind, 6 + 10 * number) for number, kind in enumerate(kinds))
    ended = events[-1].at if kinds[-1] == "cry_ended" else None
    return Episode("nursery", "a", events[0].onset, ended, events, ())


def test_crying() -> None:
    shown = view_model.live_view(view(), [episode("cry_started")], NOW)
    assert shown["headline"] == "Crying, nobody is there"
    assert shown["why"] == "why cry_started"
    assert shown["since"] == "2026-01-31T20:00:00.000Z"
    assert shown["level"] == {"share": 0.609, "words": "some sound"}
    assert (shown["warning"], shown["under_way"], shown["going"], shown["episode"]) == (None, True, False, "a")


def test_an_acknowledged_episode_shows_that_somebody_is_going() -> None:
    shown = view_model.live_view(view(acknowledged="a"), [episode("cry_started")], NOW)
    assert shown["headline"] == "Crying, somebody is going"
    assert shown["going"] is True
    assert view_model.live_view(view(acknowledged="b"), [], NOW)["going"] is False


def test_soothed_and_quiet_begin_with_their_events() -> None:
    soothed = view_model.live_view(view(state="soothed"), [episode("cry_started", "cry_soothed")], NOW)
    assert (soothed["headline"], soothed["since"]) == ("Crying, somebody is there", "2026-01-31T20:00:16.000Z")
    quiet = view_model.live_view(view(state="quiet", episode_id=None), [episode("cry_started", "cry_ended")], NOW)
    assert (quiet["headline"], quiet["since"]) == ("Quiet", "2026-01-31T20:00:16.000Z")
    assert (quiet["why"], quiet["episode"]) == (None, "a")
    assert view_model.live_view(view(state="fussing", episode_id=None), [], NOW)["headline"] == "Fussing"


@pytest.mark.parametrize(
    ("ill", "warning"),
    [
        (replace(view(), online=False), "nursery is gone"),
        (replace(view(), online=False, listening=False), "nursery is gone"),
        (replace(view(), listening=False), "nursery hears nothing: its microphone does not work."),
        (
            replace(view(), listening=False, health={"microphone": {"state": "silent", "detail": "digital silence"}}),
            "nursery hears nothing: digital silence.",
        ),
        (
            replace(view(), listening=False, health={"microphone": {"state": "starting", "detail": "..."}}),
            "nursery is starting, and hears nothing yet.",
        ),
        (replace(view(), last_heard=None), "nursery has not been heard of yet"),
        (replace(view(), last_heard=NOW - timedelta(seconds=36)), "nursery has said nothing for 36 s."),
        (replace(view(), alarm="the companion says so"), "the companion says so"),
        (DeviceView("nursery"), "nursery is gone"),
    ],
)
def test_the_state_of_an_unreliable_speaker_is_not_shown(ill: DeviceView, warning: str) -> None:
    shown = view_model.live_view(ill, [episode("cry_started")], NOW)
    assert shown["warning"].startswith(warning)
    assert (shown["mood"], shown["headline"]) == (None, "Not known")
    assert (shown["level"], shown["why"], shown["since"], shown["under_way"]) == (None, None, None, False)


def test_without_a_broker_no_state_is_shown() -> None:
    shown = view_model.live_view(view(), [], NOW, reachable=False)
    assert (shown["headline"], shown["warning"]) == ("Not known", "Nobody knows: the broker cannot be reached.")


PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)


@given(st.dictionaries(st.sampled_from(sorted(STATE)), PLAIN | st.lists(PLAIN, max_size=2)))
def test_any_published_state_can_be_shown(fields: dict[str, Any]) -> None:
    shown = view_model.live_view(view(**fields), [episode("cry_started")], NOW)
    assert isinstance(shown["headline"], str)
    assert shown["level"] is None or 0 <= shown["level"]["share"] <= 1

"""Properties of the escalation that hold for any sequence of messages."""

from collections.abc import Callable
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.companion.alerting.notifications import Tier
from edge.companion.mqtt.messages import EventMessage, Heartbeat
from tests.support.simulated_night import SETTINGS, Night
from tests.support.speaker_messages import AlertState, build_event, build_heartbeat

KINDS = ("cry_started", "cry_reminder", "cry_resumed", "cry_soothed", "cry_ended", "soothing_long")


events = st.builds(
    lambda kind, episode, device, muted, late: (
        lambda at_s: build_event(kind, at_s, episode, device=device, muted=muted, late=late)
    ),
    st.sampled_from(KINDS),
    st.sampled_from("abc"),
    st.sampled_from(("nursery", "attic")),
    st.booleans(),
    st.booleans(),
)


beats = st.builds(
    lambda state, episode, device, alert_state, live: (
        lambda at_s: build_heartbeat(state, at_s, episode, device=device, alert_state=alert_state, live=live)
    ),
    st.sampled_from(("quiet", "fussing", "crying", "soothed")),
    st.sampled_from((None, "a", "b", "c")),
    st.sampled_from(("nursery", "attic")),
    st.builds(AlertState, st.sampled_from((None, "a", "b")), st.booleans(), st.booleans()),
    st.booleans(),
)


nights = st.lists(
    st.tuples(st.integers(0, 90), st.one_of(events, beats, st.sampled_from(("a", "b", "c")))), max_size=15
)


Said = Callable[[float], EventMessage | Heartbeat] | str


def play(steps: list[tuple[int, Said]]) -> Night:
    night = Night()
    for pause_s, said in steps:
        night.until(night.now_s + pause_s)
        if isinstance(said, str):
            night.answer(said)
        else:
            night.receive(said(night.now_s))
    night.until(night.now_s + 700)
    return night


@settings(max_examples=40, deadline=None)
@given(nights)
def test_rings_are_at_least_the_pause_apart(steps: list[tuple[int, Said]]) -> None:
    night = play(steps)
    for device in ("nursery", "attic"):
        for tier in Tier:
            rings = night.rings(tier, device)
            assert all(later - earlier >= SETTINGS.pause_s for earlier, later in pairwise(rings))
    assert len(night.quiet()) <= 2 * len(steps)


@settings(max_examples=40, deadline=None)
@given(nights)
def test_ringing_ends_and_the_second_list_never_rings_alone(steps: list[tuple[int, Said]]) -> None:
    night = play(steps)
    before = len(night.notifications)
    night.until(night.now_s + 1_000)
    assert len(night.notifications) == before
    assert set(night.rings(Tier.SECOND)) <= set(night.rings(Tier.FIRST))


@settings(max_examples=40, deadline=None)
@given(nights, st.sampled_from(("cry_started", "cry_reminder", "cry_resumed")))
def test_a_new_alert_always_rings_within_the_pause(steps: list[tuple[int, Said]], kind: str) -> None:
    night = play(steps)
    night.until(night.now_s + 3_000)
    start_s = night.now_s
    night.receive(build_event(kind, start_s, "new"))
    night.until(start_s + 30)
    assert night.rings()[-1] == start_s


@settings(max_examples=40, deadline=None)
@given(nights, st.integers(0, 400), nights)
def test_once_answered_only_resumed_crying_rings(
    before: list[tuple[int, Said]], after_s: int, after: list[tuple[int, Said]]
) -> None:
    """For any other events of this episode."""
    night = play(before)
    night.receive(build_event("cry_started", night.now_s, "new"))
    night.until(night.now_s + after_s)
    night.answer("new")
    rung = len(night.rings())
    for pause_s, said in after:
        night.until(night.now_s + pause_s)
        event = None if isinstance(said, str) else said(night.now_s)
        if isinstance(event, EventMessage) and event.kind in (
            "cry_started",
            "cry_reminder",
            "soothing_long",
            "cry_ended",
        ):
            night.receive(build_event(event.kind, night.now_s, "new", muted=event.muted is not None))
    assert len(night.rings()) == rung


def test_an_answer_holds_however_long_no_message_comes() -> None:
    night = play([])
    night.receive(build_event("cry_started", night.now_s, "new"))
    night.answer("new")
    night.until(night.now_s + 3_000)
    night.receive(build_event("cry_reminder", night.now_s, "new"))
    assert len(night.rings()) == 1


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 90), st.booleans(), st.sampled_from("ab")), max_size=20))
def test_muted_late_and_retained_messages_never_ring(steps: list[tuple[int, bool, str]]) -> None:
    night = Night()
    for pause_s, is_late, episode in steps:
        night.until(night.now_s + pause_s)
        night.receive(build_event("cry_started", night.now_s, episode, late=is_late, muted=not is_late))
        night.receive(build_heartbeat("crying", night.now_s, episode, live=False))
    night.until(night.now_s + 200)
    assert night.rings() == []

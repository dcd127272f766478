"""The decision: stories second by second, and invariants of every story."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count, groupby, pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.detection.decision import Decision
from edge.detection.decision_settings import DecisionSettings, Thresholds
from edge.records import Event, EventKind, Scores, State

THRESHOLDS = Thresholds(cry=0.5, soothing=0.5)

SETTINGS = DecisionSettings(
    cry_s=3.0,
    soothing_s=6.0,
    soothing_hold_s=10.0,
    quiet_s=30.0,
    reminder_every_s=60.0,
    soothing_limit_s=600.0,
)
"""Settings of the stories, independent of the defaults."""

WINDOWS = {
    "c": {"crying": 0.9, "fussing": 0.05, "soothed-crying": 0.02, "none": 0.03},
    "f": {"crying": 0.2, "fussing": 0.7, "soothed-crying": 0.05, "none": 0.05},
    "s": {"crying": 0.1, "fussing": 0.05, "soothed-crying": 0.8, "none": 0.05},
    "m": {"crying": 0.6, "fussing": 0.0, "soothed-crying": 0.3, "none": 0.1},  # a television besides the crying
    "u": {"crying": 0.6, "fussing": 0.3, "soothed-crying": 0.0, "none": 0.1},  # unsure
    "d": {"crying": 0.4, "fussing": 0.5, "soothed-crying": 0.0, "none": 0.1},  # doubtful
    ".": {"crying": 0.01, "fussing": 0.02, "soothed-crying": 0.01, "none": 0.96},
}
"""Kinds of windows: crying, fussing, soothed, with a television, unsure, doubtful, and silent."""


def story(text: str, hop_s: float = 1.0) -> Iterator[Scores]:
    """Yield windows, such as ``"10. 60c"`` for 10 seconds of silence and 60 of crying. The first ends at 5 s."""
    end_s = 5.0
    for part in text.split():
        for _ in range(round(float(part[:-1]) / hop_s)):
            yield Scores(WINDOWS[part[-1]], end_s, level_dbfs=-30.0)
            end_s += hop_s


def new_decision(hop_s: float = 1.0, **changes: Any) -> Decision:
    numbers = count(1)
    chosen = replace(SETTINGS, **changes)
    return Decision(chosen, THRESHOLDS, hop_s, lambda: f"episode-{next(numbers)}")


def events_of(text: str, hop_s: float = 1.0, **changes: Any) -> list[Event]:
    decision = new_decision(hop_s, **changes)
    return [event for scores in story(text, hop_s) for event in decision.push(scores)]


def brief(events: list[Event]) -> list[tuple[str, float]]:
    return [(event.kind.value, event.at_s) for event in events]


STORIES = {
    "a quiet night": ("600.", []),
    "a cry rings after its fourth second": ("10. 20c", [("cry_started", 18)]),
    "a cry in the very first windows rings, too": ("20c", [("cry_started", 8)]),
    "three seconds of crying are not enough": ("10. 3c 60.", []),
    "one missed window does not delay a cry for long": ("10. 2c 1. 10c", [("cry_started", 20)]),
    "a cry every other second does not ring": ("10. 1c 1. 1c 1. 1c 1. 1c 1. 1c 60.", []),
    "fussing never rings": ("10. 1200f", []),
    "soothed from the start never rings": ("10. 120s 60.", []),
    "soothed from the second second on never rings": ("10. 1c 60s 60.", []),
    "a television does not soothe": ("10. 20m", [("cry_started", 18)]),
    "somebody comes": ("10. 20c 20s", [("cry_started", 18), ("cry_soothed", 38)]),
    "and it ends after quiet": (
        "10. 20c 20s 60.",
        [("cry_started", 18), ("cry_soothed", 38), ("cry_ended", 84)],
    ),
    "it ends by itself": ("10. 20c 60.", [("cry_started", 18), ("cry_ended", 64)]),
    "a pause in the crying is no end": ("10. 20c 25. 10c 25.", [("cry_started", 18)]),
    "a pause in the soothing does not ring again": (
        "10. 20c 20s 5c 20s 3. 3c 20s 60.",
        [("cry_started", 18), ("cry_soothed", 38), ("cry_ended", 135)],
    ),
    "a pause of a soothed baby does not ring": ("10. 20s 6c 20s 60.", []),
    "the soothing stops, the crying goes on": (
        "10. 20c 20s 30c",
        [("cry_started", 18), ("cry_soothed", 38), ("cry_resumed", 66)],
    ),
    "soothed from the start, then not any more": ("10. 20s 30c", [("cry_started", 46)]),
    "a moment of soothing at the start delays an alert for a moment": ("10. 4s 30c", [("cry_started", 23)]),
    "after an alert it delays for the whole hold": (
        "10. 20c 5s 30c",
        [("cry_started", 18), ("cry_soothed", 38), ("cry_resumed", 51)],
    ),
    "a soothed baby wakes within half a minute and nobody comes": (
        "10. 20c 20s 20. 10c",
        [("cry_started", 18), ("cry_soothed", 38), ("cry_resumed", 78)],
    ),
    "reminders every minute": (
        "10. 200c",
        [("cry_started", 18), ("cry_reminder", 78), ("cry_reminder", 138), ("cry_reminder", 198)],
    ),
    "no reminder while it is quiet": ("10. 45c 25. 10c", [("cry_started", 18), ("cry_reminder", 85)]),
    "no reminder while it is soothed": ("10. 20c 100s", [("cry_started", 18), ("cry_soothed", 38)]),
    "reminders again after the soothing stopped": (
        "10. 20c 20s 100c",
        [("cry_started", 18), ("cry_soothed", 38), ("cry_resumed", 66), ("cry_reminder", 126)],
    ),
    "ten soothed minutes are reported once": ("10. 1500s", [("soothing_long", 618)]),
    "the end of an episode is reported after any event": (
        "10. 700s 60.",
        [("soothing_long", 618), ("cry_ended", 744)],
    ),
    "soothed for ten minutes after an alert": (
        "10. 20c 1200s 60.",
        [("cry_started", 18), ("cry_soothed", 38), ("soothing_long", 638), ("cry_ended", 1264)],
    ),
    "two cries, two episodes": (
        "10. 10c 40. 10c 40.",
        [("cry_started", 18), ("cry_ended", 54), ("cry_started", 68), ("cry_ended", 104)],
    ),
}


@pytest.mark.parametrize("name", STORIES)
def test_story(name: str) -> None:
    text, expected = STORIES[name]
    assert brief(events_of(text)) == expected


@pytest.mark.parametrize("hop_s", [0.25, 0.5, 1.0, 2.0, 5.0])
def test_times_do_not_depend_on_the_hop(hop_s: float) -> None:
    started, ended = events_of("10. 20c 60.", hop_s)
    assert 15 <= started.at_s <= 15 + 5
    assert started.kind is EventKind.CRY_STARTED
    assert 64 - 5 <= ended.at_s <= 64 + 5


def test_settings_take_effect() -> None:
    assert brief(events_of("10. 20c", cry_s=1.5)) == [("cry_started", 16)]
    assert brief(events_of("10. 130c", reminder_every_s=50.0))[1:] == [("cry_reminder", 68), ("cry_reminder", 118)]
    assert brief(events_of("10. 20c 60.", quiet_s=10.0))[1:] == [("cry_ended", 44)]
    assert brief(events_of("10. 20c 20s 30c", soothing_hold_s=20.0))[2:] == [("cry_resumed", 76)]
    assert brief(events_of("10. 100s", soothing_limit_s=60.0)) == [("soothing_long", 78)]


@pytest.mark.parametrize("quiet_s", [1.0, 3.0])
def test_one_cry_rings_once_with_a_short_quiet_time(quiet_s: float) -> None:
    assert [kind for kind, _ in brief(events_of("10. 8c 60.", quiet_s=quiet_s))] == ["cry_started", "cry_ended"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"cry_s": 0.0}, "cry_s must be more than 0 seconds"),
        ({"quiet_s": -1.0}, "quiet_s must be more than 0 seconds"),
        ({"soothing_limit_s": float("nan")}, "soothing_limit_s must be more than 0 seconds"),
    ],
)
def test_invalid_settings_are_rejected(changes: dict[str, float], error: str) -> None:
    with pytest.raises(ValueError, match=error):
        DecisionSettings(**changes)


@pytest.mark.parametrize(("quiet_before_s", "onset_s"), [(10, 12.5), (60, 62.5), (0, 2.5)])
def test_onset_is_when_half_of_the_first_window_was_crying(quiet_before_s: int, onset_s: float) -> None:
    assert [event.onset_s for event in events_of(f"{quiet_before_s}. 20c 60.")] == [onset_s, onset_s]


def test_onset_is_never_before_the_stream_or_another_episode() -> None:
    for events in (
        events_of("20c 1. 20c", hop_s=0.25, quiet_s=0.5),
        events_of("10. 8c 2. 8c 60.", quiet_s=1.0, soothing_s=30.0),
    ):
        onsets = [event.onset_s for event in events if event.kind is EventKind.CRY_STARTED]
        assert onsets[0] >= 0
        assert len(onsets) == 2
        assert onsets[1] >= next(event.at_s for event in events if event.kind is EventKind.CRY_ENDED) - 2.5


def test_an_onset_is_where_the_evidence_rose_and_not_where_it_hovered() -> None:
    """Minutes of uncertain sound without a cry are not part of the cry that follows."""
    (started,) = events_of("10. 2c " + "1u 1d " * 150 + "10c")
    assert (started.at_s, started.onset_s) == (318.0, 314.5)


def test_states_as_a_parent_sees_them() -> None:
    decision = new_decision()
    seen = []
    for scores in story("5. 5f 2. 20c 20s 40."):
        decision.push(scores)
        seen.append(decision.state)
    assert [state for state, _ in groupby(seen)] == [
        State.QUIET,
        State.FUSSING,
        State.QUIET,
        State.FUSSING,  # crying, but not long enough yet
        State.CRYING,
        State.SOOTHED,
        State.QUIET,
    ]


def test_the_episode_has_an_id_while_it_lasts_announced_or_not() -> None:
    decision = new_decision()
    seen = []
    for scores in story("5. 10s 35. 10c 35."):
        decision.push(scores)
        seen.append(decision.episode_id)
    assert [each for each, _ in groupby(seen)] == [None, "episode-1", None, "episode-2", None]


def test_reasons_match_the_sound() -> None:
    reasons = [event.why for event in events_of("10. 20c 20s 100c 40.")]
    assert reasons == [
        "crying for 6 s, nobody is heard soothing",
        "somebody is soothing: heard in 60% of the crying",
        "no soothing for 10 s, the crying goes on",
        "still crying after 114 s, no soothing for 70 s",
        "no crying for 30 s; it lasted 142 s",
    ]
    assert events_of("10. 20s 30c")[0].why == "crying for 34 s, no soothing for 10 s"
    assert events_of("10. 700s")[0].why == "somebody is there, but the baby has been crying for 10 minutes"


def test_labels_and_confidence_are_those_of_the_evidence() -> None:
    events = events_of("10. 20c 20s 60.")
    assert [event.label for event in events] == ["crying", "soothed-crying", "none"]
    assert events[0].confidence == pytest.approx(0.9)
    assert events[2].confidence == pytest.approx(0.96)


# Invariants of every story.

SEGMENTS = st.lists(st.tuples(st.integers(1, 50), st.sampled_from("ccssfm...")), max_size=14)
ANY_SETTINGS = st.builds(
    DecisionSettings,
    cry_s=st.floats(1, 5),
    soothing_s=st.floats(2, 12),
    soothing_hold_s=st.floats(3, 20),
    quiet_s=st.floats(1, 40),
    reminder_every_s=st.floats(5, 60),
    soothing_limit_s=st.floats(20, 200),
)


@given(SEGMENTS, ANY_SETTINGS, st.sampled_from([0.25, 0.5, 1.0, 2.0]))
@settings(deadline=None)
def test_invariants(segments: list[tuple[int, str]], chosen: DecisionSettings, hop_s: float) -> None:
    numbers = count(1)
    decision = Decision(chosen, THRESHOLDS, hop_s, lambda: f"episode-{next(numbers)}")
    events: list[Event] = []
    for scores in story(" ".join(f"{seconds}{heard}" for seconds, heard in segments), hop_s):
        held_off = decision.state is State.SOOTHED
        new = decision.push(scores)
        assert len(new) <= 1
        assert (decision.episode_id is not None) == (decision.state in (State.CRYING, State.SOOTHED))
        if new and new[0].kind.rings:
            assert decision.state is State.CRYING
            assert decision.episode_id == new[0].episode_id
            assert not held_off or new[0].kind is not EventKind.CRY_REMINDER
        events += new

    for before, after in pairwise(events):
        assert before.at_s < after.at_s
    for event in events:
        assert 0 <= event.onset_s <= event.at_s
        assert 0 <= event.confidence <= 1
    seen = [each for each, _ in groupby(event.episode_id for event in events)]
    assert len(seen) == len(set(seen)), "an ended episode has no further events"
    for _, group in groupby(events, key=lambda event: event.episode_id):
        check_episode(list(group), chosen)


def check_episode(events: list[Event], chosen: DecisionSettings) -> None:
    """Check the events of one episode, in order."""
    kinds = [event.kind for event in events]
    assert len({event.onset_s for event in events}) == 1
    assert kinds.count(EventKind.CRY_STARTED) <= 1
    assert kinds.count(EventKind.SOOTHING_LONG) <= 1
    # Only SOOTHING_LONG may come without, or before, an alert.
    told_kinds = [kind for kind in kinds if kind is not EventKind.SOOTHING_LONG]
    if told_kinds and kinds != [EventKind.SOOTHING_LONG, EventKind.CRY_ENDED]:
        assert told_kinds[0] is EventKind.CRY_STARTED
    assert EventKind.CRY_ENDED not in kinds[:-1]
    soothed_s = None
    for before, event in pairwise(events):
        if event.kind is EventKind.CRY_SOOTHED:
            soothed_s = event.at_s
        if event.kind.rings and soothed_s is not None:
            assert event.at_s - soothed_s >= chosen.soothing_hold_s, "no ring while the soothing is held"
        if event.kind is EventKind.CRY_REMINDER:
            assert event.at_s - before.at_s >= chosen.reminder_every_s
        if event.kind is EventKind.CRY_RESUMED:
            assert before.kind in (EventKind.CRY_SOOTHED, EventKind.SOOTHING_LONG)
            soothed_s = None


@given(SEGMENTS)
@settings(deadline=None)
def test_pure(segments: list[tuple[int, str]]) -> None:
    """The same scores give the same events, without clock and random numbers."""
    text = " ".join(f"{seconds}{heard}" for seconds, heard in segments)
    assert events_of(text) == events_of(text)


@given(SEGMENTS)
@settings(deadline=None)
def test_no_cry_is_missed(segments: list[tuple[int, str]]) -> None:
    """After any sound, a minute of unsoothed crying rings within the hold and ``cry_s``."""
    text = " ".join(f"{seconds}{heard}" for seconds, heard in segments)
    before = sum(seconds for seconds, _ in segments)
    rings = [event.at_s for event in events_of(text + " 80c") if event.kind.rings]
    assert any(5 + before <= at_s + 60 and at_s <= 5 + before + 80 for at_s in rings)


def test_new_thresholds_apply_within_an_episode() -> None:
    decision = new_decision()
    started, ended = [], []
    for scores in story("5. 10c"):
        started += decision.push(scores)
    decision.set_thresholds(Thresholds(cry=0.99, soothing=0.5))
    for scores in story("5. 10c 31c"):
        if scores.end_s > 20:
            ended += decision.push(scores)
    assert [event.kind for event in started + ended] == [EventKind.CRY_STARTED, EventKind.CRY_ENDED]
    assert started[0].episode_id == ended[0].episode_id


@pytest.mark.parametrize(
    ("away_s", "changes", "at_s"),
    [
        (0, {}, 22.0),  # as soon as its window is complete
        (0, {"quiet_s": 20.0}, 25.0),
        (3600, {}, 3625.0),
    ],
)
def test_evidence_from_before_a_reload_counts(away_s: int, changes: dict[str, float], at_s: float) -> None:
    before, after = new_decision(), new_decision(**changes)
    heard = list(story("10. 20c"))
    assert not [event for scores in heard[:13] for event in before.push(scores)]
    after.restore(before.snapshot())
    later = [replace(scores, end_s=scores.end_s + away_s) for scores in heard[17:]]
    (started,) = [event for scores in later for event in after.push(scores)]
    assert started.at_s == at_s
    assert started.onset_s == (12.5 if at_s == 22.0 else at_s - 5.5)


def test_the_gap_of_a_reload_is_not_a_pause_in_the_soothing() -> None:
    before, after = new_decision(), new_decision()
    heard = list(story("10. 6s 7c 20s"))
    assert not [event for scores in heard[:16] for event in before.push(scores)]
    after.restore(before.snapshot())
    assert not [event for scores in heard[22:] for event in after.push(scores)]


def test_a_snapshot_does_not_change_with_later_windows() -> None:
    before, after, undisturbed = new_decision(), new_decision(), new_decision()
    windows = list(story("10. 20c 60."))
    for scores in windows[:14]:
        before.push(scores)
        undisturbed.push(scores)
    snapshot = before.snapshot()
    for scores in windows[14:]:
        before.push(scores)
    after.restore(snapshot)
    events = [
        [event for scores in windows[14:] for event in decision.push(scores)] for decision in (after, undisturbed)
    ]
    assert brief(events[0]) == brief(events[1])
    assert [event.onset_s for event in events[0]] == [event.onset_s for event in events[1]]


def test_a_threshold_of_1_detects_no_less_certain_cry() -> None:
    decision = Decision(SETTINGS, Thresholds(cry=1.0, soothing=1.0))
    assert [event for scores in story("10. 60c") for event in decision.push(scores)] == []


def test_crying_before_lost_sound_is_not_evidence_after_it() -> None:
    decision = new_decision()
    before = list(story("5. 3c"))
    after = [replace(scores, end_s=scores.end_s + 3600) for scores in story("5. 20c")]
    (started,) = [event for scores in [*before, *after[5:]] for event in decision.push(scores)]
    assert (started.at_s, started.onset_s) == (3613.0, 3607.5)


def test_one_window_with_nan_does_not_silence_the_rest() -> None:
    decision = new_decision()
    nothing = Scores(dict.fromkeys(WINDOWS["c"], float("nan")), end_s=4.0, level_dbfs=-30.0)
    events = decision.push(nothing)
    for scores in story("23."):
        events += decision.push(scores)
    assert not events
    for scores in story("23. 20c"):
        if scores.end_s > 28:
            events += decision.push(scores)
    assert [event.kind for event in events] == [EventKind.CRY_STARTED]

"""The plan of a night: quiet gaps between events, every story, the same for the same seed."""

from itertools import pairwise

import numpy as np
import pytest

from edge.detection.decision_settings import DecisionSettings
from training.synthesis.night_plan import (
    CONFUSERS_EACH,
    EVENT_DECK,
    QUIET_GAP_S,
    NightEventKind,
    PlannedEvent,
    plan_night,
    split_slots,
)

NIGHT_S = 7_200.0
CONFUSERS = ["cat", "music", "television"]


def plan(seed: int, seconds: float = NIGHT_S) -> list[PlannedEvent]:
    return plan_night(np.random.default_rng(seed), seconds, CONFUSERS)


@pytest.mark.parametrize("seed", range(5))
def test_events_are_apart(seed: int) -> None:
    planned = plan(seed)
    gaps_s = [later.span[0] - earlier.span[1] for earlier, later in pairwise(planned)]
    assert min(gaps_s) >= QUIET_GAP_S[0]
    assert max(gaps_s) <= QUIET_GAP_S[1]
    assert planned[-1].span[1] + QUIET_GAP_S[0] <= NIGHT_S


def test_a_gap_outlives_an_episode() -> None:
    """Otherwise an alert of one event would count for the next."""
    assert QUIET_GAP_S[0] > DecisionSettings().quiet_s + 5


def test_a_deck_holds_every_story_and_every_confuser() -> None:
    planned = plan(1, seconds=4 * NIGHT_S)
    whole = sum(EVENT_DECK.values()) + CONFUSERS_EACH * len(CONFUSERS)
    first = planned[:whole]
    counts = {kind: sum(event.kind is kind for event in first) for kind in NightEventKind}
    assert counts == EVENT_DECK | {NightEventKind.CONFUSER: CONFUSERS_EACH * len(CONFUSERS)}
    assert sorted(event.confuser for event in first if event.confuser) == sorted(CONFUSERS * CONFUSERS_EACH)


def test_stories_keep_their_times() -> None:
    for event in plan(2, seconds=6 * NIGHT_S):
        assert (event.cry is None) == (event.kind in (NightEventKind.CONFUSER, NightEventKind.FUSS))
        assert (event.confuser != "") == (event.kind is NightEventKind.CONFUSER)
        for part in filter(None, (event.cry, event.adult)):
            assert event.span[0] <= part[0] < part[1] <= event.span[1]
            assert [seconds * 4 % 1 for seconds in part] == [0, 0]
        match event:
            case PlannedEvent(kind=NightEventKind.CRY | NightEventKind.CRY_TELEVISION, cry=(start_s, stop_s)):
                assert 30 <= stop_s - start_s <= 120
            case PlannedEvent(kind=NightEventKind.SOOTHED, cry=(start_s, stop_s), adult=(comes_s, goes_s)):
                assert 0 <= start_s - comes_s <= 2
                assert goes_s == stop_s
            case PlannedEvent(kind=NightEventKind.SOOTHED_LATE, cry=(start_s, stop_s), adult=(comes_s, goes_s)):
                assert 25 <= comes_s - start_s <= 50
                assert goes_s == stop_s
            case PlannedEvent(kind=NightEventKind.SOOTHING_STOPS, cry=(start_s, stop_s), adult=(comes_s, goes_s)):
                assert comes_s == start_s or 20 <= comes_s - start_s <= 30
                assert 30 <= stop_s - goes_s <= 60


def test_the_seed_decides() -> None:
    assert plan(3) == plan(3)
    assert plan(3) != plan(4)


def test_slots_cover_the_whole_night() -> None:
    planned = plan(5)
    split = split_slots(planned, NIGHT_S)
    assert split[0][0] == 0
    assert split[-1][1] == NIGHT_S
    assert all(earlier[1] == later[0] for earlier, later in pairwise(split))
    assert all(
        start_s <= event.span[0] and event.span[1] <= stop_s
        for event, (start_s, stop_s) in zip(planned, split, strict=True)
    )
    assert split_slots([], NIGHT_S) == []

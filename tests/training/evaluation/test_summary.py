"""Summary rows of recordings with known answers."""

import math

import pytest

from tests.support.scripted_scores import CRY, NORMAL, QUIET, SOOTHED, heard
from training.evaluation.summary import SummaryRow, summarize
from training.model.operating_points import ScoredStream
from training.synthesis.episodes import CHANGE_S, ONSET_S

BEFORE, AFTER = round(CHANGE_S), 40
"""Seconds of scores up to the change and after it; windows end from 5 s on."""


def rows(*recordings: ScoredStream) -> dict[str, SummaryRow]:
    return {row.question: row for row in summarize(recordings, NORMAL)}


def test_one_cry_in_four_is_missed() -> None:
    found = [heard("cry", (8, QUIET), (30, CRY))] * 3
    row = rows(*found, heard("cry", (38, QUIET)))["crying found"]
    assert (row.estimate.value, row.estimate.n, row.unit) == (75, 4, "%")
    assert row.estimate.low < 75 < row.estimate.high


def test_an_alert_after_the_cry_finds_no_cry() -> None:
    assert rows(heard("cry", (BEFORE, QUIET), (20, CRY)))["crying found"].estimate.value == 0


def test_seconds_to_the_alert_count_from_the_onset() -> None:
    """Windows from 12 s on hold cry; the fifth of them, at 16 s, rings."""
    row = rows(heard("cry", (round(ONSET_S) - 5, QUIET), (30, CRY)))["seconds to the alert, median"]
    assert (row.estimate.value, row.estimate.low, row.estimate.high, row.unit) == (4, 4, 4, "s")


def test_what_rang_that_should_not() -> None:
    for kind, question in (
        ("soothed", "soothed from the start, rang all the same"),
        ("fuss", "fussing that rang"),
        ("confuser", "other sounds that rang"),
    ):
        row = rows(heard(kind, (30, CRY)), heard(kind, (30, SOOTHED)))[question]
        assert (row.estimate.value, row.estimate.n) == (50, 2)


def test_a_soothed_message_follows_an_adult() -> None:
    question = "somebody came: told within 12 s"
    told = heard("soothed_late", (BEFORE, CRY), (AFTER, SOOTHED))
    never = heard("soothed_late", (BEFORE + AFTER, CRY))
    silent = heard("soothed_late", (BEFORE + AFTER, QUIET))  # without an alert, no message is needed
    late = heard("soothed_late", (BEFORE + 15, CRY), (AFTER - 15, SOOTHED))
    assert rows(told)[question].estimate.value == 100
    row = rows(told, never, silent, late)[question]
    assert row.estimate.value == pytest.approx(100 / 3)
    assert row.estimate.n == 3


def test_the_phone_rings_when_the_soothing_stops() -> None:
    question = "soothing stopped: rang within 20 s"
    rings = heard("soothing_stops", (BEFORE, SOOTHED), (AFTER, CRY))
    sleeps = heard("soothing_stops", (BEFORE, SOOTHED), (AFTER, QUIET))
    assert rows(rings)[question].estimate.value == 100
    assert rows(sleeps)[question].estimate.value == 0


def test_without_recordings_there_is_no_figure() -> None:
    for row in rows().values():
        assert math.isnan(row.estimate.value)
        assert row.estimate.n == 0


@pytest.mark.parametrize("count", [2, 50])
def test_more_recordings_narrow_the_interval(count: int) -> None:
    half = [heard("cry", (30, CRY)), heard("cry", (30, QUIET))]
    row = rows(*half * (count // 2))["crying found"]
    assert row.estimate.value == 50
    assert row.estimate.high - row.estimate.low == pytest.approx(2 * 1.96 * 50 / count**0.5, abs=100 / count)

"""The pipeline with a scripted classifier: output and order, for any blocks."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.detection.decision import Decision
from edge.detection.pipeline import Pipeline
from edge.records import SAMPLE_RATE, AudioBlock, Event, LogMel, Scores
from tests.support.fakes import blocks, crying_between, decision, pipeline


def heard(road: Pipeline, *streams: tuple[float, float]) -> list[Scores | Event]:
    """Return all output for streams of (start, seconds)."""
    return [
        each
        for start_s, seconds in streams
        for block in blocks(seconds, start_s=start_s, lost_before=1 if start_s else 0)
        for each in road.push(block)
    ]


def test_scores_every_hop_and_each_event_right_after_its_scores() -> None:
    everything = heard(pipeline(crying_between(10, 20)), (0, 60))
    scores = [each.end_s for each in everything if isinstance(each, Scores)]
    assert scores == [float(second) for second in range(5, 61)]
    events = [
        (before.end_s, event.kind.value, event.at_s)
        for before, event in pairwise(everything)
        if isinstance(event, Event) and isinstance(before, Scores)
    ]
    assert events == [(12.0, "cry_started", 12.0), (50.0, "cry_ended", 50.0)]


def test_the_hop_is_that_of_the_settings() -> None:
    class Hears:
        def __init__(self) -> None:
            self.hops: list[tuple[int, int]] = []

        def push(self, log_mel: LogMel) -> None:
            self.hops.append((log_mel.end_sample, len(log_mel.values)))

    classifier = Hears()
    road = Pipeline(classifier, decision(), hop_samples=8_000)
    assert heard(road, (0, 2)) == []
    assert classifier.hops == [(8_000, 32), (16_000, 32), (24_000, 32), (32_000, 32)]


def test_lost_seconds_do_not_shift_time() -> None:
    """After a gap of half a minute, a cry has its correct time."""
    everything = heard(pipeline(crying_between(50, 60)), (0, 10), (40, 25))
    scores = [each.end_s for each in everything if isinstance(each, Scores)]
    assert scores == [*range(5, 11), *range(41, 66)]
    assert [(each.kind.value, each.at_s) for each in everything if isinstance(each, Event)] == [("cry_started", 52.0)]


@given(st.lists(st.integers(1, 40_000), min_size=1, max_size=30))
@settings(deadline=None)
def test_blocks_of_any_size_give_the_same_output(lengths: list[int]) -> None:
    def said(edges: list[int]) -> list[Scores | Event]:
        road = pipeline(crying_between(6, 12))
        return [each for start, end in pairwise(edges) for each in road.push(AudioBlock(noise[start:end], start))]

    edges = np.cumsum([0, *lengths]).tolist()
    noise = np.random.default_rng(0).normal(0, 0.01, edges[-1]).astype(np.float32)
    assert said(edges) == said([0, edges[-1]])


def test_scores_come_with_the_block_that_completes_them() -> None:
    """The pipeline delays no scores: the block with their last sample returns them."""
    road = pipeline(crying_between(0, 0))
    silence = np.zeros(5 * SAMPLE_RATE - 1, np.float32)
    assert list(road.push(AudioBlock(silence, 0))) == []
    (scores,) = road.push(AudioBlock(silence[:1], len(silence)))
    assert isinstance(scores, Scores)
    assert scores.end_s == 5.0
    assert scores.level_dbfs == pytest.approx(-120)


def test_the_decision_state_is_public() -> None:
    decides: Decision = decision()
    road = pipeline(crying_between(5, 30), decides)
    heard(road, (0, 20))
    assert decides.state == "crying"
    assert decides.episode_id == "a"

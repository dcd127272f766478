"""Hops: for any blocks, every sample appears once at its position, and gaps keep the time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.detection.windows import HopFramer
from edge.records import HOP_STEP_SAMPLES, SAMPLE_RATE, WINDOW_SAMPLES, AudioBlock, Hop

RNG = np.random.default_rng(0)
SIGNAL = RNG.uniform(0.1, 1.0, 40 * SAMPLE_RATE).astype(np.float32)
"""Nowhere zero, so that filled gaps can be told from sound."""

HOP_SAMPLES = st.integers(1, WINDOW_SAMPLES // HOP_STEP_SAMPLES).map(lambda steps: steps * HOP_STEP_SAMPLES)


def frame(blocks: list[tuple[int, int]], hop_samples: int = SAMPLE_RATE) -> list[Hop]:
    """Return the hops of a stream with blocks of the samples start..end of SIGNAL, and gaps in between."""
    cutter = HopFramer(hop_samples)
    return [hop for start, end in blocks for hop in cutter.push(AudioBlock(SIGNAL[start:end], start))]


@st.composite
def streams(draw: st.DrawFn, longest_gap: int) -> list[tuple[int, int]]:
    """Strategy: blocks of 0 to 1.5 s, some with a gap before."""
    blocks, position = [], 0
    for _ in range(draw(st.integers(1, 12))):
        start = position + draw(st.one_of(st.just(0), st.integers(0, longest_gap)))
        position = start + draw(st.integers(0, 24_000))
        blocks.append((start, position))
    return blocks


@given(streams(longest_gap=0), HOP_SAMPLES)
def test_no_sample_is_lost_or_doubled(blocks: list[tuple[int, int]], hop_samples: int) -> None:
    hops = frame(blocks, hop_samples)
    heard = np.concatenate([np.zeros(0, np.float32), *(hop.samples for hop in hops)])
    assert np.array_equal(heard, SIGNAL[: len(heard)])
    assert 0 <= blocks[-1][1] - len(heard) < hop_samples
    assert [hop.end_sample for hop in hops] == [hop_samples * (index + 1) for index in range(len(hops))]


@given(streams(longest_gap=SAMPLE_RATE), HOP_SAMPLES)
def test_gaps_become_silence_of_their_length(blocks: list[tuple[int, int]], hop_samples: int) -> None:
    expected = np.zeros(blocks[-1][1], np.float32)
    for start, end in blocks:
        expected[start:end] = SIGNAL[start:end]
    for hop in frame(blocks, hop_samples):
        assert np.array_equal(hop.samples, expected[hop.end_sample - hop_samples : hop.end_sample])


@given(streams(longest_gap=2 * WINDOW_SAMPLES), HOP_SAMPLES)
def test_times_are_correct_after_any_loss(blocks: list[tuple[int, int]], hop_samples: int) -> None:
    ends = [0]
    for hop in frame(blocks, hop_samples):
        assert len(hop.samples) == hop_samples
        assert hop.end_sample >= ends[-1] + hop_samples
        ends.append(hop.end_sample)
        heard = np.flatnonzero(hop.samples)
        assert np.array_equal(hop.samples[heard], SIGNAL[hop.end_sample - hop_samples + heard])


def test_a_gap_of_a_window_is_filled() -> None:
    hops = frame([(0, 8_000), (8_000 + WINDOW_SAMPLES, 16_000 + WINDOW_SAMPLES)])
    assert [hop.end_sample for hop in hops] == [SAMPLE_RATE * (index + 1) for index in range(6)]
    assert not hops[2].samples.any()


def test_a_longer_gap_jumps_and_drops_the_pending_hop() -> None:
    start = 8_000 + WINDOW_SAMPLES + 1
    (hop,) = frame([(0, 8_000), (start, start + SAMPLE_RATE)])
    assert hop.end_sample == start + SAMPLE_RATE
    assert np.array_equal(hop.samples, SIGNAL[start : start + SAMPLE_RATE])


def test_hops_are_read_only() -> None:
    (hop,) = frame([(0, SAMPLE_RATE)])
    with pytest.raises(ValueError, match="read-only"):
        hop.samples[0] = 0


def test_a_block_from_the_past_is_rejected() -> None:
    with pytest.raises(ValueError, match="block starts at sample 50, before the stream position 100"):
        frame([(0, 100), (50, 150)])


@pytest.mark.parametrize("hop_samples", [0, -4_000, 3_999, 10_000, 84_000])
def test_a_hop_is_a_multiple_of_steps_up_to_a_window(hop_samples: int) -> None:
    with pytest.raises(ValueError, match=rf"hop_samples must be a multiple of 4000 up to 80000, is {hop_samples}"):
        HopFramer(hop_samples)

"""Liveness: statistics and times of blocks in, health for the parents out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.audio.liveness import BlockStatistics, Liveness, LivenessUpdate
from edge.records import MicrophoneHealth, MicrophoneState

SOUND = BlockStatistics(low=-0.1, high=0.2, clipped_share=0.0)
ZEROS = BlockStatistics(low=0.0, high=0.0, clipped_share=0.0)
ONE_VALUE = BlockStatistics(low=0.25, high=0.25, clipped_share=0.0)
OVERDRIVEN = BlockStatistics(low=-1.0, high=1.0, clipped_share=0.3)
DEAF = {
    MicrophoneState.SILENT: ZEROS,
    MicrophoneState.STUCK: ONE_VALUE,
    MicrophoneState.CLIPPING: OVERDRIVEN,
}


class Bench:
    """A liveness with ten blocks a second, and its reports with their times."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.liveness = Liveness(no_frames_s=4.0, deaf_s=9.0, reopen_silent_s=60.0)
        self.liveness.on_opened(self.now_s)
        self.reports: list[tuple[float, MicrophoneState]] = []
        self.reopened_s: list[float] = []

    def feed(self, seconds: float, block: BlockStatistics | None) -> None:
        for _ in range(round(seconds * 10)):
            self.now_s += 0.1
            step = (
                self.liveness.on_timeout(self.now_s) if block is None else self.liveness.on_frames(block, 0, self.now_s)
            )
            self._note(step)

    def fail(self, seconds: float, state: MicrophoneState) -> None:
        for _ in range(round(seconds * 10)):
            self.now_s += 0.1
            self._note(self.liveness.on_open_failed(state, "unplugged", self.now_s))

    def changes(self) -> list[MicrophoneState]:
        states = [state for _, state in self.reports]
        return [state for index, state in enumerate(states) if index == 0 or state is not states[index - 1]]

    def _note(self, step: LivenessUpdate) -> None:
        if step.report is not None:
            self.reports.append((round(self.now_s - 1000.0, 1), step.report.state))
        if step.reopen:
            self.reopened_s.append(round(self.now_s - 1000.0, 1))
            self.liveness.on_opened(self.now_s)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_the_first_frames_are_reported_as_listening_once(bench: Bench) -> None:
    bench.feed(30, SOUND)

    assert bench.reports == [(0.1, MicrophoneState.LISTENING)]
    assert bench.reopened_s == []


@pytest.mark.parametrize("state", DEAF)
def test_a_deaf_microphone_is_reported_within_ten_seconds(bench: Bench, state: MicrophoneState) -> None:
    bench.feed(5, SOUND)
    bench.feed(20, DEAF[state])

    at_s, found = bench.reports[-1]
    assert found is state
    assert 5 + 9 <= at_s <= 5 + 10
    assert bench.liveness.state is state


@pytest.mark.parametrize("state", DEAF)
def test_sound_ends_deafness_at_once(bench: Bench, state: MicrophoneState) -> None:
    bench.feed(15, DEAF[state])
    bench.feed(0.1, SOUND)

    assert bench.reports[-1] == (15.1, MicrophoneState.LISTENING)


@pytest.mark.parametrize("block", DEAF.values())
def test_a_deaf_moment_is_not_reported(bench: Bench, block: BlockStatistics) -> None:
    for _ in range(10):
        bench.feed(8.9, block)
        bench.feed(0.1, SOUND)

    assert bench.changes() == [MicrophoneState.LISTENING]


def test_one_kind_of_deafness_can_follow_another(bench: Bench) -> None:
    bench.feed(12, ZEROS)
    bench.feed(12, ONE_VALUE)

    assert bench.changes() == [MicrophoneState.LISTENING, MicrophoneState.SILENT, MicrophoneState.STUCK]


def test_a_silent_device_is_opened_again_at_intervals(bench: Bench) -> None:
    bench.feed(200, ZEROS)

    assert bench.reopened_s == pytest.approx([60, 120, 180], abs=0.5)
    assert len(bench.changes()) == 2  # opening again is not reported


def test_a_stuck_device_is_opened_again_at_once(bench: Bench) -> None:
    bench.feed(20, SOUND)
    bench.feed(30, ONE_VALUE)

    assert bench.reopened_s == pytest.approx([29, 38, 47], abs=0.5)
    assert len(bench.changes()) == 2


def test_an_overdriven_device_stays_open(bench: Bench) -> None:
    bench.feed(200, OVERDRIVEN)

    assert bench.reopened_s == []


def test_a_dead_stream_is_reported_and_opened_again(bench: Bench) -> None:
    bench.feed(5, SOUND)
    bench.feed(9, None)
    bench.feed(1, SOUND)

    assert bench.changes() == [MicrophoneState.LISTENING, MicrophoneState.NO_FRAMES, MicrophoneState.LISTENING]
    assert next(at_s for at_s, state in bench.reports if state is MicrophoneState.NO_FRAMES) == pytest.approx(
        9, abs=0.2
    )
    assert bench.reopened_s == pytest.approx([9, 13], abs=0.2)


def test_frames_that_come_after_none_are_listening_even_if_silent(bench: Bench) -> None:
    bench.feed(5, None)
    bench.feed(10, ZEROS)

    assert bench.changes() == [
        MicrophoneState.STARTING,
        MicrophoneState.NO_FRAMES,
        MicrophoneState.LISTENING,
        MicrophoneState.SILENT,
    ]


def test_health_is_reported_every_second_while_no_audio_comes(bench: Bench) -> None:
    bench.feed(30, None)
    bench.fail(30, MicrophoneState.MISSING)

    times_s = [at_s for at_s, _ in bench.reports]
    assert max(np.diff(times_s)) < 1.0
    assert len(times_s) < 90


def test_missing_then_busy_then_back(bench: Bench) -> None:
    bench.feed(1, SOUND)
    bench.fail(3, MicrophoneState.MISSING)
    bench.fail(3, MicrophoneState.BUSY)
    bench.liveness.on_opened(bench.now_s)
    bench.feed(1, SOUND)

    assert bench.changes() == [
        MicrophoneState.LISTENING,
        MicrophoneState.MISSING,
        MicrophoneState.BUSY,
        MicrophoneState.LISTENING,
    ]


def test_lost_samples_add_up() -> None:
    liveness = Liveness(no_frames_s=4.0, deaf_s=9.0, reopen_silent_s=60.0)
    liveness.on_frames(SOUND, 100, 0.0)
    liveness.on_frames(SOUND, 20, 0.1)

    report = liveness.on_open_failed(MicrophoneState.MISSING, "unplugged", 0.2).report

    assert report == MicrophoneHealth(MicrophoneState.MISSING, "unplugged", 120)


@given(
    st.lists(
        st.tuples(st.sampled_from([SOUND, ZEROS, ONE_VALUE, OVERDRIVEN, None]), st.integers(1, 150)),
        max_size=12,
    )
)
def test_ten_bad_seconds_are_always_reported_and_sound_ends_them(history: list[tuple[BlockStatistics, int]]) -> None:
    bench = Bench()
    for block, tenths in history:
        bench.feed(tenths / 10, block)
        if block is SOUND:
            assert bench.liveness.state is MicrophoneState.LISTENING
        elif tenths > 100:
            assert bench.liveness.state is not MicrophoneState.LISTENING


@pytest.mark.parametrize(
    ("samples", "state"),
    [
        (np.zeros(1600), MicrophoneState.SILENT),
        (np.full(1600, -0.5), MicrophoneState.STUCK),
        (np.full(1600, 1.0), MicrophoneState.STUCK),
        (np.where(np.arange(1600) % 2, 2**-15, 0), MicrophoneState.LISTENING),  # one 16-bit step is a very quiet room
        (np.sin(np.arange(1600)), MicrophoneState.LISTENING),
        (np.clip(3 * np.sin(np.arange(1600)), -1, 1), MicrophoneState.CLIPPING),
        (np.ones(1), MicrophoneState.STUCK),
    ],
)
def test_the_state_by_one_block(samples: np.ndarray, state: MicrophoneState) -> None:
    assert BlockStatistics.of(samples.astype(np.float32)).looks_like is state

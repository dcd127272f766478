"""The microphone of a scene: its recording keeps duration and range, and its band does not depend on the label."""

import numpy as np
import pytest

from edge.records import SAMPLE_RATE, FloatArray
from tests.support.recordings import hiss
from training.synthesis.microphone import NIGHT_LEAST_LEVELING, draw_microphone, record_scene


def record(samples: FloatArray, seed: int) -> FloatArray:
    return record_scene(samples, draw_microphone(np.random.default_rng(seed)))


def tone(hz: float) -> FloatArray:
    return np.sin(2 * np.pi * hz * np.arange(SAMPLE_RATE) / SAMPLE_RATE).astype(np.float32)


@pytest.mark.parametrize("seed", range(20))
def test_a_microphone_keeps_time_and_range(seed: int) -> None:
    recorded = record(tone(440) * np.float32(0.9), seed)
    assert recorded.dtype == np.float32
    assert len(recorded) == SAMPLE_RATE
    assert np.abs(recorded).max() <= 1
    np.testing.assert_array_equal(recorded, record(tone(440) * np.float32(0.9), seed))


def test_some_microphones_stop_at_a_phones_band_and_most_do_not() -> None:
    """The band does not depend on the label, so that a model cannot learn that no highs means a baby."""

    def highs(seed: int) -> float:
        spectrum = np.abs(np.fft.rfft(record(hiss(1.0, 0.1), seed))) ** 2
        hz = np.fft.rfftfreq(SAMPLE_RATE, 1 / SAMPLE_RATE)
        return float(spectrum[hz > 4_500].sum() / spectrum.sum())

    dull = np.mean([highs(seed) < 0.01 for seed in range(100)])
    assert 0.1 < dull < 0.5


def test_draws_follow_their_distribution() -> None:
    drawn = [draw_microphone(np.random.default_rng(seed), NIGHT_LEAST_LEVELING) for seed in range(1_000)]
    assert np.mean([each.low_pass_hz is not None for each in drawn]) == pytest.approx(0.4, abs=0.05)
    assert np.mean([each.leveling > 0 for each in drawn]) == pytest.approx(0.2, abs=0.05)
    assert np.mean([each.coarse for each in drawn]) == pytest.approx(0.1, abs=0.03)
    assert np.std([each.color_db for each in drawn]) == pytest.approx(4, abs=0.2)
    assert {each.low_pass_hz for each in drawn} == {None, 3_400, 3_800, 4_000, 5_500, 7_000}
    for values, low, high in (
        ([each.noise_dbfs for each in drawn], -95, -55),
        ([each.high_pass_hz for each in drawn], 20, 200),
        ([each.leveling for each in drawn if each.leveling], NIGHT_LEAST_LEVELING, 0.6),
    ):
        assert low <= min(values) < max(values) <= high
        assert np.mean(values) == pytest.approx((low + high) / 2, abs=0.1 * (high - low))

"""Levels, impulse responses, bands and playing speed of composed sound."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.records import SAMPLE_RATE, FloatArray
from training.synthesis.room_acoustics import (
    active_level,
    at_speed,
    band_limit,
    count_at_speed,
    impulse_response,
    in_room,
    to_level,
)


def tone(hz: float, seconds: float = 1.0) -> FloatArray:
    return np.sin(2 * np.pi * hz * np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE).astype(np.float32)


def db(ratio: float) -> float:
    return 20 * float(np.log10(ratio))


@given(dbfs=st.floats(-60, 0), gain=st.floats(1e-3, 1))
def test_a_sound_comes_to_its_level(dbfs: float, gain: float) -> None:
    sound = to_level(tone(440) * np.float32(gain), dbfs)
    assert db(np.sqrt(np.mean(sound**2))) == pytest.approx(dbfs, abs=0.1)


def test_pauses_do_not_lower_the_active_level() -> None:
    cry = tone(440)
    assert db(active_level(np.concatenate([cry, np.zeros_like(cry)])) / active_level(cry)) == pytest.approx(0, abs=0.1)


def test_silence_stays_silent_and_finite() -> None:
    assert not to_level(np.zeros(SAMPLE_RATE, np.float32), -20).any()
    assert np.isfinite(to_level(np.zeros(10, np.float32), -20)).all()


@given(seed=st.integers(0, 1_000), direct_db=st.floats(-14, 25), rt60_s=st.floats(0.12, 1.0))
def test_a_room_has_its_direct_to_reverberant_ratio(seed: int, direct_db: float, rt60_s: float) -> None:
    response = impulse_response(np.random.default_rng(seed), direct_db, rt60_s)
    direct, tail = response[0], response[1:]
    assert direct == 1
    assert db(1 / np.sqrt(np.sum(tail**2))) == pytest.approx(direct_db, abs=0.1)
    assert not tail[:15].any()  # a wall is at least some decimeters away: 16 samples are 34 cm


def test_sound_dies_away_faster_in_a_dry_room() -> None:
    def late_share(rt60_s: float) -> float:
        response = impulse_response(np.random.default_rng(0), 0.0, rt60_s)[1:]
        return float(np.sum(response[1_600:] ** 2) / np.sum(response**2))

    assert late_share(0.2) < 0.1 < late_share(0.8)


def test_a_room_neither_moves_nor_lengthens_a_sound() -> None:
    click = np.zeros(4_000, np.float32)
    click[1_000] = 1
    reverberant = in_room(click, impulse_response(np.random.default_rng(0), 10.0, 0.4))
    assert len(reverberant) == len(click)
    assert np.abs(reverberant).argmax() == 1_000
    assert np.abs(reverberant[:1_000]).max() < 1e-6


def test_a_band_limit_passes_the_band_and_stops_the_rest() -> None:
    def gain_db(hz: float) -> float:
        return db(active_level(band_limit(tone(hz), 300, 3_400)) / active_level(tone(hz)))

    assert gain_db(1_000) == pytest.approx(0, abs=0.1)
    assert gain_db(300) == pytest.approx(-3, abs=0.2)
    assert gain_db(3_400) == pytest.approx(-3, abs=0.2)
    assert gain_db(75) < -30
    assert gain_db(4_500) < -40


@pytest.mark.parametrize("speed", [0.85, 1.0, 1.2])
def test_faster_is_shorter_and_higher(speed: float) -> None:
    played = at_speed(tone(500), speed)
    assert len(played) == pytest.approx(SAMPLE_RATE / speed, abs=2)
    assert len(played) == count_at_speed(SAMPLE_RATE, speed)
    peak_hz = np.abs(np.fft.rfft(played)).argmax() * SAMPLE_RATE / len(played)
    assert peak_hz == pytest.approx(500 * speed, abs=2)


def test_a_measured_room_sounds_like_its_tail_and_keeps_the_ratio() -> None:
    """Its direct path is replaced, and its tail keeps its shape."""
    measured = np.zeros(8_000, np.float32)
    measured[500] = 0.9
    measured[500 + 3_000] = 0.3
    response = impulse_response(np.random.default_rng(0), 6.0, 0.4, measured)
    assert response[0] == 1
    assert np.flatnonzero(response).tolist() == [0, 3_000]
    assert db(1 / response[3_000]) == pytest.approx(6.0, abs=0.1)
    assert measured[500] == np.float32(0.9)  # the clip itself is not changed

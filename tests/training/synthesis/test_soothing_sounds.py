"""Synthetic soothing sounds have the spectrum of real ones, and are the same for the same seed."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.records import SAMPLE_RATE, FloatArray
from training.synthesis import soothing_sounds
from training.synthesis.room_acoustics import Generator

Sound = Callable[[Generator, float], FloatArray]
SOUNDS: tuple[Sound, ...] = (
    soothing_sounds.humming,
    soothing_sounds.lullaby,
    soothing_sounds.shushing,
    soothing_sounds.patting,
)
SEEDS = range(8)


def share(samples: FloatArray, low_hz: float, high_hz: float) -> float:
    """Share of the energy in a band."""
    power = np.abs(np.fft.rfft(samples)) ** 2
    hz = np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE)
    return float(power[(hz >= low_hz) & (hz < high_hz)].sum() / power.sum())


def centroid_hz(samples: FloatArray) -> float:
    power = np.abs(np.fft.rfft(samples)) ** 2
    return float((np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE) * power).sum() / power.sum())


def loudness(samples: FloatArray) -> FloatArray:
    """RMS of 50 ms pieces."""
    level: FloatArray = np.sqrt(np.mean(samples[: len(samples) // 800 * 800].reshape(-1, 800) ** 2, axis=1))
    return level


@pytest.mark.parametrize("sound", SOUNDS)
def test_each_has_its_length_and_is_the_same_for_the_same_seed(sound: Sound) -> None:
    once, again, other = (sound(np.random.default_rng(seed), 3.25) for seed in (1, 1, 2))
    assert once.shape == (52_000,)
    assert once.dtype == np.float32
    np.testing.assert_array_equal(once, again)
    assert not np.array_equal(once, other)


@pytest.mark.parametrize("seed", SEEDS)
def test_shushing_is_noise_from_2_to_7_khz_in_breaths(seed: int) -> None:
    samples = soothing_sounds.shushing(np.random.default_rng(seed), 8.0)
    assert share(samples, 1_200, 8_000) > 0.9
    assert 2_000 < centroid_hz(samples) < 7_000
    level = loudness(samples)
    assert np.mean(level < 0.05 * level.max()) > 0.05  # it pauses for breath
    assert np.mean(level > 0.2 * level.max()) > 0.3  # and sounds between


@pytest.mark.parametrize("seed", SEEDS)
def test_humming_stays_below_1_khz(seed: int) -> None:
    assert share(soothing_sounds.humming(np.random.default_rng(seed), 8.0), 60, 1_000) > 0.8


def test_a_sung_vowel_has_more_above_1_khz_than_a_hummed_tone() -> None:
    def above(sound: Sound) -> float:
        return float(np.mean([share(sound(np.random.default_rng(seed), 4.0), 1_000, 8_000) for seed in SEEDS]))

    assert above(soothing_sounds.lullaby) > 2 * above(soothing_sounds.humming)


@pytest.mark.parametrize("seed", SEEDS)
def test_patting_is_dull_and_even(seed: int) -> None:
    samples = soothing_sounds.patting(np.random.default_rng(seed), 8.0)
    assert share(samples, 40, 900) > 0.8
    level = loudness(samples)
    thumps = np.sum((level[1:] > 0.3 * level.max()) & (level[:-1] <= 0.3 * level.max()))
    assert 1.2 * 8 < thumps < 3.3 * 8


@pytest.mark.parametrize("seed", SEEDS)
def test_sung_speech_keeps_the_words_loudness_and_takes_the_tune(seed: int) -> None:
    """Vowel-like noise in half-second syllables stays loud in them, and becomes voiced."""
    rng = np.random.default_rng(seed)
    syllables = np.repeat([1.0, 0.0], SAMPLE_RATE // 2)[None].repeat(3, axis=0).ravel()
    speech = (rng.standard_normal(len(syllables)) * syllables).astype(np.float32)
    song = soothing_sounds.set_to_tune(rng, speech)
    assert song.shape == speech.shape
    assert song.dtype == np.float32
    level = loudness(song)
    assert np.mean(level < 0.05 * level.max()) > 0.2
    again = soothing_sounds.set_to_tune(np.random.default_rng(seed + 100), speech)
    assert not np.array_equal(song, again)


@settings(deadline=None)
@given(samples=st.integers(400, 30_000))
def test_a_song_is_as_long_as_its_speech(samples: int) -> None:
    song = soothing_sounds.set_to_tune(np.random.default_rng(0), np.ones(samples, np.float32))
    assert len(song) == samples
    assert np.isfinite(song).all()

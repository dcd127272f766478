"""Physical properties of the synthesized voices."""

import numpy as np
import pytest

from edge.demo import adult, infant, room
from edge.demo.voice import (
    HOP,
    at_full_level,
    concatenate_up_to,
    frames,
    silence,
    still_tract,
    synthesize_breath,
    synthesize_voice,
)
from edge.records import SAMPLE_RATE, FloatArray


def spectrum(samples: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return frequencies in Hz, and the magnitude at each."""
    magnitude = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE).astype(np.float32), magnitude.astype(np.float32)


def bursts_s(samples: FloatArray, floor: float) -> list[float]:
    """Return the lengths in seconds of the runs whose 20 ms peaks exceed the floor."""
    usable = len(samples) // 320 * 320
    loud = np.abs(samples[:usable]).reshape(-1, 320).max(axis=1) > floor
    edges = np.flatnonzero(np.diff(np.concatenate([[False], loud, [False]]).astype(int)))
    return [float(stop - start) * 0.02 for start, stop in edges.reshape(-1, 2)]


def steady(hz: float, seconds: float = 1.0) -> tuple[FloatArray, FloatArray]:
    """Return the spectrum of a voice of constant pitch."""
    count = frames(seconds)
    return spectrum(synthesize_voice(np.full(count, hz, dtype=np.float64), np.ones(count), infant.OPEN_MOUTH, tilt=0.0))


def test_a_voice_has_power_at_the_multiples_of_its_pitch_and_nowhere_else() -> None:
    frequency, magnitude = steady(500)
    near = np.abs(frequency - 500 * np.round(frequency / 500)) < 10
    harmonic = magnitude[near & (frequency > 400)]
    assert (harmonic**2).sum() > 0.999 * (magnitude**2).sum()


def test_the_tract_makes_the_harmonic_at_its_first_formant_the_loudest() -> None:
    frequency, magnitude = steady(550)
    assert frequency[magnitude.argmax()] == pytest.approx(1100, abs=2)


def test_a_formant_is_as_wide_as_it_says() -> None:
    tract = still_tract((1000.0,), (100.0,))
    peak, low, high = tract.gain(np.array([1000.0, 950.0, 1050.0]))
    assert peak == pytest.approx(1000 / 100)
    assert np.array([low, high]) == pytest.approx(peak / np.sqrt(2), rel=0.06)


def test_a_rising_voice_does_not_alias() -> None:
    count = frames(1)
    rising = synthesize_voice(np.linspace(7_000, 9_000, count), np.ones(count), still_tract((), ()), tilt=0.0)
    assert np.abs(rising[-len(rising) // 3 :]).max() < 1e-6


def test_breath_has_its_level_and_the_shape_of_the_tract() -> None:
    breath = synthesize_breath(np.full(frames(2), 0.1), still_tract((), ()), np.random.default_rng(0))
    assert len(breath) == frames(2) * HOP
    assert breath.std() == pytest.approx(0.1, rel=0.1)
    frequency, magnitude = spectrum(
        synthesize_breath(np.ones(frames(2)), still_tract((2_000.0,), (100.0,)), np.random.default_rng(0))
    )
    assert (magnitude[(frequency > 1_900) & (frequency < 2_100)] ** 2).mean() > 20 * (magnitude**2).mean() / 4


@pytest.mark.parametrize("seed", range(3))
def test_a_cry_rises_and_falls_around_its_pitch(seed: int) -> None:
    utterance = infant.Utterance(seconds=1.4, f0_hz=520, tract=infant.OPEN_MOUTH, tilt=0.1)
    melody = utterance.melody(np.random.default_rng(seed))
    assert melody.max() == pytest.approx(520, rel=0.08)
    third = len(melody) // 3
    assert melody[third : 2 * third].mean() > 1.05 * melody[: third // 3].mean()
    assert melody[third : 2 * third].mean() > 1.05 * melody[-third // 3 :].mean()


@pytest.mark.parametrize("seed", range(3))
def test_a_cry_sounds_at_the_pitch_of_its_melody(seed: int) -> None:
    utterance = infant.Utterance(seconds=1.4, f0_hz=520, tract=infant.OPEN_MOUTH, tilt=0.1)
    middle = utterance.synthesize(np.random.default_rng(seed))[8_000:12_000]
    echo = np.fft.irfft(np.abs(np.fft.rfft(middle, 16_384)) ** 2)  # autocorrelation
    lags = np.arange(SAMPLE_RATE // 700, SAMPLE_RATE // 350)
    assert SAMPLE_RATE / lags[echo[lags].argmax()] == pytest.approx(505, rel=0.05)


def test_a_harsh_cry_is_noisier_between_its_harmonics() -> None:
    def between(roughness: float) -> float:
        utterance = infant.Utterance(1.4, 520, infant.OPEN_MOUTH, 0.1, roughness)
        _, magnitude = spectrum(utterance.synthesize(np.random.default_rng(0))[9_000:13_000])
        power = magnitude[magnitude > 0] ** 2
        return float(np.exp(np.log(power).mean()) / power.mean())  # spectral flatness

    assert between(1.0) > 3 * between(0.0)


@pytest.mark.parametrize("seed", range(3))
def test_crying_has_the_rhythm_of_breathing(seed: int) -> None:
    cries = [
        burst
        for burst in bursts_s(infant.synthesize_crying(20, np.random.default_rng(seed)), floor=0.13)
        if burst > 0.1
    ]
    assert 0.6 < min(cries) <= max(cries) < 1.7
    assert 0.5 < len(cries) / 20 < 1.1


@pytest.mark.parametrize("seed", range(3))
def test_fussing_is_short_with_long_pauses(seed: int) -> None:
    whimpers = bursts_s(infant.synthesize_fussing(20, np.random.default_rng(seed)), floor=0.1)
    assert len(whimpers) > 5
    assert max(whimpers) < 0.5
    assert sum(whimpers) < 0.3 * 20


def test_hushing_is_a_hiss_and_speech_is_a_voice() -> None:
    frequency, hush = spectrum(adult.synthesize_hushes(2, np.random.default_rng(0)))
    assert (hush[frequency > 1_500] ** 2).sum() > 0.9 * (hush**2).sum()
    frequency, speech = spectrum(adult.synthesize_phrase(adult.PHRASES[0], np.random.default_rng(0)))
    assert (speech[frequency < 1_500] ** 2).sum() > 0.8 * (speech**2).sum()


@pytest.mark.parametrize("phrase", adult.PHRASES)
def test_each_phrase_is_a_second_or_two_long(phrase: str) -> None:
    assert 1.0 < len(adult.synthesize_phrase(phrase, np.random.default_rng(1))) / SAMPLE_RATE < 2.5


def test_the_room_decays_by_60_db_in_its_time_and_keeps_the_direct_sound() -> None:
    click = np.zeros(SAMPLE_RATE, dtype=np.float32)
    click[0] = 1
    heard = room.add_reverberation(click, -8, np.random.default_rng(0))
    assert len(heard) == len(click)
    assert heard[0] == pytest.approx(1, abs=1e-5)
    tail = heard[1:].astype(np.float64) ** 2
    assert 10 * np.log10(tail.sum()) == pytest.approx(-8, abs=0.5)
    early, late = (tail[at : at + 800].sum() for at in (800, 800 + round(room.DECAY_S / 2 * SAMPLE_RATE)))
    assert 10 * np.log10(early / late) == pytest.approx(30, abs=2)


def test_the_room_tone_has_the_level_asked_for() -> None:
    assert room.room_tone(SAMPLE_RATE, 0.001, np.random.default_rng(0)).std() == pytest.approx(0.001, rel=0.01)


def test_only_sounds_that_fit_are_concatenated() -> None:
    assert len(concatenate_up_to(2.5, [silence(1), silence(1), silence(1)])) == 2 * SAMPLE_RATE


def test_full_level_is_one() -> None:
    assert np.abs(at_full_level(np.array([0.1, -0.4], dtype=np.float32))).max() == 1

"""The microphone of a night: its recording does not depend on the pieces in which it receives the sound."""

import numpy as np
import pytest

from edge.records import SAMPLE_RATE, FloatArray
from training.synthesis.microphone import NIGHT_LEAST_LEVELING, NOISY_DBFS, Microphone, NightMicrophone, draw_microphone


def sound(seconds: float, dbfs: float) -> FloatArray:
    samples = np.random.default_rng(0).standard_normal(round(seconds * SAMPLE_RATE)) * 10 ** (dbfs / 20)
    return samples.astype(np.float32)


def draw(seed: int) -> Microphone:
    return draw_microphone(np.random.default_rng(seed), NIGHT_LEAST_LEVELING)


def open_microphone(seed: int) -> NightMicrophone:
    return NightMicrophone(draw(seed))


def level_db(samples: FloatArray) -> float:
    return 10 * float(np.log10(np.mean(np.square(samples, dtype=np.float64))))


@pytest.mark.parametrize("seed", range(12))
def test_pieces_equal_the_whole(seed: int) -> None:
    heard = sound(3, -30)
    whole = open_microphone(seed).push(heard)
    microphone = open_microphone(seed)
    pieces = np.concatenate([microphone.push(piece) for piece in np.split(heard, [100, 101, 20_000, 40_007])])
    assert pieces.dtype == np.float32
    assert len(pieces) == len(heard)
    step = 2 * np.log(256) / 127  # where rounding tips, mu-law's coarsest step
    assert np.abs(pieces - whole).max() < step
    assert np.mean(np.abs(pieces - whole) > 1e-4) < 1e-3


def test_microphones_differ_and_seeds_do_not() -> None:
    heard = sound(1, -20)
    first, again, other = (open_microphone(seed).push(heard) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0.01


@pytest.mark.parametrize("seed", range(12))
def test_a_quiet_room_is_never_digital_silence_and_a_loud_one_never_over(seed: int) -> None:
    microphone = open_microphone(seed)
    assert np.abs(microphone.push(sound(1, 10))).max() <= 1
    microphone.push(np.zeros(SAMPLE_RATE, np.float32))
    assert level_db(microphone.push(np.zeros(SAMPLE_RATE, np.float32))) > -105


def test_the_color_is_gentle() -> None:
    """Noise keeps about its level."""
    changes = [level_db(open_microphone(seed).push(sound(2, -25))) + 25 for seed in range(40)]
    assert abs(float(np.median(changes))) < 4


def test_the_response_describes_the_recorded_sound() -> None:
    """The upper end of the band and the noise level are measured on the recorded sound."""
    seen = set()
    for seed in range(40):
        microphone = open_microphone(seed)
        band, *others = draw(seed).response
        seen |= {"full" if band == "full band" else "cut", *others}
        hiss = microphone.push(np.zeros(2 * SAMPLE_RATE, np.float32))
        if "automatic gain" not in others and "coarse" not in others:
            assert (level_db(hiss) > NOISY_DBFS) == ("noisy" in others)
        spectrum = np.abs(np.fft.rfft(open_microphone(seed).push(sound(2, -25))))
        highs_db = 20 * np.log10(spectrum[15_000:].mean() / spectrum[1_000:6_000].mean())  # 7.5 to 8, 0.5 to 3 kHz
        if band != "full band":
            assert highs_db < (-2 if band == "up to 7 kHz" else -12)
    assert seen == {"full", "cut", "noisy", "automatic gain", "coarse"}

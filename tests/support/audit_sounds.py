"""Sounds to plant errors among, and what recorders, editors and codecs do to them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile
import soxr

from edge.demo import adult, infant
from edge.records import SAMPLE_RATE, FloatArray
from training.synthesis.room_acoustics import Generator, band_limit


def crying(rng: Generator) -> FloatArray:
    return infant.synthesize_crying(4.0, rng)


def talking(rng: Generator) -> FloatArray:
    return adult.synthesize_phrase(adult.PHRASES[int(rng.integers(len(adult.PHRASES)))], rng)


def rustling(rng: Generator) -> FloatArray:
    """Bursts of noise, no two alike."""
    noise = rng.standard_normal(4 * SAMPLE_RATE).astype(np.float32)
    return band_limit(noise, 50, 6_000) * rng.random(16).repeat(SAMPLE_RATE // 4).astype(np.float32)


VOICES: tuple[Callable[[Generator], FloatArray], ...] = (crying, talking, rustling)


def voice(number: int, seed: int) -> FloatArray:
    """At a level of its own, in a room's faint noise."""
    rng = np.random.default_rng([seed, number])
    samples = VOICES[number % len(VOICES)](rng)
    samples = samples * np.float32(rng.uniform(0.1, 0.6) / np.abs(samples).max())
    return samples + rng.normal(0, 2e-4, len(samples)).astype(np.float32)


def quieter(samples: FloatArray) -> FloatArray:
    return samples * np.float32(0.05)


def upside_down(samples: FloatArray) -> FloatArray:
    return -samples


def through_a_telephone(samples: FloatArray) -> FloatArray:
    """8 kHz and back."""
    narrow = soxr.resample(band_limit(samples, 200, 3_700), SAMPLE_RATE, 8_000)
    return np.asarray(soxr.resample(narrow, 8_000, SAMPLE_RATE), np.float32)


def cut_out(samples: FloatArray) -> FloatArray:
    """1.7 s from the middle, at no whole frame."""
    return samples[SAMPLE_RATE + 77 : SAMPLE_RATE + 77 + round(1.7 * SAMPLE_RATE)]


def later(samples: FloatArray) -> FloatArray:
    """After silence, and with noise of its own."""
    noise = np.random.default_rng(5).normal(0, 0.003, len(samples) + 9_001).astype(np.float32)
    return np.pad(samples, (9_001, 0)) + noise


def brighter(samples: FloatArray) -> FloatArray:
    """Equalized: another color of sound."""
    return np.append(samples[0], samples[1:] - np.float32(0.9) * samples[:-1]).astype(np.float32)


DISGUISES = (quieter, upside_down, through_a_telephone, cut_out, later, brighter)


def write(path: Path, samples: FloatArray) -> Path:
    """As the suffix says: ``.ogg`` loses what Vorbis loses."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples.clip(-1, 1), SAMPLE_RATE)
    return path

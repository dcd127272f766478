"""The infant: crying and fussing.

Figures: a cry lasts 1.4 +- 0.6 s with f0 496 +- 95 Hz, peak 583 +- 151 Hz, and a rising-falling melody (Michelsson
et al. 2002, doi 10.1159/000063190). The tract is a tube of about 7.8 cm, closed at the glottis and open at the
lips; it resonates at odd quarter waves, (2n - 1) * 343 m/s / (4 * 0.078 m) = 1.1, 3.3 and 5.5 kHz.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from edge.demo.voice import (
    Track,
    Tract,
    at_full_level,
    curve,
    frames,
    noisy,
    silence,
    still_tract,
    up_to,
    voiced,
    wander,
)
from edge.records import FloatArray

OPEN_MOUTH = still_tract((1100.0, 3300.0, 5500.0), (260.0, 450.0, 700.0))
HALF_CLOSED = still_tract((900.0, 2900.0, 5200.0), (300.0, 600.0, 900.0))
"""A whimper's mouth: lower, duller resonances."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """How one breath's voice sounds."""

    seconds: float
    f0_hz: float
    """Peak of the melody, which rises to it and falls."""
    tract: Tract
    tilt: float
    """Spectral tilt of the source, see ``voiced``."""
    roughness: float = 0.0
    """0 clear (phonation) .. 1 harsh (dysphonation): noise, jitter and a subharmonic."""

    def melody(self, rng: np.random.Generator) -> Track:
        """f0 [frames], Hz: up in the first third, held, then down; with drift and jitter."""
        count = frames(self.seconds)
        start, end = rng.uniform(0.70, 0.82), rng.uniform(0.66, 0.78)
        shape = curve(count, (0, start), (0.18, 0.96), (0.35, 1), (0.75, 0.93), (1, end))
        drift = 0.012 * wander(count, 24, rng) + (0.006 + 0.02 * self.roughness) * wander(count, 2, rng)
        return self.f0_hz * shape * (1 + drift)

    def samples(self, rng: np.random.Generator) -> FloatArray:
        """float32 [n], loudest about 1."""
        f0_hz = self.melody(rng)
        count = len(f0_hz)
        envelope = curve(count, (0, 0), (0.03, 0.7), (0.3, 1), (0.85, 0.8), (0.96, 0.4), (1, 0))
        envelope = envelope * (1 + 0.08 * wander(count, 3, rng))  # shimmer
        # Harshness comes and goes within a cry: strongest in the middle, where the effort is.
        rough = self.roughness * curve(count, (0, 0), (0.25, 0.3), (0.45, 1), (0.65, 1), (0.8, 0.2), (1, 0))
        mix = voiced(f0_hz, envelope * (1 - 0.4 * rough), self.tract, self.tilt)
        mix = mix + voiced(f0_hz / 2, 0.35 * envelope * rough, self.tract, self.tilt)
        mix = mix + noisy(envelope * (0.12 + 0.7 * rough), self.tract, rng)
        return at_full_level(mix)


def inspiration(seconds: float, rng: np.random.Generator) -> FloatArray:
    """The gasp between two cries: breath noise, loudest about 1."""
    loudness = curve(frames(seconds), (0, 0), (0.3, 1), (0.8, 0.7), (1, 0))
    return at_full_level(noisy(loudness, OPEN_MOUTH, rng, lowest_hz=700.0))


def crying(seconds: float, rng: np.random.Generator, pause_s: tuple[float, float] = (0.03, 0.1)) -> FloatArray:
    """Cries at breath rhythm, up to ``seconds``: cry, gasp, pause of that range; one cry in three is harsh."""

    def breaths() -> Iterator[FloatArray]:
        while True:
            utterance = Utterance(
                seconds=rng.uniform(0.8, 1.6),
                f0_hz=rng.uniform(470.0, 590.0),
                tract=OPEN_MOUTH,
                tilt=rng.uniform(0.0, 0.2),
                roughness=rng.uniform(0.6, 1.0) if rng.random() < 1 / 3 else rng.uniform(0.0, 0.2),
            )
            cry = utterance.samples(rng) * rng.uniform(0.75, 1.0)
            gasp = inspiration(rng.uniform(0.18, 0.3), rng) * 0.12
            yield np.concatenate([cry, silence(rng.uniform(0.03, 0.08)), gasp, silence(rng.uniform(*pause_s))])

    return up_to(seconds, breaths())


def fussing(seconds: float, rng: np.random.Generator) -> FloatArray:
    """A few short, weak whimpers with long pauses, up to ``seconds``."""

    def whimpers() -> Iterator[FloatArray]:
        while True:
            utterance = Utterance(
                seconds=rng.uniform(0.2, 0.45),
                f0_hz=rng.uniform(360.0, 440.0),
                tract=HALF_CLOSED,
                tilt=0.6,
                roughness=0.2,
            )
            whimper = utterance.samples(rng) * rng.uniform(0.6, 1.0)
            yield np.concatenate([whimper, silence(rng.uniform(0.9, 1.8))])

    return up_to(seconds, whimpers())

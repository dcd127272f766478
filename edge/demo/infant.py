"""Synthesis of an infant that cries and fusses.

A cry lasts 1.4 +- 0.6 s with f0 496 +- 95 Hz, peak 583 +- 151 Hz, and a rising-falling melody (Michelsson
et al. 2002, doi 10.1159/000063190). The vocal tract is a tube of about 7.8 cm, closed at the glottis and open
at the lips. It resonates at odd quarter waves, (2n - 1) * 343 m/s / (4 * 0.078 m) = 1.1, 3.3 and 5.5 kHz.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from edge.demo.voice import (
    Track,
    Tract,
    at_full_level,
    concatenate_up_to,
    curve,
    frames,
    silence,
    still_tract,
    synthesize_breath,
    synthesize_voice,
    wander,
)
from edge.records import FloatArray

OPEN_MOUTH = still_tract((1100.0, 3300.0, 5500.0), (260.0, 450.0, 700.0))
HALF_CLOSED = still_tract((900.0, 2900.0, 5200.0), (300.0, 600.0, 900.0))
"""Tract of a whimper, with lower and weaker resonances."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """Parameters of the voice of one breath."""

    seconds: float
    f0_hz: float
    """Peak of the melody, Hz."""
    tract: Tract
    tilt: float
    """Spectral tilt of the source, see ``synthesize_voice``."""
    roughness: float = 0.0
    """Noise, jitter and a subharmonic: 0 is clear (phonation), 1 is harsh (dysphonation)."""

    def melody(self, rng: np.random.Generator) -> Track:
        """Return f0 [frames], Hz: it rises in the first third, stays and falls, with drift and jitter."""
        count = frames(self.seconds)
        start, end = rng.uniform(0.70, 0.82), rng.uniform(0.66, 0.78)
        shape = curve(count, (0, start), (0.18, 0.96), (0.35, 1), (0.75, 0.93), (1, end))
        drift = 0.012 * wander(count, 24, rng) + (0.006 + 0.02 * self.roughness) * wander(count, 2, rng)
        return self.f0_hz * shape * (1 + drift)

    def synthesize(self, rng: np.random.Generator) -> FloatArray:
        """Return the sound, float32 [n], with a peak of 1."""
        f0_hz = self.melody(rng)
        count = len(f0_hz)
        envelope = curve(count, (0, 0), (0.03, 0.7), (0.3, 1), (0.85, 0.8), (0.96, 0.4), (1, 0))
        envelope = envelope * (1 + 0.08 * wander(count, 3, rng))  # shimmer
        # Harshness is strongest in the middle of a cry, where the effort is.
        rough = self.roughness * curve(count, (0, 0), (0.25, 0.3), (0.45, 1), (0.65, 1), (0.8, 0.2), (1, 0))
        mix = synthesize_voice(f0_hz, envelope * (1 - 0.4 * rough), self.tract, self.tilt)
        mix = mix + synthesize_voice(f0_hz / 2, 0.35 * envelope * rough, self.tract, self.tilt)
        mix = mix + synthesize_breath(envelope * (0.12 + 0.7 * rough), self.tract, rng)
        return at_full_level(mix)


def synthesize_gasp(seconds: float, rng: np.random.Generator) -> FloatArray:
    """Return the breath noise between two cries, float32 [n], with a peak of 1."""
    loudness = curve(frames(seconds), (0, 0), (0.3, 1), (0.8, 0.7), (1, 0))
    return at_full_level(synthesize_breath(loudness, OPEN_MOUTH, rng, lowest_hz=700.0))


def synthesize_crying(
    seconds: float, rng: np.random.Generator, pause_s: tuple[float, float] = (0.03, 0.1)
) -> FloatArray:
    """Return cry, gasp and pause in turn, at most ``seconds`` long, float32 [n]; one cry in three is harsh.

    ``pause_s`` is the range of the pause.
    """

    def breaths() -> Iterator[FloatArray]:
        while True:
            utterance = Utterance(
                seconds=rng.uniform(0.8, 1.6),
                f0_hz=rng.uniform(470.0, 590.0),
                tract=OPEN_MOUTH,
                tilt=rng.uniform(0.0, 0.2),
                roughness=rng.uniform(0.6, 1.0) if rng.random() < 1 / 3 else rng.uniform(0.0, 0.2),
            )
            cry = utterance.synthesize(rng) * rng.uniform(0.75, 1.0)
            gasp = synthesize_gasp(rng.uniform(0.18, 0.3), rng) * 0.12
            yield np.concatenate([cry, silence(rng.uniform(0.03, 0.08)), gasp, silence(rng.uniform(*pause_s))])

    return concatenate_up_to(seconds, breaths())


def synthesize_fussing(seconds: float, rng: np.random.Generator) -> FloatArray:
    """Return short, weak whimpers with long pauses, at most ``seconds`` long, float32 [n]."""

    def whimpers() -> Iterator[FloatArray]:
        while True:
            utterance = Utterance(
                seconds=rng.uniform(0.2, 0.45),
                f0_hz=rng.uniform(360.0, 440.0),
                tract=HALF_CLOSED,
                tilt=0.6,
                roughness=0.2,
            )
            whimper = utterance.synthesize(rng) * rng.uniform(0.6, 1.0)
            yield np.concatenate([whimper, silence(rng.uniform(0.9, 1.8))])

    return concatenate_up_to(seconds, whimpers())

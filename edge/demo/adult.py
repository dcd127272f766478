"""Synthesis of an adult who hushes and speaks to the baby.

Vowels are the averages of 28 women (Peterson and Barney 1952, doi 10.1121/1.1906875). The pitch moves as widely as
speech to infants does, a rise and a long fall in each phrase (Fernald and Simon 1984, doi 10.1037/0012-1649.20.1.104).
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

VOWELS_HZ = {
    "iy": (310.0, 2790.0, 3310.0),
    "ih": (430.0, 2480.0, 3070.0),
    "eh": (610.0, 2330.0, 2990.0),
    "ae": (860.0, 2050.0, 2850.0),
    "aa": (850.0, 1220.0, 2810.0),
    "ao": (590.0, 920.0, 2710.0),
    "uh": (470.0, 1160.0, 2680.0),
    "uw": (370.0, 950.0, 2670.0),
    "ah": (760.0, 1400.0, 2780.0),
}
"""First three formants, Hz, by ARPAbet name (beat, bit, bet, bat, father, bought, book, boot, but)."""
NASAL_HZ = (270.0, 1300.0, 2500.0)
"""Formants of m and n: a low first one and little above it."""
HIGH_FORMANTS_HZ = (4200.0, 5400.0)
BANDWIDTHS_HZ = (70.0, 100.0, 140.0, 250.0, 350.0)

CONSONANTS_S = {"": 0.02, "t": 0.07, "s": 0.10, "m": 0.08, "n": 0.08}
"""Duration of each before its vowel, seconds."""

PHRASES = ("tah mih naa miy teh", "sao sao maa iy tuw", "tae teh nao taa iy", "siy mah tiy sih uh")
"""Phrases of meaningless syllables, each a vowel with or without a consonant before it."""

HUSH = still_tract((2600.0, 4200.0, 6000.0), (1400.0, 1800.0, 2200.0))
HUSH_LEVEL = 0.4
HISS = still_tract((5000.0, 6800.0), (1500.0, 1800.0))
HISS_LEVEL = 0.02
"""Level of s and t relative to a vowel's peak of 1; the resonances of HISS raise it about tenfold."""


def synthesize_hushes(times: int, rng: np.random.Generator) -> FloatArray:
    """Return a number of hushes ("shh"), float32 [n], with a peak of 1 each."""
    pieces: list[FloatArray] = []
    for _ in range(times):
        loudness = curve(frames(rng.uniform(0.5, 0.8)), (0, 0), (0.15, 1), (0.6, 0.8), (1, 0))
        pieces += [
            at_full_level(synthesize_breath(loudness, HUSH, rng, lowest_hz=1800.0)),
            silence(rng.uniform(0.12, 0.25)),
        ]
    return np.concatenate(pieces)


@dataclass(frozen=True, slots=True)
class _Articulation:
    """Control tracks of mouth and glottis for a phrase."""

    formants_hz: Track
    """float64 [3, frames]."""
    voice: Track
    """Loudness of the glottis, float64 [frames]."""
    hiss: Track
    """Loudness of the breath at the teeth, float64 [frames]."""


def _articulate(phrase: str, rng: np.random.Generator) -> _Articulation:
    shapes: list[tuple[float, ...]] = []
    voice: list[float] = []
    hiss: list[float] = []
    syllables = phrase.split()
    for position, syllable in enumerate(syllables, start=1):
        consonant, vowel = syllable[:-2], VOWELS_HZ[syllable[-2:]]
        before = frames(CONSONANTS_S[consonant])
        length = frames(rng.uniform(0.35, 0.5) if position == len(syllables) else rng.uniform(0.16, 0.26))
        burst = {"s": before, "t": 3}.get(consonant, 0)  # s hisses all the time, t at its release
        shapes += [NASAL_HZ if consonant in ("m", "n") else vowel] * before + [vowel] * length
        voice += [{"": 0.6, "m": 0.45, "n": 0.45}.get(consonant, 0.0)] * before + [1.0] * length
        hiss += [0.0] * (before - burst) + [1.0] * burst + [0.0] * length
    formants_hz = np.array([_smooth(track, 12) for track in np.array(shapes).T])
    return _Articulation(formants_hz, _smooth(np.array(voice), 8), _smooth(np.array(hiss), 3))


def _smooth(track: Track, width: int) -> Track:
    """Return the track smoothed over ``width`` frames, because a tongue cannot jump."""
    ramp = np.hanning(width + 2)[1:-1]
    return np.convolve(np.pad(track, width, mode="edge"), ramp / ramp.sum(), mode="same")[width:-width]


def synthesize_phrase(phrase: str, rng: np.random.Generator) -> FloatArray:
    """Return one slow phrase in the melody of speech to infants, float32 [n], with a peak of 1."""
    mouth = _articulate(phrase, rng)
    count = len(mouth.voice)
    high = np.repeat(np.array(HIGH_FORMANTS_HZ)[:, None], count, axis=1)
    tract = Tract(np.concatenate([mouth.formants_hz, high]), np.array(BANDWIDTHS_HZ)[:, None])
    melody = curve(count, (0, 190), (0.3, rng.uniform(270, 330)), (0.6, 220), (1, 170))
    f0_hz = melody * (1 + 0.01 * wander(count, 2, rng) + 0.015 * wander(count, 20, rng))
    ends = curve(count, (0, 0), (0.04, 1), (0.85, 0.8), (1, 0))
    loudness = mouth.voice * ends * (1 + 0.05 * wander(count, 3, rng))
    mix = at_full_level(
        synthesize_voice(f0_hz, loudness, tract, tilt=1.0) + synthesize_breath(0.03 * loudness, tract, rng)
    )
    return at_full_level(mix + synthesize_breath(HISS_LEVEL * mouth.hiss, HISS, rng, lowest_hz=3000.0))


def synthesize_soothing(seconds: float, rng: np.random.Generator) -> FloatArray:
    """Return hushes and phrases in turn, with short pauses, at most ``seconds`` long, float32 [n], peaks up to 1."""

    def segments() -> Iterator[FloatArray]:
        while True:
            yield np.concatenate([synthesize_hushes(2, rng) * HUSH_LEVEL, silence(0.2)])
            for phrase in PHRASES:
                yield np.concatenate([synthesize_phrase(phrase, rng), silence(rng.uniform(0.15, 0.35))])

    return concatenate_up_to(seconds, segments())

"""The scene: a quiet room, fussing, crying, an adult who soothes, and quiet again.

All random numbers come from one seed, and each voice has its own stream, so that a change of one part leaves the others
unchanged. If a new model scores the scene differently, adjust the ``Part`` table and the levels below.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import soundfile

from edge.demo import adult, infant, room
from edge.detection.decision_settings import DecisionSettings
from edge.records import SAMPLE_RATE, AudioBlock, FloatArray, read_only

SEED = 3
BLOCK_SAMPLES = SAMPLE_RATE // 10

# Peak levels, full scale 1.
CRY_LEVEL = 0.4
FUSS_LEVEL = 0.04
SOOTHED_CRY_LEVELS = (0.4, 0.2)
"""The cry weakens from the first to the second value during the soothing."""
SOOTHED_PAUSE_S = (0.4, 1.0)
"""Range of the pause between two soothed cries, seconds; longer than unsoothed ones, because the baby listens."""
ADULT_LEVEL = 0.5
AIR_RMS = 0.0008

# Reverberation relative to the direct sound: the crib is further from the microphone than the adult.
CRIB_REVERBERATION_DB = -8.0
ADULT_REVERBERATION_DB = -14.0

LAST_WINDOW_S = 8.0
"""Duration of the last window with a cry and a margin, before the quiet counts that ends an episode."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the scene."""

    name: str
    start_s: float
    end_s: float
    sentence: str
    """Commentary for the terminal."""

    @property
    def seconds(self) -> float:
        """Duration, seconds."""
        return self.end_s - self.start_s


QUIET = Part("quiet", 0.0, 6.0, "The baby sleeps; the room is quiet.")
FUSS = Part("fuss", 6.0, 16.0, "The baby stirs and whimpers a little. That is no reason to call anybody.")
CRY = Part("cry", 16.0, 34.0, "The baby cries and nobody is there. Within 10 s, hushd calls.")
SOOTHE = Part("soothe", 34.0, 48.0, "Somebody has come and speaks to the baby. hushd hears that and stops calling.")
QUIET_AGAIN = Part(
    "quiet again",
    48.0,
    48.0 + LAST_WINDOW_S + DecisionSettings().quiet_s,
    "The baby is quiet. When it has stayed so for a while, the episode is over.",
)


def timeline() -> tuple[Part, ...]:
    """Return the parts in order, without gaps."""
    return QUIET, FUSS, CRY, SOOTHE, QUIET_AGAIN


@cache
def samples() -> FloatArray:
    """Return the scene, float32 [n], 16 kHz mono, read-only; the first call takes about a second."""
    fuss, cry, soothed_cry, soother, air, crib_walls, soother_walls = np.random.default_rng(SEED).spawn(7)
    crib = _silent()
    _add(crib, FUSS, infant.synthesize_fussing(FUSS.seconds, fuss) * FUSS_LEVEL)
    _add(crib, CRY, infant.synthesize_crying(CRY.seconds, cry) * CRY_LEVEL)
    weakening = infant.synthesize_crying(SOOTHE.seconds, soothed_cry, SOOTHED_PAUSE_S)
    _add(crib, SOOTHE, weakening * np.geomspace(*SOOTHED_CRY_LEVELS, len(weakening), dtype=np.float32))
    beside_it = _silent()
    _add(beside_it, SOOTHE, adult.synthesize_soothing(SOOTHE.seconds, soother) * ADULT_LEVEL)
    mix = room.room_tone(len(crib), AIR_RMS, air)
    mix += room.add_reverberation(crib, CRIB_REVERBERATION_DB, crib_walls)
    mix += room.add_reverberation(beside_it, ADULT_REVERBERATION_DB, soother_walls)
    return read_only(mix)


def blocks() -> Iterator[AudioBlock]:
    """Yield the scene in blocks of a tenth of a second, like a microphone."""
    scene = samples()
    for start in range(0, len(scene), BLOCK_SAMPLES):
        yield AudioBlock(scene[start : start + BLOCK_SAMPLES], start)


def write(path: Path) -> None:
    """Save the scene as 16-bit audio in the format of the file name's suffix.

    Raise ValueError if the suffix is not a format that libsndfile writes, such as .mp4, and OSError if the file cannot
    be written.
    """
    encoded = io.BytesIO()  # libsndfile would not report the disk's error
    soundfile.write(encoded, samples(), SAMPLE_RATE, subtype="PCM_16", format=path.suffix.removeprefix("."))
    path.write_bytes(encoded.getvalue())


def _silent() -> FloatArray:
    return np.zeros(round(QUIET_AGAIN.end_s * SAMPLE_RATE), dtype=np.float32)


def _add(track: FloatArray, part: Part, sound: FloatArray) -> None:
    start = round(part.start_s * SAMPLE_RATE)
    track[start : start + len(sound)] += sound

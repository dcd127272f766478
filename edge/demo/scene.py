"""The scene: a quiet room, fussing, crying, somebody who comes, and quiet again.

Everything random comes from one seed and each voice draws from a stream of its own, so changing one part leaves the
others as they were. Figures to turn when a model hears the scene otherwise: the ``Part`` table and the levels below.
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
"""The cry weakens from the first to the second while somebody soothes."""
SOOTHED_PAUSE_S = (0.4, 1.0)
"""The baby stops to listen: shortest and longest pause between two soothed cries."""
ADULT_LEVEL = 0.5
AIR_RMS = 0.0008

# Reverberation against the direct sound: the crib stands further from the microphone than the adult does.
CRIB_REVERBERATION_DB = -8.0
ADULT_REVERBERATION_DB = -14.0

LAST_WORDS_S = 8.0
"""The last window that heard the cry, and a margin, before the quiet that ends an episode begins to count."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the scene."""

    name: str
    start_s: float
    end_s: float
    sentence: str
    """For the person watching."""

    @property
    def seconds(self) -> float:
        """How long it takes."""
        return self.end_s - self.start_s


QUIET = Part("quiet", 0.0, 6.0, "The baby sleeps; the room is quiet.")
FUSS = Part("fuss", 6.0, 16.0, "The baby stirs and whimpers a little. That is no reason to call anybody.")
CRY = Part("cry", 16.0, 34.0, "The baby cries and nobody is there. Within 10 s, hushd calls.")
SOOTHE = Part("soothe", 34.0, 48.0, "Somebody has come and speaks to the baby. hushd hears that and stops calling.")
QUIET_AGAIN = Part(
    "quiet again",
    48.0,
    48.0 + LAST_WORDS_S + DecisionSettings().quiet_s,
    "The baby is quiet. When it has stayed so for a while, the episode is over.",
)


def timeline() -> tuple[Part, ...]:
    """The parts in order, without a gap."""
    return QUIET, FUSS, CRY, SOOTHE, QUIET_AGAIN


@cache
def samples() -> FloatArray:
    """The whole scene: float32 [n], 16 kHz mono, read-only; made in about a second, and then kept."""
    fuss, cry, soothed_cry, soother, air, crib_walls, soother_walls = np.random.default_rng(SEED).spawn(7)
    crib = _silent()
    _lay(crib, FUSS, infant.fussing(FUSS.seconds, fuss) * FUSS_LEVEL)
    _lay(crib, CRY, infant.crying(CRY.seconds, cry) * CRY_LEVEL)
    weakening = infant.crying(SOOTHE.seconds, soothed_cry, SOOTHED_PAUSE_S)
    _lay(crib, SOOTHE, weakening * np.geomspace(*SOOTHED_CRY_LEVELS, len(weakening), dtype=np.float32))
    beside_it = _silent()
    _lay(beside_it, SOOTHE, adult.soothing(SOOTHE.seconds, soother) * ADULT_LEVEL)
    mix = room.air(len(crib), AIR_RMS, air)
    mix += room.reverberant(crib, CRIB_REVERBERATION_DB, crib_walls)
    mix += room.reverberant(beside_it, ADULT_REVERBERATION_DB, soother_walls)
    return read_only(mix)


def blocks() -> Iterator[AudioBlock]:
    """The scene as a microphone would hand it on, a tenth of a second at a time."""
    scene = samples()
    for start in range(0, len(scene), BLOCK_SAMPLES):
        yield AudioBlock(scene[start : start + BLOCK_SAMPLES], start)


def write(path: Path) -> None:
    """Save the scene as 16-bit audio, in the format that the name's ending says."""
    encoded = io.BytesIO()  # libsndfile would not say why a disk refuses
    soundfile.write(encoded, samples(), SAMPLE_RATE, subtype="PCM_16", format=path.suffix.removeprefix("."))
    path.write_bytes(encoded.getvalue())


def _silent() -> FloatArray:
    return np.zeros(round(QUIET_AGAIN.end_s * SAMPLE_RATE), dtype=np.float32)


def _lay(track: FloatArray, part: Part, sound: FloatArray) -> None:
    start = round(part.start_s * SAMPLE_RATE)
    track[start : start + len(sound)] += sound

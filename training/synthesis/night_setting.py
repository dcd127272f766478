"""The setting of a night: its room, its background and its microphone, the same for all events."""

from dataclasses import dataclass

import numpy as np

from edge.records import SAMPLE_RATE, FloatArray
from training.data.manifest import Clip
from training.synthesis.clip_library import ClipLibrary
from training.synthesis.microphone import NIGHT_LEAST_LEVELING, Microphone, draw_microphone
from training.synthesis.room_acoustics import Generator, active_level
from training.synthesis.rooms import Room, draw_room
from training.synthesis.sources import Background, draw_background

BED_S, BED_SEAM_S = 180.0, 1.0
"""Duration of the background's loop, and of the cross-fade from its end to its beginning."""


@dataclass(frozen=True, slots=True, eq=False)
class NightSetting:
    """The parameters that all events of one night share."""

    number: int
    """Of the night."""
    room: Room
    bed: FloatArray
    """The background as a loop, float32 [n]."""
    bed_clip: Clip
    """The recording that it is made of."""
    microphone: Microphone

    @property
    def bed_dbfs(self) -> float:
        """Active level of the background."""
        return float(20 * np.log10(active_level(self.bed)))


def draw_setting(number: int, library: ClipLibrary, rng: Generator) -> NightSetting:
    """Draw a room, one quiet recording as its background, and a microphone."""
    room = draw_room(rng, library)
    background = draw_background(library, rng, room, BED_S, one_clip=True)
    microphone = draw_microphone(rng, NIGHT_LEAST_LEVELING)
    return NightSetting(number, room, _render_loop(background, library), background.clips[0], microphone)


def _render_loop(background: Background, library: ClipLibrary) -> FloatArray:
    seam = round(BED_SEAM_S * SAMPLE_RATE)
    audio = background.render(library).audio
    loop, after = audio[:-seam], audio[-seam:]
    rising = np.linspace(0, 1, seam, dtype=np.float32)
    loop[:seam] = loop[:seam] * rising + after * rising[::-1]
    return loop

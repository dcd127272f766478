"""A night as a stream: the events of a plan, over one background, through one microphone.

At most one event and the gap before it are in memory, about three minutes.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from edge.records import SAMPLE_RATE, FloatArray
from training.synthesis import distributions
from training.synthesis.clip_library import ClipLibrary
from training.synthesis.microphone import NightMicrophone
from training.synthesis.night_events import compose_event
from training.synthesis.night_plan import ADULT_NEAR, TELEVISION, NightEvent, plan_night, split_slots
from training.synthesis.night_setting import NightSetting, draw_setting


@dataclass(frozen=True, slots=True)
class NightRecipe:
    """The parameters of a night, besides the clips."""

    split: str
    seed: int
    number: int
    seconds: float


def list_confusers(library: ClipLibrary) -> list[str]:
    """Return the kinds of confusers that the split has, and the two that are composed of an adult's sounds."""
    return [*sorted(kind for kind in distributions.CONFUSERS if library.of_kind(kind)), ADULT_NEAR, TELEVISION]


def compose_night(recipe: NightRecipe, library: ClipLibrary) -> Iterator[tuple[FloatArray, NightEvent | None]]:
    """Yield the night's sound in pieces without gaps, each with the event in it, or None for a quiet piece."""
    rng = np.random.default_rng([recipe.seed, recipe.number])
    plan = plan_night(rng, recipe.seconds, list_confusers(library))
    setting = draw_setting(recipe.number, library, rng)
    recorder = _NightRecorder(setting)
    for index, (planned, slot) in enumerate(zip(plan, split_slots(plan, recipe.seconds), strict=True)):
        yield recorder.record_silence(planned.span[0]), None
        event_rng = np.random.default_rng([recipe.seed, recipe.number, index])
        sound, event = compose_event(planned, slot, library, event_rng, setting)
        yield recorder.record(sound), event
    yield recorder.record_silence(recipe.seconds), None


class _NightRecorder:
    """Adds the background to each piece and records it; knows its position in the night."""

    def __init__(self, setting: NightSetting) -> None:
        self._bed = setting.bed
        self._microphone = NightMicrophone(setting.microphone)
        self._position = 0

    def record(self, sound: FloatArray) -> FloatArray:
        """Record the next piece, float32 [n]."""
        bed = np.take(self._bed, np.arange(self._position, self._position + len(sound)), mode="wrap")
        self._position += len(sound)
        return self._microphone.push(sound + bed)

    def record_silence(self, until_s: float) -> FloatArray:
        """Record the background alone up to ``until_s`` of the night."""
        return self.record(np.zeros(round(until_s * SAMPLE_RATE) - self._position, np.float32))

"""Excerpts: parts of clips, drawn one after another with pauses, and rendered as a track."""

from collections.abc import Callable
from dataclasses import dataclass

from edge.records import FloatArray
from training.data.manifest import Clip
from training.synthesis.clip_library import ClipLibrary
from training.synthesis.distributions import Span
from training.synthesis.mixture import (
    FRAME_SAMPLES,
    STEP_SAMPLES,
    Track,
    concatenate,
    crop,
    crop_steps,
    next_position,
    step_sample,
)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A part of a clip at a playing speed."""

    clip: Clip
    speed: float = 1.0
    span: Span | None = None
    """From when to when, seconds of the clip at this speed; None for the whole clip."""

    def samples(self, library: ClipLibrary) -> int:
        """Return its number of samples."""
        count = library.samples(self.clip, self.speed)
        if self.span is None:
            return count
        first, last = crop_steps(*self.span)
        return max(0, min(last * STEP_SAMPLES, count) - first * STEP_SAMPLES)

    def truth(self, library: ClipLibrary) -> FloatArray:
        """Return its truth tracks, float32 [frames, 3]."""
        tracks = library.truth(self.clip, self.speed)
        if self.span is None:
            return tracks
        first, last = crop_steps(*self.span)
        frames = STEP_SAMPLES // FRAME_SAMPLES
        return tracks[first * frames : last * frames]

    def render(self, library: ClipLibrary) -> Track:
        """Return it as a track."""
        whole = library.track(self.clip, self.speed)
        return whole if self.span is None else crop(whole, *self.span)


@dataclass(frozen=True, slots=True)
class ExcerptSequence:
    """Excerpts one after another, each followed by a pause."""

    seconds: float
    """Duration of the rendered track; the last excerpt is cut off there."""
    excerpts: tuple[Excerpt, ...]
    pauses_s: tuple[float, ...]
    start_s: float = 0.0
    """Silence before the first excerpt."""

    @property
    def clips(self) -> tuple[Clip, ...]:
        """The clips in order, with repetitions."""
        return tuple(excerpt.clip for excerpt in self.excerpts)

    def render(self, library: ClipLibrary) -> Track:
        """Return the sequence as a track."""
        layers = (excerpt.render(library) for excerpt in self.excerpts)
        return concatenate(self.seconds, library.classes, layers, self.pauses_s, self.start_s)


def draw_sequence(
    library: ClipLibrary,
    seconds: float,
    draw_excerpt: Callable[[], Excerpt],
    draw_pause_s: Callable[[], float],
    start_s: float = 0.0,
) -> ExcerptSequence:
    """Draw excerpts and pauses until ``seconds`` are full."""
    excerpts: list[Excerpt] = []
    pauses_s: list[float] = []
    position = step_sample(start_s)
    while position < step_sample(seconds):
        excerpts.append(draw_excerpt())
        pauses_s.append(draw_pause_s())
        position = next_position(position, excerpts[-1].samples(library), pauses_s[-1])
    return ExcerptSequence(seconds, tuple(excerpts), tuple(pauses_s), start_s)

"""Segments: long recordings cut into clips of the guideline's length, each its own clip in the store.

Segments are spaced evenly from the first sample to the last and cover the whole recording. They overlap slightly if its
length is not a multiple of the segment's.
"""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

from edge.errors import StorageError
from edge.records import SAMPLE_RATE
from training.data.audio_files import decode, store_audio
from training.labels.clip_media import as_flac
from training.labels.records import PIECE_AT, PIECE_OF, StoredClip
from training.labels.store import LabelStore

_SLACK_S = 0.05
"""Excess length that is not cut, seconds; encoders pad this much."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A clip of the guideline's length, or a part of a longer clip that is not cut yet."""

    clip: StoredClip
    at_s: float | None = None
    """Start of the part, seconds; None for the whole clip."""


def planned_segments(clips: Mapping[str, StoredClip], clip_s: float) -> list[Segment]:
    """Return all clips as segments of ``clip_s`` seconds, each part once."""
    cut = {
        (clip.attributes[PIECE_OF], clip.attributes[PIECE_AT]) for clip in clips.values() if PIECE_OF in clip.attributes
    }
    segments = []
    for clip in clips.values():
        if clip.duration_s <= clip_s + _SLACK_S:
            segments.append(Segment(clip))
        else:
            starts = [at for at in _starts(clip.duration_s, clip_s) if (clip.clip, _format(at)) not in cut]
            segments += [Segment(clip, at) for at in starts]
    return segments


def cut_segments(store: LabelStore, segment: Segment, clip_s: float) -> StoredClip:
    """Return the segment as a clip of the store; a new one is cut and inserted, inside a ``writing`` block."""
    if segment.at_s is None:
        return segment.clip
    start = round(segment.at_s * SAMPLE_RATE)
    samples = decode(store.path(segment.clip))[start : start + round(clip_s * SAMPLE_RATE)]
    content = as_flac(samples)
    clip = replace(
        segment.clip,
        clip=hashlib.sha256(content).hexdigest(),
        suffix=".flac",
        size=len(content),
        duration_s=round(len(samples) / SAMPLE_RATE, 3),
        attributes=MappingProxyType(
            {**segment.clip.attributes, PIECE_OF: segment.clip.clip, PIECE_AT: _format(segment.at_s)}
        ),
    )
    store.insert((clip,), ())
    with TemporaryDirectory() as folder:
        source = Path(folder, "piece.flac")
        try:
            source.write_bytes(content)
            store_audio(source, store.path(clip), clip.clip)
        except OSError as error:
            raise StorageError(f"cannot write a segment of {segment.clip.clip[:12]}: {error.strerror}") from error
    return clip


def _starts(duration_s: float, clip_s: float) -> list[float]:
    count = math.ceil((duration_s - _SLACK_S) / clip_s)
    return [number * (duration_s - clip_s) / (count - 1) for number in range(count)]


def _format(at_s: float) -> str:
    return f"{at_s:.3f}"

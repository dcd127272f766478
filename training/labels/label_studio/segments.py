"""Recordings longer than the guideline listens to, cut into clips of that length: each a clip of its own in the store.

The pieces are spread evenly from the first sample to the last, so that nothing is left out; where the length does not
divide they overlap a little.
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
from training.labels.records import PIECE_AT, PIECE_OF, Clip
from training.labels.store import LabelStore

_SLACK_S = 0.05
"""So much longer is not worth a cut: what encoders pad."""


@dataclass(frozen=True, slots=True)
class Segment:
    """What can be listened to at once: a clip, or a stretch of one that is not cut yet."""

    clip: Clip
    at_s: float | None = None
    """Where the stretch begins; None: the whole clip."""


def planned_segments(clips: Mapping[str, Clip], clip_s: float) -> list[Segment]:
    """Everything in the store at the guideline's length, each stretch once."""
    cut = {
        (clip.attributes[PIECE_OF], clip.attributes[PIECE_AT]) for clip in clips.values() if PIECE_OF in clip.attributes
    }
    found = []
    for clip in clips.values():
        if clip.duration_s <= clip_s + _SLACK_S:
            found.append(Segment(clip))
        else:
            starts = [at for at in _starts(clip.duration_s, clip_s) if (clip.clip, _text(at)) not in cut]
            found += [Segment(clip, at) for at in starts]
    return found


def cut_segments(store: LabelStore, piece: Segment, clip_s: float) -> Clip:
    """The piece as a clip of the store, within its ``writing``."""
    if piece.at_s is None:
        return piece.clip
    start = round(piece.at_s * SAMPLE_RATE)
    samples = decode(store.path(piece.clip))[start : start + round(clip_s * SAMPLE_RATE)]
    content = as_flac(samples)
    clip = replace(
        piece.clip,
        clip=hashlib.sha256(content).hexdigest(),
        suffix=".flac",
        size=len(content),
        duration_s=round(len(samples) / SAMPLE_RATE, 3),
        attributes=MappingProxyType({**piece.clip.attributes, PIECE_OF: piece.clip.clip, PIECE_AT: _text(piece.at_s)}),
    )
    store.insert((clip,), ())
    with TemporaryDirectory() as folder:
        source = Path(folder, "piece.flac")
        try:
            source.write_bytes(content)
            store_audio(source, store.path(clip), clip.clip)
        except OSError as error:
            raise StorageError(f"cannot write a piece of {piece.clip.clip[:12]}: {error.strerror}") from error
    return clip


def _starts(duration_s: float, clip_s: float) -> list[float]:
    count = math.ceil((duration_s - _SLACK_S) / clip_s)
    return [number * (duration_s - clip_s) / (count - 1) for number in range(count)]


def _text(at_s: float) -> str:
    return f"{at_s:.3f}"

"""Clips to listen to in a browser: sound every browser plays, and a picture of what the device computes from it."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib.image
import soundfile
from joblib import Parallel, delayed
from tqdm import tqdm

from edge.features import log_mel
from edge.records import SAMPLE_RATE, FloatArray
from training.labels.audio import decode
from training.labels.files import write_whole
from training.labels.records import Clip
from training.labels.store import LabelStore

_RANGE = 10.0
"""Natural-log units of power from black to white: 43 dB."""
_QUIETEST_WHITE = -6.0
"""The top of the scale goes no lower, else silence would look like sound."""


@dataclass(frozen=True, slots=True)
class Media:
    """One clip beside the page."""

    audio: str
    """Address relative to the page, and so of ``picture``."""
    picture: str


def place(store: LabelStore, clips: Sequence[Clip], folder: Path, jobs: int) -> dict[str, Media]:
    """Write each clip's sound and picture into ``folder``, those that are not there yet; AudioError where it cannot."""
    todo = tqdm(clips, desc="drawing clips", unit="clip", disable=None)
    Parallel(n_jobs=jobs)(delayed(_place)(store.path(clip), clip.clip, folder) for clip in todo)
    return {clip.clip: Media(f"clips/{clip.clip}.flac", f"clips/{clip.clip}.png") for clip in clips}


def _place(source: Path, clip: str, folder: Path) -> None:
    audio, picture = (folder / "clips" / f"{clip}{suffix}" for suffix in (".flac", ".png"))
    if audio.is_file() and picture.is_file():
        return
    samples = decode(source)
    write_whole(audio, as_flac(samples))
    write_whole(picture, spectrogram(samples))


def as_flac(samples: FloatArray) -> bytes:
    """A file of 16 bit, 16 kHz."""
    sound = io.BytesIO()
    soundfile.write(sound, samples, SAMPLE_RATE, "PCM_16", format="FLAC")
    return sound.getvalue()


def spectrogram(samples: FloatArray) -> bytes:
    """PNG of the log-mel, a pixel a frame and band, low bands at the bottom."""
    values = log_mel(samples)
    top = max(float(values.max(initial=_QUIETEST_WHITE)), _QUIETEST_WHITE)
    out = io.BytesIO()
    matplotlib.image.imsave(out, values.T, vmin=top - _RANGE, vmax=top, cmap="magma", origin="lower", format="png")
    return out.getvalue()

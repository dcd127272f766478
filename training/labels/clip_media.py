"""Clips to listen to in a browser: sound every browser plays, and a picture of what the device computes from it."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import matplotlib.image
import numpy as np
import soundfile
from joblib import Parallel, delayed
from tqdm import tqdm

from edge.detection.features import FRAME_STEP_SAMPLES, log_mel
from edge.errors import AudioError
from edge.records import SAMPLE_RATE, FloatArray
from training.data.audio_files import decode_partial
from training.storage.atomic import write_whole

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


def write_media(sources: Mapping[str, Path], folder: Path, jobs: int) -> dict[str, Media]:
    """Write sound and picture of each file into ``folder``, those that are not there yet, under its digest's name.

    Of a damaged file what can be decoded; AudioError where that is nothing.
    """
    todo = tqdm(sources.items(), desc="drawing clips", unit="clip", disable=None)
    Parallel(n_jobs=jobs)(delayed(_place)(path, digest, folder) for digest, path in todo)
    return {digest: Media(f"clips/{digest}.flac", f"clips/{digest}.png") for digest in sources}


def _place(source: Path, digest: str, folder: Path) -> None:
    audio, picture = (folder / "clips" / f"{digest}{suffix}" for suffix in (".flac", ".png"))
    if audio.is_file() and picture.is_file():
        return
    samples, damage = decode_partial(source)
    if not len(samples):
        raise AudioError(damage)
    write_whole(audio, as_flac(samples))
    write_whole(picture, spectrogram(samples))


def as_flac(samples: FloatArray) -> bytes:
    """A file of 16 bit, 16 kHz."""
    sound = io.BytesIO()
    soundfile.write(sound, samples, SAMPLE_RATE, "PCM_16", format="FLAC")
    return sound.getvalue()


def spectrogram(samples: FloatArray) -> bytes:
    """PNG of the log-mel, a pixel a frame and band, low bands at the bottom."""
    values = log_mel(np.pad(samples, (0, max(0, FRAME_STEP_SAMPLES - len(samples)))))
    top = max(float(values.max(initial=_QUIETEST_WHITE)), _QUIETEST_WHITE)
    out = io.BytesIO()
    matplotlib.image.imsave(out, values.T, vmin=top - _RANGE, vmax=top, cmap="magma", origin="lower", format="png")
    return out.getvalue()

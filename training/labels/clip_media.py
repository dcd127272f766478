"""Clips for a web page: FLAC audio, and a PNG of the log-mel spectrogram that the device computes."""

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
"""Range of the color scale, natural-log units of power (43 dB)."""
_QUIETEST_WHITE = -6.0
"""Lowest upper end of the color scale; a lower one would show silence as sound."""


@dataclass(frozen=True, slots=True)
class Media:
    """The files of one clip beside the page."""

    audio: str
    """Path relative to the page, as ``picture``."""
    picture: str


def write_media(sources: Mapping[str, Path], folder: Path, jobs: int) -> dict[str, Media]:
    """Write the missing audio and pictures into ``folder``, named by digest; ``sources`` is digest -> file.

    A damaged file is written as far as it can be decoded; AudioError if no sample of it can.
    """
    todo = tqdm(sources.items(), desc="drawing clips", unit="clip", disable=None)
    Parallel(n_jobs=jobs)(delayed(_write_clip)(path, digest, folder) for digest, path in todo)
    return {digest: Media(f"clips/{digest}.flac", f"clips/{digest}.png") for digest in sources}


def _write_clip(source: Path, digest: str, folder: Path) -> None:
    audio, picture = (folder / "clips" / f"{digest}{suffix}" for suffix in (".flac", ".png"))
    if audio.is_file() and picture.is_file():
        return
    samples, damage = decode_partial(source)
    if not len(samples):
        raise AudioError(damage)
    write_whole(audio, as_flac(samples))
    write_whole(picture, spectrogram(samples))


def as_flac(samples: FloatArray) -> bytes:
    """Return a FLAC file of 16 bits and 16 kHz; ``samples`` is float32 [n]."""
    sound = io.BytesIO()
    soundfile.write(sound, samples, SAMPLE_RATE, "PCM_16", format="FLAC")
    return sound.getvalue()


def spectrogram(samples: FloatArray) -> bytes:
    """Return a PNG of the log-mel: one pixel a frame and band, low bands at the bottom."""
    values = log_mel(np.pad(samples, (0, max(0, FRAME_STEP_SAMPLES - len(samples)))))
    top = max(float(values.max(initial=_QUIETEST_WHITE)), _QUIETEST_WHITE)
    out = io.BytesIO()
    matplotlib.image.imsave(out, values.T, vmin=top - _RANGE, vmax=top, cmap="magma", origin="lower", format="png")
    return out.getvalue()

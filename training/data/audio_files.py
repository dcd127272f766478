"""Audio files by content: fingerprint, decode and copy them."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge.audio.recordings import read
from edge.errors import AudioError
from edge.records import SAMPLE_RATE, FloatArray
from training.storage.atomic import replacing, sync_folder


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The content of an audio file."""

    digest: str
    """SHA-256 (hex) of its bytes."""
    size: int
    """Bytes."""
    duration_s: float


def inspect(path: Path) -> Fingerprint:
    """Decode a file to its end and fingerprint it; AudioError where it is missing, truncated or not audio."""
    duration_s = sum(len(block.samples) for block in read(path)) / SAMPLE_RATE
    content = path.read_bytes()
    return Fingerprint(hashlib.sha256(content).hexdigest(), len(content), round(duration_s, 3))


def decode(path: Path) -> FloatArray:
    """Decode a whole recording, float32 [n], 16 kHz mono; AudioError where it is damaged."""
    return np.concatenate([block.samples for block in read(path)])


def decode_partial(path: Path) -> tuple[FloatArray, str]:
    """Decode a recording up to its damage, float32 [n], 16 kHz mono; also return the damage, or an empty string."""
    blocks: list[FloatArray] = []
    damage = ""
    try:
        blocks.extend(block.samples for block in read(path))
    except AudioError as error:
        damage = str(error)
    return np.concatenate(blocks) if blocks else np.zeros(0, np.float32), damage


def store_audio(source: Path, target: Path, digest: str) -> None:
    """Copy a file to ``target`` atomically, unless it exists; AudioError where its content is not of this digest.

    Only one writer at a time is supported: the caller holds the store's transaction.
    """
    if target.exists():
        return
    content = source.read_bytes()
    if hashlib.sha256(content).hexdigest() != digest:
        raise AudioError(f"{source} changed while it was imported: import it again")
    with replacing(target, target.with_name(target.name + ".part")) as file:
        file.write(content)
    sync_folder(target.parent)

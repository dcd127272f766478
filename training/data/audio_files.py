"""Audio files by content: fingerprinted, read to the end, copied whole or not at all."""

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
    """What a file holds."""

    digest: str
    """SHA-256 (hex) of its bytes."""
    size: int
    """Bytes."""
    duration_s: float


def inspect(path: Path) -> Fingerprint:
    """Read and decode a file to its end; AudioError where it is missing, truncated or not audio."""
    duration_s = sum(len(block.samples) for block in read(path)) / SAMPLE_RATE
    content = path.read_bytes()
    return Fingerprint(hashlib.sha256(content).hexdigest(), len(content), round(duration_s, 3))


def decode(path: Path) -> FloatArray:
    """The whole recording, float32 [n], 16 kHz mono."""
    return np.concatenate([block.samples for block in read(path)])


def decode_partial(path: Path) -> tuple[FloatArray, str]:
    """The sound up to where it is damaged, float32 [n], 16 kHz mono; and how it is damaged, else nothing."""
    blocks: list[FloatArray] = []
    damage = ""
    try:
        blocks.extend(block.samples for block in read(path))
    except AudioError as error:
        damage = str(error)
    return np.concatenate(blocks) if blocks else np.zeros(0, np.float32), damage


def store_audio(source: Path, target: Path, digest: str) -> None:
    """Copy a file to the place its digest names, unless it is there: at any point ``target`` is whole or absent.

    One writer at a time: the caller holds the store's transaction.
    """
    if target.exists():
        return
    content = source.read_bytes()
    if hashlib.sha256(content).hexdigest() != digest:
        raise AudioError(f"{source} changed while it was imported: import it again")
    with replacing(target, target.with_name(target.name + ".part")) as file:
        file.write(content)
    sync_folder(target.parent)

"""The audio cache: all clips decoded once into one memory-mapped file, so that composing does not decode."""

import json
from dataclasses import replace
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from edge.audio.recordings import read
from edge.errors import AudioError
from edge.records import FloatArray
from training.data.manifest import Clip, clips_digest
from training.data.workspace import Workspace
from training.storage.atomic import replacing, write_whole
from training.storage.paths import DataError

_SCALE = 32_767.0


class AudioCache:
    """Decoded audio by clip; ``cache[clip]`` is float32 [n], 16 kHz mono."""

    def __init__(self, samples: npt.NDArray[np.int16], spans: dict[str, tuple[int, int]]) -> None:
        self._samples = samples
        self._spans = spans

    def __getitem__(self, clip: Clip) -> FloatArray:
        start, stop = self._spans[clip.file]
        audio: FloatArray = self._samples[start:stop].astype(np.float32) / np.float32(_SCALE)
        return audio

    def samples(self, clip: Clip) -> int:
        """Return the number of a clip's samples without reading them."""
        start, stop = self._spans[clip.file]
        return stop - start


def open_audio_cache(workspace: Workspace, contents: str | None = None) -> AudioCache:
    """Open the cache in the work folder; decode the clips first if it is missing or holds other clips.

    ``contents`` is the digest of the audio files. With it, a clip of the same name and other audio is another clip.
    DataError names a clip that is not audio.
    """
    folder = workspace.work / "bank"
    index_path, audio_path = folder / "bank.json", folder / "bank.i16"
    wanted = clips_digest([replace(clip, annotations=None) for clip in workspace.clips])
    index = json.loads(index_path.read_text()) if index_path.exists() else {}
    if index.get("clips") != wanted or contents not in (None, index.get("contents")):
        with replacing(audio_path, folder / "partial") as out:
            spans = _decode_all(workspace, out)
            index_path.unlink(missing_ok=True)  # an index must not stand beside other clips' audio
        index = {"clips": wanted, "contents": contents, "spans": spans}
        write_whole(index_path, json.dumps(index))
    return AudioCache(np.memmap(audio_path, np.int16, mode="r"), {file: tuple(s) for file, s in index["spans"].items()})


def _decode_all(workspace: Workspace, out: BinaryIO) -> dict[str, tuple[int, int]]:
    spans, position, short = {}, 0, 0
    for clip in tqdm(workspace.clips, "decode clips", unit="clip"):
        blocks: list[FloatArray] = []
        try:
            blocks.extend(block.samples for block in read(workspace.audio_path(clip)))
        except AudioError as error:  # a phone that dropped packets: the audio before is good
            short += 1
            if not blocks:
                raise DataError(f"clip {clip.file}: {error}") from error
        audio = np.concatenate(blocks)
        out.write((np.clip(audio, -1, 1) * _SCALE).astype(np.int16).tobytes())
        spans[clip.file] = (position, position + len(audio))
        position += len(audio)
    if short:
        tqdm.write(f"{short} clips are shorter than their headers say; their audio up to the damage is used")
    return spans

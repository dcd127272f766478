"""The audio cache: all clips decoded once into one memory-mapped file, so that composing does not decode."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from edge.audio.recordings import read
from edge.errors import AudioError
from edge.records import FloatArray
from training.data.manifest import Clip, clips_digest
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


def open_audio_cache(data: Path, clips: Sequence[Clip], folder: Path, contents: str | None = None) -> AudioCache:
    """Open the cache in ``folder``; decode the clips first if it is missing or holds other clips.

    ``contents`` is the digest of the audio files. With it, a clip of the same name and other audio is another clip.
    DataError names a clip that is not audio.
    """
    folder.mkdir(parents=True, exist_ok=True)
    index_path, audio_path = folder / "bank.json", folder / "bank.i16"
    wanted = clips_digest([replace(clip, annotations=None) for clip in clips])
    index = json.loads(index_path.read_text()) if index_path.exists() else {}
    if index.get("clips") != wanted or contents not in (None, index.get("contents")):
        partial = folder / "partial"
        spans = _decode_all(data, clips, partial)
        index_path.unlink(missing_ok=True)  # an index must not stand beside other clips' audio
        partial.replace(audio_path)
        index = {"clips": wanted, "contents": contents, "spans": spans}
        partial.write_text(json.dumps(index))
        partial.replace(index_path)
    return AudioCache(np.memmap(audio_path, np.int16, mode="r"), {file: tuple(s) for file, s in index["spans"].items()})


def _decode_all(data: Path, clips: Sequence[Clip], audio_path: Path) -> dict[str, tuple[int, int]]:
    spans, position, short = {}, 0, 0
    with audio_path.open("wb") as out:
        for clip in tqdm(clips, "decode clips", unit="clip"):
            blocks: list[FloatArray] = []
            try:
                blocks.extend(block.samples for block in read(data / "clips" / clip.file))
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

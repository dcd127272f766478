"""Recordings as a source: any file that libsndfile reads becomes blocks like those of a microphone."""

import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import soundfile

from edge.audio.resampling import Resampler
from edge.errors import AudioError
from edge.records import SAMPLE_RATE, AudioBlock, FloatArray

BLOCK_SECONDS = 0.5

# libsndfile reads the rest of a truncated file without an error and mentions it in its log only:
# "data : 32000 (should be 16000)", "Data size : ...", "'ds64' chunk of 32000".
SHORTER_THAN_HEADER = re.compile(r":\s*(\d+) \(should be (\d+)\)|frame count (\d+) does not match .* of (\d+)")

# Programs that write to a pipe do not know the length and write the maximum (arecord 2 GiB, ffmpeg 4 GiB - 1).
LENGTH_UNKNOWN = 0x7FFF_0000


class ForwardSoundFile(soundfile.SoundFile):  # type: ignore[misc] # soundfile ships no types
    """A sound file that is read from start to end.

    After every read, soundfile seeks to the current position. The MP3 decoder loses its state over that and drops
    sound at each block, so the file claims not to be seekable.
    """

    def seekable(self) -> bool:
        """Return False."""
        return False


def read(path: Path) -> Iterator[AudioBlock]:
    """Yield the recording as 16 kHz mono blocks of about half a second, read on demand.

    Any sample rate is resampled, channels are averaged, and float samples beyond full scale are clipped to -1..1, as a
    converter does. Raise AudioError, one line, for a file that is missing, empty, not audio or truncated, or contains
    NaN or infinite samples. The sound before a damaged place is yielded first.
    """
    with _open(path) as file:
        if file.frames == 0:
            raise AudioError(f"cannot read {path}: it has no sound (zero samples)")
        resampler = Resampler(file.samplerate)
        position = 0
        read_frames = 0
        while read_frames < file.frames:
            frames = _next_frames(path, file, read_frames)
            read_frames += len(frames)
            samples = resampler.push(frames)
            if len(samples):
                yield AudioBlock(samples, start_sample=position)
                position += len(samples)
        tail = resampler.finish()
        if len(tail):
            yield AudioBlock(tail, start_sample=position)
        if _is_shorter_than_header(file.extra_info):
            seconds = read_frames / file.samplerate
            raise AudioError(f"{path} is truncated: its header announces more than the {seconds:.1f} s in it")


def real_time(
    blocks: Iterator[AudioBlock],
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], bool | None] = time.sleep,
) -> Iterator[AudioBlock]:
    """Yield each block at the time at which a microphone would: after its last sample.

    ``pause`` waits for a number of seconds and may return True to end early, such as ``stop.wait`` of a
    threading.Event.
    """
    started_s = clock()
    for block in blocks:
        end_s = started_s + (block.start_sample + len(block.samples)) / SAMPLE_RATE
        if pause(max(0.0, end_s - clock())):
            return
        yield block


def _open(path: Path) -> ForwardSoundFile:
    try:
        empty = not _first_byte(path)
    except OSError as error:
        raise AudioError(f"cannot read {path}: {error.strerror}") from None
    if empty:
        raise AudioError(f"cannot read {path}: the file is empty")
    if path.suffix.lower() == ".raw":
        raise AudioError(f"cannot read {path}: raw samples have no header; convert them to WAV or FLAC")
    try:
        return ForwardSoundFile(os.fsencode(path))  # as str, it fails for names that are not UTF-8
    except soundfile.LibsndfileError as error:
        raise AudioError(
            f"cannot read {path}: not audio that libsndfile knows ({error.error_string}): convert it to WAV or FLAC"
        ) from None


def _first_byte(path: Path) -> bytes:
    if path.exists() and not path.is_file():  # opening a pipe would block until its writer comes
        raise AudioError(f"cannot read {path}: not a file" + (" but a folder" if path.is_dir() else ""))
    with path.open("rb") as file:
        return file.read(1)


def _next_frames(path: Path, file: ForwardSoundFile, read_frames: int) -> FloatArray:
    position_s = read_frames / file.samplerate
    wanted = min(max(1, round(file.samplerate * BLOCK_SECONDS)), file.frames - read_frames)
    try:
        frames: FloatArray = file.read(wanted, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError:
        raise AudioError(f"{path} is damaged or truncated: it cannot be decoded after {position_s:.1f} s") from None
    if len(frames) == 0:
        raise AudioError(f"{path} is truncated: it ends at {position_s:.1f} s of {file.frames / file.samplerate:.1f} s")
    if not np.isfinite(frames).all():
        raise AudioError(
            f"{path} contains NaN or infinite samples after {position_s:.1f} s; write it again as 16-bit PCM"
        )
    return frames


def _is_shorter_than_header(libsndfile_log: str) -> bool:
    for match in SHORTER_THAN_HEADER.finditer(libsndfile_log):
        header_size, size, count, header_count = (int(group or 0) for group in match.groups())
        if size < header_size < LENGTH_UNKNOWN or count < header_count < LENGTH_UNKNOWN:
            return True
    return False

"""Recordings as a source: any file libsndfile reads becomes the blocks a microphone would have given."""

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

# libsndfile reads what is left of a truncated file without complaint and only notes it in its log:
# "data : 32000 (should be 16000)", "Data size : ...", "'ds64' chunk of 32000".
SHORTER_THAN_SAID = re.compile(r":\s*(\d+) \(should be (\d+)\)|frame count (\d+) does not match .* of (\d+)")

# Programs that write to a pipe cannot know the length and say "as long as can be" (arecord 2 GiB, ffmpeg 4 GiB - 1).
LENGTH_UNKNOWN = 0x7FFF_0000


class ForwardSoundFile(soundfile.SoundFile):  # type: ignore[misc] # soundfile ships no types
    """A sound file read from front to back.

    soundfile seeks after every read to where it already is. The MP3 decoder forgets its state over that and drops
    sound at each block, so the file is declared to have nowhere to seek to.
    """

    def seekable(self) -> bool:
        """Never."""
        return False


def read(path: Path) -> Iterator[AudioBlock]:
    """The recording as 16 kHz mono blocks of about half a second, read as they are asked for.

    Any sample rate; channels are averaged; float samples beyond full scale are clipped to -1..1, as a converter would.
    Raises AudioError, one line, for what is missing, empty, not audio, truncated, or holds NaN or infinite samples;
    the sound before a damaged place is yielded first.
    """
    with _open(path) as file:
        if file.frames == 0:
            raise AudioError(f"cannot read {path}: it holds no sound (zero samples)")
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
        if _shorter_than_said(file.extra_info):
            seconds = read_frames / file.samplerate
            raise AudioError(f"{path} is truncated: its header promises more than the {seconds:.1f} s it holds")


def real_time(
    blocks: Iterator[AudioBlock],
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], bool | None] = time.sleep,
) -> Iterator[AudioBlock]:
    """The blocks, each handed on when a microphone would have: once its last sample has been heard.

    ``pause`` waits for some seconds and may answer True to end early; give ``stop.wait`` of a threading.Event.
    """
    started_s = clock()
    for block in blocks:
        heard_s = started_s + (block.start_sample + len(block.samples)) / SAMPLE_RATE
        if pause(max(0.0, heard_s - clock())):
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
        return ForwardSoundFile(os.fsencode(path))  # as text, it fails on names that are none
    except soundfile.LibsndfileError as error:
        raise AudioError(
            f"cannot read {path}: not audio that libsndfile knows ({error.error_string}): convert it to WAV or FLAC"
        ) from None


def _first_byte(path: Path) -> bytes:
    if path.exists() and not path.is_file():  # opening a pipe would wait for its writer
        raise AudioError(f"cannot read {path}: not a file" + (" but a folder" if path.is_dir() else ""))
    with path.open("rb") as file:
        return file.read(1)


def _next_frames(path: Path, file: ForwardSoundFile, read_frames: int) -> FloatArray:
    where_s = read_frames / file.samplerate
    wanted = min(max(1, round(file.samplerate * BLOCK_SECONDS)), file.frames - read_frames)
    try:
        frames: FloatArray = file.read(wanted, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError:
        raise AudioError(f"{path} is damaged or truncated: it cannot be decoded after {where_s:.1f} s") from None
    if len(frames) == 0:
        raise AudioError(f"{path} is truncated: it ends at {where_s:.1f} s of {file.frames / file.samplerate:.1f} s")
    if not np.isfinite(frames).all():
        raise AudioError(f"{path} holds NaN or infinite samples after {where_s:.1f} s; write it again as 16-bit PCM")
    return frames


def _shorter_than_said(libsndfile_log: str) -> bool:
    for match in SHORTER_THAN_SAID.finditer(libsndfile_log):
        size_said, size, count, count_said = (int(group or 0) for group in match.groups())
        if size < size_said < LENGTH_UNKNOWN or count < count_said < LENGTH_UNKNOWN:
            return True
    return False

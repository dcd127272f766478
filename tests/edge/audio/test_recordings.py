"""Recordings: files that libsndfile reads become 16 kHz mono, and other files one error line."""

import os
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.audio.recordings import BLOCK_SECONDS, read, real_time
from edge.errors import AudioError
from edge.records import SAMPLE_RATE, AudioBlock, FloatArray

FORMATS = [
    ("wav", "PCM_U8"),
    ("wav", "PCM_16"),
    ("wav", "PCM_24"),
    ("wav", "FLOAT"),
    ("wav", "DOUBLE"),
    ("wav", "ULAW"),
    ("flac", "PCM_16"),
    ("ogg", "VORBIS"),
    ("ogg", "OPUS"),
    ("mp3", "MPEG_LAYER_III"),
    ("aiff", "PCM_16"),
    ("au", "PCM_16"),
    ("caf", "PCM_16"),
    ("w64", "PCM_16"),
    ("rf64", "PCM_16"),
]


def tone(seconds: float, rate: int, hertz: float = 440.0, amplitude: float = 0.5) -> FloatArray:
    return (amplitude * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def write(path: Path, samples: FloatArray, rate: int, subtype: str = "PCM_16") -> Path:
    soundfile.write(path, samples, rate, format=path.suffix[1:], subtype=subtype)
    return path


def read_all(path: Path) -> FloatArray:
    return np.concatenate([np.zeros(0, np.float32), *(block.samples for block in read(path))])


def until_error(path: Path) -> tuple[float, str]:
    """Return the seconds of sound before the AudioError, and its text."""
    heard = 0
    try:
        for block in read(path):
            heard += len(block.samples)
    except AudioError as error:
        line = str(error)
        assert "\n" not in line
        assert str(path) in line
        return heard / SAMPLE_RATE, line
    pytest.fail(f"{path} was read to its end")


@pytest.mark.parametrize(("suffix", "subtype"), FORMATS)
def test_every_format_gives_the_same_sound(tmp_path: Path, suffix: str, subtype: str) -> None:
    stereo = np.stack([tone(2.0, 48_000)] * 2, axis=1)

    heard = read_all(write(tmp_path / f"tone.{suffix}", stereo, 48_000, subtype))

    assert len(heard) == pytest.approx(2 * SAMPLE_RATE, abs=0.1 * SAMPLE_RATE)  # MP3 pads to whole frames
    steady = heard[SAMPLE_RATE // 2 : -SAMPLE_RATE // 2]
    assert float(np.sqrt(np.mean(steady**2))) == pytest.approx(0.5 / np.sqrt(2), rel=0.03)
    spectrum = np.abs(np.fft.rfft(steady * np.hanning(len(steady))))
    assert np.argmax(spectrum) * SAMPLE_RATE / len(steady) == pytest.approx(440, abs=1.0)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rate=st.one_of(st.sampled_from([8000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000]), st.integers(4000, 96_000)),
    channels=st.integers(1, 6),
    length=st.one_of(st.integers(1, 200), st.integers(1, 100_000)),
    amplitude=st.floats(0.0, 4.0),
    seed=st.integers(0, 2**32 - 1),
)
def test_duration_is_kept_and_values_are_bounded(
    tmp_path: Path, *, rate: int, channels: int, length: int, amplitude: float, seed: int
) -> None:
    frames = np.random.default_rng(seed).uniform(-amplitude, amplitude, (length, channels)).astype(np.float32)
    path = write(tmp_path / "noise.wav", frames, rate, "FLOAT")

    blocks = list(read(path))

    position = 0
    for block in blocks:
        assert block.start_sample == position
        assert block.lost_before == 0
        assert 0 < len(block.samples) <= (BLOCK_SECONDS + 0.5) * SAMPLE_RATE
        assert block.samples.dtype == np.float32
        assert not block.samples.flags.writeable
        assert np.abs(block.samples).max() <= 1.0
        position += len(block.samples)
    assert position == pytest.approx(length * SAMPLE_RATE / rate, abs=1.0)


@pytest.mark.parametrize(("suffix", "subtype"), FORMATS)
def test_reading_in_blocks_equals_reading_at_once(tmp_path: Path, suffix: str, subtype: str) -> None:
    sound = np.random.default_rng(1).uniform(-0.5, 0.5, 3 * SAMPLE_RATE).astype(np.float32)
    path = write(tmp_path / f"noise.{suffix}", sound, SAMPLE_RATE, subtype)

    at_once, _ = soundfile.read(path, dtype="float32")

    np.testing.assert_allclose(read_all(path), np.clip(at_once, -1, 1), atol=1e-6)


def test_streaming_resampling_has_no_seams(tmp_path: Path) -> None:
    heard = read_all(write(tmp_path / "tone.wav", tone(3.0, 44_100), 44_100, "FLOAT"))

    inner = slice(SAMPLE_RATE // 4, -SAMPLE_RATE // 4)
    assert np.abs(heard - tone(3.0, SAMPLE_RATE))[inner].max() < 1e-3


def test_sound_above_8_khz_does_not_alias(tmp_path: Path) -> None:
    heard = read_all(write(tmp_path / "tone.wav", tone(1.0, 48_000, hertz=11_000), 48_000, "FLOAT"))

    assert np.abs(heard[1600:-1600]).max() < 1e-3


def test_sixteen_khz_mono_passes_untouched(tmp_path: Path) -> None:
    samples = tone(1.3, SAMPLE_RATE)

    np.testing.assert_array_equal(read_all(write(tmp_path / "tone.wav", samples, SAMPLE_RATE, "FLOAT")), samples)


def test_channels_are_averaged(tmp_path: Path) -> None:
    frames = np.stack([tone(1.0, SAMPLE_RATE), np.zeros(SAMPLE_RATE, np.float32)], axis=1)

    heard = read_all(write(tmp_path / "left.wav", frames, SAMPLE_RATE, "FLOAT"))

    np.testing.assert_allclose(heard, frames[:, 0] / 2, atol=1e-6)


def test_a_long_file_is_read_on_demand(tmp_path: Path) -> None:
    path = tmp_path / "night.wav"
    with soundfile.SoundFile(path, "w", 8000, 1, "PCM_16") as file:
        for _ in range(60):
            file.write(np.zeros(8000 * 60, np.int16))

    first = next(read(path))

    assert len(first.samples) < SAMPLE_RATE


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("missing.wav", None, "No such file"),
        ("empty.wav", b"", "the file is empty"),
        ("text.wav", b"dear parents, " * 50, "not audio"),
        ("one_byte.flac", b"f", "not audio"),
        ("samples.raw", bytes(32_000), "no header"),
    ],
)
def test_a_file_without_audio_is_one_line(tmp_path: Path, name: str, content: bytes | None, says: str) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)

    heard_s, line = until_error(path)

    assert heard_s == 0
    assert says in line


def test_a_name_that_is_not_utf_8_is_read(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"b\xff.wav")
    soundfile.write(os.fsencode(path), np.zeros(SAMPLE_RATE), SAMPLE_RATE)
    assert sum(len(block.samples) for block in read(path)) == SAMPLE_RATE


def test_a_folder_is_rejected(tmp_path: Path) -> None:
    assert "a folder" in until_error(tmp_path)[1]


def test_a_name_too_long_for_any_file_is_rejected(tmp_path: Path) -> None:
    assert "File name too long" in until_error(tmp_path / ("a" * 300))[1]


def test_a_pipe_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "pipe.wav"
    os.mkfifo(path)

    assert "not a file" in until_error(path)[1]


def test_a_file_with_zero_samples_is_rejected(tmp_path: Path) -> None:
    assert "no sound" in until_error(write(tmp_path / "nothing.wav", np.zeros(0, np.float32), SAMPLE_RATE))[1]


@pytest.mark.parametrize(
    ("suffix", "subtype"),
    [("wav", "PCM_16"), ("wav", "FLOAT"), ("flac", "PCM_16"), ("aiff", "PCM_16"), ("au", "PCM_16"), ("rf64", "PCM_16")],
)
def test_a_truncated_file_gives_its_sound_and_then_an_error(tmp_path: Path, suffix: str, subtype: str) -> None:
    path = write(tmp_path / f"cut.{suffix}", tone(6.0, 44_100), 44_100, subtype)
    os.truncate(path, path.stat().st_size // 2)

    heard_s, line = until_error(path)

    assert 1.9 < heard_s < 4.0
    assert "truncated" in line


@pytest.mark.parametrize("length", [0x7FFF_FFFF, 0xFFFF_FFFF])
def test_a_recording_from_a_pipe_has_no_length_in_its_header(tmp_path: Path, length: int) -> None:
    path = write(tmp_path / "piped.wav", tone(1.0, SAMPLE_RATE), SAMPLE_RATE)
    content = bytearray(path.read_bytes())
    content[4:8] = content[40:44] = struct.pack("<I", length)
    path.write_bytes(content)

    assert len(read_all(path)) == SAMPLE_RATE


def test_damage_in_the_middle_is_reported_with_its_position(tmp_path: Path) -> None:
    path = write(tmp_path / "damaged.flac", tone(6.0, 44_100), 44_100)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle:] = bytes(len(content) - middle)
    path.write_bytes(content)

    heard_s, line = until_error(path)

    assert 1.9 < heard_s < 4.0
    assert "damaged" in line


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_samples_that_are_not_finite_are_rejected(tmp_path: Path, value: float) -> None:
    samples = tone(2.0, SAMPLE_RATE)
    samples[SAMPLE_RATE + 7] = value

    heard_s, line = until_error(write(tmp_path / "nan.wav", samples, SAMPLE_RATE, "FLOAT"))

    assert heard_s == 1.0
    assert "NaN" in line


class Clock:
    """Manual clock that advances by each pause."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s

    def pause(self, seconds: float) -> bool:
        self.now_s += seconds
        return False


def blocks(count: int) -> Iterator[AudioBlock]:
    for index in range(count):
        yield AudioBlock(np.zeros(8000, np.float32), start_sample=8000 * index)


def test_real_time_yields_a_block_after_its_last_sample() -> None:
    clock = Clock()

    heard_s = [clock() - 100.0 for _ in real_time(blocks(4), clock, clock.pause)]

    assert heard_s == pytest.approx([0.5, 1.0, 1.5, 2.0])


def test_real_time_catches_up_after_a_slow_consumer() -> None:
    clock = Clock()
    heard_s = []

    for block in real_time(blocks(4), clock, clock.pause):
        heard_s.append(clock() - 100.0)
        if block.start_sample == 0:
            clock.pause(1.2)

    assert heard_s == pytest.approx([0.5, 1.7, 1.7, 2.0])


def test_real_time_ends_when_the_pause_returns_true() -> None:
    assert list(real_time(blocks(4), Clock(), lambda _: True)) == []

"""A data folder like the real one, synthesized: few clips, every kind, three splits, both teachers.

The voices are the demo's, so that the distress rule finds in them what it would find in an infant; the teachers hear
what was put in.
"""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

from edge.demo import adult, infant
from edge.records import SAMPLE_RATE, FloatArray
from training.data.manifest import MANIFEST_COLUMNS, Clip
from training.data.tagger_scores import CRY_CLASSES, MN04_WINDOW_S, YAMNET_HOP_S, YAMNET_WINDOW_S
from training.synthesis import soothing_sounds
from training.synthesis.room_acoustics import Generator, band_limit

YAMNET_CLASSES = (*CRY_CLASSES, "Speech", "Music")
MN04_CLASSES = ("Speech", *CRY_CLASSES)
"""In another order than YAMNet's, as in the real file."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A kind of clip: how it sounds and what the teachers hear in it."""

    source: str
    kind: str
    make: Callable[[Generator], FloatArray]
    cry: float = 0.01
    """Both teachers' score of "Baby cry, infant cry"."""
    speech: float = 0.01
    splits: Sequence[str] = ("train", "dev", "test")


def _crying(rng: Generator) -> FloatArray:
    return infant.synthesize_crying(8.0, rng)


def _fussing(rng: Generator) -> FloatArray:
    return infant.synthesize_fussing(8.0, rng)


def _speech(rng: Generator) -> FloatArray:
    return np.concatenate([adult.synthesize_phrase(phrase, rng) for phrase in adult.PHRASES])


def _singing(rng: Generator) -> FloatArray:
    return soothing_sounds.lullaby(rng, 5.0)


def _music(rng: Generator) -> FloatArray:
    time_s = np.arange(5 * SAMPLE_RATE) / SAMPLE_RATE
    notes = rng.choice([262, 330, 392, 523], 10).repeat(SAMPLE_RATE // 2)
    return np.sin(2 * np.pi * notes * time_s).astype(np.float32)


def _noise(low_hz: float, high_hz: float) -> Callable[[Generator], FloatArray]:
    def make(rng: Generator) -> FloatArray:
        return band_limit(rng.standard_normal(5 * SAMPLE_RATE).astype(np.float32), low_hz, high_hz)

    return make


SOUNDS = (
    Sound("donateacry", "infant", _crying, cry=0.9),
    Sound("donateacry", "infant", _fussing, cry=0.3),
    Sound("donateacry", "infant", _noise(100, 3_000)),  # the phone heard no infant at all
    Sound("donateacry", "infant", _crying, cry=0.9, speech=0.9),  # an adult may be in it
    Sound("librispeech", "adult_speech", _speech, speech=0.9),
    Sound("mirdata", "singing", _singing, splits=("train", "dev")),  # the real test split has no singing either
    Sound("speechocean762", "child_speech", _speech, speech=0.8),
    Sound("esc", "human", _noise(200, 6_000)),
    Sound("catmeows", "animal", _fussing),
    Sound("esc", "animal", _noise(500, 2_000)),
    Sound("ovos", "household", _noise(50, 7_500)),
    Sound("moodist", "ambience", _noise(50, 1_000)),
    Sound("librosa", "music", _music),
    Sound("speechbrain", "rir", lambda rng: _noise(50, 7_500)(rng)[:SAMPLE_RATE], splits=("train",)),
)


def make(folder: Path) -> Path:
    """The folder, with manifest.csv, clips/ and teacher_scores.npz in it."""
    made = [
        (sound, _write(folder, sound, split, number)) for number, sound in enumerate(SOUNDS) for split in sound.splits
    ]
    clips = [clip for _, clip in made]
    write_manifest(folder, clips)
    _write_teachers(folder, made)
    return folder


def write_manifest(folder: Path, clips: Sequence[Clip]) -> None:
    """``manifest.csv`` with these rows."""
    with (folder / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(MANIFEST_COLUMNS)
        writer.writerows([getattr(clip, column) for column in MANIFEST_COLUMNS] for clip in clips)


def _write(folder: Path, sound: Sound, split: str, number: int) -> Clip:
    rng = np.random.default_rng([number, len(split), split == "dev"])
    samples = sound.make(rng)
    samples = samples * np.float32(0.3 / np.abs(samples).max())
    samples += rng.normal(0, 3e-4, len(samples)).astype(np.float32)
    file = f"{sound.source}/{number:02d}-{split}.{'ogg' if number % 2 else 'flac'}"
    path = folder / "clips" / file
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, SAMPLE_RATE)
    group = f"{sound.source}:{number}-{split}"
    return Clip(file, sound.source, group, sound.kind, "made up", "CC0", round(len(samples) / SAMPLE_RATE, 3), split)


def _write_teachers(folder: Path, made: Sequence[tuple[Sound, Clip]]) -> None:
    yamnet = _scores(made, YAMNET_CLASSES, YAMNET_WINDOW_S, YAMNET_HOP_S)
    mn04 = _scores(made, MN04_CLASSES, MN04_WINDOW_S, 1.0)
    np.savez(
        folder / "teacher_scores.npz",
        files=np.array([clip.file for _, clip in made]),
        yamnet_classes=np.array(YAMNET_CLASSES),
        mn04_classes=np.array(MN04_CLASSES),
        yamnet_file=yamnet.file,
        yamnet_start_s=yamnet.start_s,
        yamnet_scores=yamnet.scores,
        mn04_file=mn04.file,
        mn04_start_s=mn04.start_s,
        mn04_scores=mn04.scores,
    )


@dataclass(frozen=True, slots=True)
class Windows:
    """What one teacher heard in all clips."""

    file: npt.NDArray[np.int32]
    start_s: FloatArray
    scores: npt.NDArray[np.float16]
    """[windows, classes]."""


def _scores(made: Sequence[tuple[Sound, Clip]], classes: Sequence[str], window_s: float, hop_s: float) -> Windows:
    """Every whole window of every clip, the clips in order."""
    files, starts, rows = [], [], []
    for number, (sound, clip) in enumerate(made):
        heard = {"Baby cry, infant cry": sound.cry, "Speech": sound.speech, "Music": 0.9 * (sound.kind == "music")}
        row = [heard.get(name, 0.0) for name in classes]
        for start_s in np.arange(0, clip.duration_s - window_s, hop_s):
            files.append(number)
            starts.append(start_s)
            rows.append(row)
    return Windows(np.array(files, np.int32), np.array(starts, np.float32), np.array(rows, np.float16))

"""Throughput of one core, step by step, and an extrapolation to many clips and devices.

Steps are measured in processor time of one thread, so that a busy machine slows the measurement but hardly changes it.
The second table is arithmetic on the first.
"""

import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

import label_schema
from edge.audio.recordings import read
from edge.detection import features
from edge.detection.classifier import WINDOW_FRAMES, Classifier
from edge.errors import AudioError
from edge.records import SAMPLE_RATE, WINDOW_SAMPLES, FloatArray
from training.data.manifest import Clip
from training.data.tagger_scores import load_tagger_scores
from training.data.workspace import Workspace
from training.evaluation.streaming import run_pipeline
from training.labels.weak_labels import find_distress
from training.rendering import markdown_table
from training.synthesis import nights
from training.synthesis.clip_library import ClipLibrary
from training.synthesis.feature_shards import open_library
from training.synthesis.scenes import SCENE_S, compose_scene

CLIP_S = WINDOW_SAMPLES / SAMPLE_RATE
SPLIT = "test"
CORES = 100
"""Cores of the table's imagined cluster."""
_ROW_S = 60

_Thing = TypeVar("_Thing")


@dataclass(frozen=True, slots=True)
class StepRate:
    """One heavy step on one core."""

    step: str
    audio_s: float
    """Seconds of audio processed."""
    cpu_s: float
    """Processor time, seconds."""

    def core_hours(self, clips: int) -> float:
        """Return the core hours for a number of 5 s clips."""
        return clips * CLIP_S * self.cpu_s / self.audio_s / 3_600


@dataclass(frozen=True, slots=True)
class Fleet:
    """Assumed numbers of clips, devices and people's time; none is measured."""

    clips: int
    devices: int
    shared_a_week: float
    """Clips that the parents of one device share in a week, on average."""
    listen_s: float
    """Time for one person to label one clip, seconds."""


def measure(workspace: Workspace, model: Path, seconds: float) -> list[StepRate]:
    """Measure every heavy step, each for ``seconds`` of processor time."""
    library = open_library(workspace, SPLIT)
    mine = [clip for clip in workspace.clips_of(SPLIT) if clip.kind != "rir"]
    infants = [clip for clip in mine if clip.kind == "infant"]
    teachers = load_tagger_scores(workspace.data)
    classifier = Classifier.load(model, label_schema.load())

    def weak_label(clip: Clip) -> float:
        find_distress(library.audio(clip), teachers.clips[clip.file], library.guideline)
        return clip.duration_s

    def listen(sound: FloatArray) -> float:
        run_pipeline(classifier, sound)
        return len(sound) / SAMPLE_RATE

    return [
        _rate("decode clips", seconds, lambda clip: _decode(workspace.audio_path(clip)), mine),
        _rate("weak labels of infants' clips", seconds, weak_label, infants),
        _rate("compose scenes, with features", seconds, lambda seed: _scene(library, seed), itertools.count()),
        _rate("listen with the shipped model", seconds, listen, _row(library, mine)),
        _rate("compose nights and listen to them", seconds, listen, _night(library)),
    ]


def clip_bytes(workspace: Workspace) -> float:
    """Return the mean size of a 5 s clip in the data folder's format, bytes."""
    stored = sum(workspace.audio_path(clip).stat().st_size for clip in workspace.clips)
    return stored / sum(clip.duration_s for clip in workspace.clips) * CLIP_S


def as_text(rates: Sequence[StepRate], fleet: Fleet, clip_bytes: float, model_bytes: int) -> str:
    """Format tables in Markdown: measured rates, then what they mean for the fleet's clips and devices."""
    return "\n\n".join(
        [
            _rates_table(rates, fleet),
            _clips_table(fleet, clip_bytes),
            _devices_table(rates, fleet, clip_bytes, model_bytes),
        ]
    )


def _rates_table(rates: Sequence[StepRate], fleet: Fleet) -> str:
    clips = f"{fleet.clips:,} clips, one core"
    rows = [
        [
            rate.step,
            f"{rate.audio_s / rate.cpu_s:,.0f}",
            f"{rate.core_hours(fleet.clips):,.1f} h",
            f"{60 * rate.core_hours(fleet.clips) / CORES:,.0f} min",
        ]
        for rate in rates
    ]
    return markdown_table(["step", "seconds of sound a second, one core", clips, f"{CORES} cores"], rows)


def _clips_table(fleet: Fleet, clip_bytes: float) -> str:
    frames_kb = WINDOW_FRAMES * features.MELS * 2 / 1_000
    decoded_bytes = 2 * WINDOW_SAMPLES
    rows = [
        [f"as they are kept, {clip_bytes / 1_000:.0f} kB each", f"{fleet.clips * clip_bytes / 1e9:,.0f} GB"],
        [f"decoded in the bank, {decoded_bytes / 1_000:.0f} kB each", f"{fleet.clips * decoded_bytes / 1e9:,.0f} GB"],
        [f"as features, {frames_kb:.0f} kB each", f"{fleet.clips * frames_kb / 1e6:,.0f} GB"],
        [f"heard once by a person, {fleet.listen_s:g} s each", f"{fleet.clips * fleet.listen_s / 3_600:,.0f} h"],
    ]
    return markdown_table([f"{fleet.clips:,} clips of {CLIP_S:.0f} s", ""], rows)


def _devices_table(rates: Sequence[StepRate], fleet: Fleet, clip_bytes: float, model_bytes: int) -> str:
    arriving = fleet.devices * fleet.shared_a_week / 7
    label_h = arriving * fleet.listen_s / 3_600
    preparation = 60 * arriving * sum(rate.core_hours(1) for rate in rates[:3])
    rows = [
        ["clips that come in", f"{arriving:,.0f} a day, {arriving * clip_bytes / 1e9:.2f} GB a day"],
        ["weak labels and features of a day's clips", f"{preparation:,.0f} minutes of one core"],
        [f"a day's clips heard by people, {fleet.listen_s:g} s each", f"{label_h:,.0f} h a day"],
        ["one in a hundred of them", f"{label_h * 60 / 100:,.0f} minutes a day"],
        [f"a new model to all, {model_bytes / 1e6:.2f} MB each", f"{fleet.devices * model_bytes / 1e9:,.1f} GB"],
        ["sound, scores and alerts that leave a home otherwise", "none"],
    ]
    return markdown_table([f"{fleet.devices:,} speakers, {fleet.shared_a_week:g} clips shared a week each", ""], rows)


def _rate(step: str, seconds: float, work: Callable[[_Thing], float], things: Iterable[_Thing]) -> StepRate:
    """Measure until the time or the things are used up; ``work`` returns seconds of audio."""
    began, audio_s = time.thread_time(), 0.0
    for thing in things:
        audio_s += work(thing)
        if time.thread_time() - began >= seconds:
            break
    return StepRate(step, audio_s, time.thread_time() - began)


def _decode(path: Path) -> float:
    samples = 0
    with suppress(AudioError):  # cut short: the part decoded before counts, as in the audio cache
        samples = sum(len(block.samples) for block in read(path))
    return samples / SAMPLE_RATE


def _scene(library: ClipLibrary, seed: int) -> float:
    features.log_mel(compose_scene(library, np.random.default_rng(seed)).audio)
    return SCENE_S


def _row(library: ClipLibrary, clips: Sequence[Clip]) -> Iterator[FloatArray]:
    """Yield all clips one after another, a minute at a time; a minute is long enough for the model to run."""
    sound = np.concatenate([library.audio(clip) for clip in clips])
    while True:
        for start in range(0, len(sound), _ROW_S * SAMPLE_RATE):
            yield sound[start : start + _ROW_S * SAMPLE_RATE]


def _night(library: ClipLibrary) -> Iterator[FloatArray]:
    for number in itertools.count():
        for sound, _ in nights.compose_night(nights.NightRecipe(SPLIT, 0, number, 3_600.0), library):
            yield sound
